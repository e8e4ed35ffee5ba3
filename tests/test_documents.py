"""The documents for operators: links lead somewhere, limits are all there, and what they tell to run works."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from pathlib import Path

import pytest
from databases import migrate
from sites import COMMAND, ROOT

from explorer.settings import Settings

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
DOCKER = """\
#!/bin/sh
echo "$*" >> "$LOG"
case "$1 $2" in
  "compose exec")
    shift 3
    for argument; do
      shift
      set -- "$@" "$(echo "$argument" | sed "s,^/data,$EXPLORER_DATA,")"
    done
    exec "$@" ;;
  "compose cp") cp -r "$EXPLORER_DATA/${3#site:/data/}" "$4" ;;
esac
"""
"""A docker that has the container `site`, whose /data is EXPLORER_DATA, and writes down what it is asked for."""


def anchors(text: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def dead(document: Path) -> list[str]:
    """The links of a document that lead to no file or heading here; those to other hosts are not followed."""
    found = []
    for link in LINK.findall(re.sub(r"```.*?```|`[^`\n]*`", "", document.read_text(), flags=re.S)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (anchor and anchor not in anchors(target.read_text())):
            found.append(link)
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_link_is_dead(document: Path):
    assert list(dead(document)) == []


def test_a_dead_link_is_found(tmp_path: Path):
    (tmp_path / "there.md").write_text("# A title, twice\n")
    links = ("there.md", "there.md#a-title-twice", "there.md#gone", "gone.md", "#mine", "https://elsewhere.example/")
    (tmp_path / "page.md").write_text("# Mine\n\n" + " ".join(f"[x]({link})" for link in links))
    assert dead(tmp_path / "page.md") == ["there.md#gone", "gone.md"]


def recipe(document: str, first: str) -> str:
    """The one block of commands in a document that has a line."""
    (block,) = [b for b in re.findall(r"^```sh\n(.*?)^```", (ROOT / document).read_text(), re.M | re.S) if first in b]
    return block


def run(block: str, folder: Path, data: Path) -> tuple[int, list[str]]:
    """Run commands in a folder, and return their status and what docker and git were asked for."""
    programs, log = folder / "programs", folder / "log"
    programs.mkdir(exist_ok=True)
    for name, text in (("docker", DOCKER), ("git", '#!/bin/sh\necho "git $*" >> "$LOG"\n')):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    log.unlink(missing_ok=True)
    path = f"{programs}:{COMMAND.parent}:{os.environ['PATH']}"
    own = os.environ | {"PATH": path, "LOG": str(log), "EXPLORER_DATA": str(data)}
    done = subprocess.run(["bash", "-c", block], cwd=folder, env=own, capture_output=True, text=True, check=False)
    return done.returncode, log.read_text().splitlines()


def test_an_upgrade_has_its_backup_and_leaves_nothing_in_the_way_of_the_next(tmp_path: Path):
    data = tmp_path / "data"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{data / 'explorer.db'}"))
    block = recipe("docs/hosting.md", "docker tag explorer explorer:before")
    status, asked = run(block, tmp_path, data)
    assert (status, asked[-2:]) == (0, ["git pull", "compose up --detach --build --wait"])
    (kept,) = (tmp_path / "backups").iterdir()
    assert re.fullmatch(r"before-\d{4}-\d\d-\d\d-\d{4}\.zip", kept.name)
    assert list(data.glob("*.zip")) == []
    status, asked = run(block, tmp_path, tmp_path / "away")
    assert status == 1
    assert not {"git pull", "compose up --detach --build --wait"} & set(asked), "no backup, no upgrade"


def test_what_the_recipes_write_is_in_no_commit_and_no_image():
    folders = {"backups", "data", "hosting"}
    for name in (".gitignore", ".dockerignore"):
        lines = {line.strip("/") for line in (ROOT / name).read_text().splitlines()}
        assert folders - lines == set(), name
    written = re.findall(r"(?:cp [^\n]*|> )\b(\w+)/", (ROOT / "docs" / "hosting.md").read_text())
    assert set(written) == {"backups", "hosting"}


def test_nginx_lets_through_what_the_site_would_take():
    [megabytes] = re.findall(r"client_max_body_size (\d+)m;", (ROOT / "docs" / "hosting" / "nginx.conf").read_text())
    largest = Settings(try_body_limit=1024**2)
    assert max(largest.body_limit(path) for path in ("/", "/admin/topics/x")) < int(megabytes) * 1024**2
    assert f"lets bodies of {megabytes} MB through" in (ROOT / "docs" / "hosting.md").read_text()


def test_each_setting_of_a_limit_is_in_the_table_of_limits():
    text = (ROOT / "docs" / "limits.md").read_text()
    rows = {name for row in re.findall(r"^\|.*$", text, re.M) for name in re.findall(r"`([A-Z_]+)`", row)}
    settings = {name.upper() for name in Settings.model_fields}
    assert rows - settings == set()
    numbers = {name.upper() for name, field in Settings.model_fields.items() if field.annotation in (int, float)}
    assert numbers - rows == {"PORT", "WORKERS", "METRICS_PORT"}

"""CONTRIBUTING.md and SECURITY.md: the topic that the first one has the reader write passes, what both name exists."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from admins import FEW, few_topics
from sites import ROOT, Run

CONTRIBUTING, SECURITY = ((ROOT / name).read_text() for name in ("CONTRIBUTING.md", "SECURITY.md"))
FILE = re.compile(r"^   `(content/topics/[^`]+)`\n\n   (`{3,4})(?:python|toml|markdown)\n(.*?)^   \2$", re.M | re.S)
"""A file that the reader is to write: its name, then a fence with its content, in a list."""


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A content folder after the steps up to the check."""
    folder = tmp_path_factory.mktemp("contributing")
    few_topics(folder, FEW[:1])
    files = FILE.findall(CONTRIBUTING)
    assert [name.rpartition("/")[2] for name, _, _ in files] == ["app.py", "app.py", "topic.toml", "topic.md"]
    for name, _, text in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(textwrap.dedent(text))
    return folder / "content"


def test_the_topic_that_is_written_step_by_step_passes(explorer: Run, content: Path):
    (command,) = re.findall(r"^   \.venv/bin/explorer (check .+)$", CONTRIBUTING, re.M)
    done = explorer(*command.split(), content=content)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"It says `{done.stdout.rstrip()}`" in CONTRIBUTING


def test_an_expectation_that_is_changed_is_found(explorer: Run, content: Path):
    file = content / "topics" / "item-numbers" / "topic.toml"
    text = file.read_text()
    file.write_text(text.replace('{"item_id": 7}', '{"item_id": 8}'))
    done = explorer("check", "item-numbers", content=content)
    file.write_text(text)
    assert done.returncode == 1
    assert "content/topics/item-numbers/topic.toml:" in done.stderr


@pytest.mark.parametrize("text", [CONTRIBUTING, SECURITY], ids=["contributing", "security"])
def test_files_and_make_targets_that_are_named_exist(text: str):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"make ([a-z]+)\b(?=`|\s+#)", text)) <= targets
    links = {link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link and ":" not in link}
    assert [link for link in links if not (ROOT / link).is_file()] == []
    paths = re.findall(r"`((?:tests/)?test_[\w*]+\.py|\.ci/run|content/topics/query-parameters)`", text)
    assert [path for path in paths if not list((ROOT / "tests" if path.startswith("test_") else ROOT).glob(path))] == []

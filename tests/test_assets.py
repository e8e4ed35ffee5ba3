"""Our own scripts and styles reach the browser small, and as they are while somebody edits them."""

from __future__ import annotations

import posixpath
import re
import shutil
from pathlib import Path

import pytest
from httpx2 import Response
from sites import ROOT, SLUGS, Site

from explorer.assets import load_assets

FIRST_VISIT = 90_000
"""Bytes on the wire, with heads and fonts, for whoever opens a topic first of all."""
LOADED = re.compile(r'<(?:link|script)[^>]* (?:href|src)="(/static/[^"]+)"')
NAMED = re.compile(r'asset\("((?:css|js)/[^"]+)"\)')


@pytest.fixture(scope="module")
def named() -> set[str]:
    """The files that templates name, but the one that runs before the first paint."""
    texts = [path.read_text() for path in (ROOT / "templates").rglob("*.html")]
    return {name for text in texts for name in NAMED.findall(text)} - {"js/early.js"}


def test_each_file_of_a_page_is_made_small(named: set[str]):
    assets = load_assets(ROOT / "static")
    assert assets.bundled
    assert len(named) > 15
    for name in named:
        assert assets.path(name).endswith(f"/vendor/{name}"), name


def test_an_edited_script_is_served_as_it_is(named: set[str], tmp_path: Path):
    static = Path(shutil.copytree(ROOT / "static", tmp_path / "static"))
    with (static / "js" / "say.js").open("a") as file:
        file.write("// edited\n")
    assets = load_assets(static)
    assert not assets.bundled
    for name in named:
        assert assets.path(name).endswith(f"{assets.version}/{name}"), name


def test_what_these_files_load_is_there(named: set[str]):
    assets = load_assets(ROOT / "static")
    for name in named:
        text = assets.files[f"vendor/{name}"].body().decode()
        for wanted in re.findall(r'(?:(?:from|import)\s*"|url\()(\.[^")]+)', text):
            assert posixpath.normpath(f"vendor/{posixpath.dirname(name)}/{wanted}") in assets.files, (name, wanted)


def test_a_first_visit_to_a_topic_is_small(site: Site):
    def wire(answer: Response) -> int:
        head = sum(len(name) + len(value) + 4 for name, value in answer.headers.multi_items())
        return head + int(answer.headers["content-length"])

    def get(path: str) -> Response:
        return site.get(path, headers={"accept-encoding": "br"})

    pages = {slug: get(f"/topics/{slug}") for slug in SLUGS}
    files = {slug: LOADED.findall(page.text) for slug, page in pages.items()}
    sizes = {file: wire(get(file)) for file in {file for named in files.values() for file in named}}
    weights = {slug: wire(page) + sum(sizes[file] for file in files[slug]) for slug, page in pages.items()}

    assert {name.rpartition("/")[2] for name in sizes} >= {
        "site.css",
        "topic.js",
        "htmx.min.js",
        "jetbrains-mono.woff2",
    }
    assert {slug: weight for slug, weight in weights.items() if weight >= FIRST_VISIT} == {}
    assert max(weights.values()) > FIRST_VISIT / 2

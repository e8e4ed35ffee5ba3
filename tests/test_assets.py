"""Our own scripts and styles reach the browser small, and as they are while somebody edits them."""

from __future__ import annotations

import posixpath
import re
import shutil
from pathlib import Path

import pytest
from sites import ROOT

from explorer.assets import load_assets

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

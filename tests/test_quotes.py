"""Quotes of a demo: whole consecutive lines at any indentation, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.quotes import find_quote, focus_lines
from explorer.topics import CodeFile, Side, Variant

APP = """import os

@app.get("/a")
def first() -> str:
    if os:
        return "a"
    return "b"


class Second:
    x = 1"""
PAGE = "<p>\n  <b>hi</b>\n</p>"


@pytest.fixture
def variant() -> Variant:
    side = Side("left", "Left", "Le", "wsgi", "left", "https://left.example/", 1)
    return Variant("left", side, "Left", Path(), (CodeFile("app.py", APP), CodeFile("templates/index.html", PAGE)))


@pytest.mark.parametrize(
    ("quote", "place"),
    [
        ('@app.get("/a")\ndef first() -> str:\n', ("app.py", 3, 4, "lines 3 to 4", "left-3")),
        ('if os:\n    return "a"', ("app.py", 5, 6, "lines 5 to 6", "left-5")),
        ('        return "a"   \n    return "b"\n', ("app.py", 6, 7, "lines 6 to 7", "left-6")),
        ("    x = 1", ("app.py", 11, 11, "line 11", "left-11")),
        ("\n\nimport os\n\n", ("app.py", 1, 1, "line 1", "left-1")),
        ("<b>hi</b>", ("templates/index.html", 2, 2, "line 2", "left-templates-index-html-2")),
    ],
)
def test_a_quote_is_found_where_it_stands(variant: Variant, quote: str, place: tuple[str, int, int, str, str]):
    found = find_quote(variant, quote)
    assert found
    assert (found.file.path, found.first, found.last, found.label, found.anchor) == place


@pytest.mark.parametrize(
    "quote",
    [
        "def first()",  # part of a line
        'return "a"\nreturn "b"',  # another indentation
        'import os\n@app.get("/a")',  # the empty line left out
        "x = 2",
        "",
        "\n \n",
    ],
)
def test_what_does_not_stand_there_is_not_found(variant: Variant, quote: str):
    assert find_quote(variant, quote) is None


def test_the_function_in_focus_comes_with_its_decorators(variant: Variant):
    found = focus_lines(variant, ["other", "first"])
    assert found
    assert (found.first, found.last) == (3, 7)
    assert focus_lines(variant, ["Second"])
    assert focus_lines(variant, ["third"]) is None


@pytest.mark.parametrize("source", ["def (", "x = 1\0"])
def test_code_that_does_not_parse_has_no_function(variant: Variant, source: str):
    broken = Variant(variant.id, variant.side, variant.title, variant.folder, (CodeFile("app.py", source),))
    assert focus_lines(broken, ["first"]) is None
    assert find_quote(broken, source) is not None

"""Highlighted code and bodies: colours are added, nothing of the text is."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.highlight import BODY_LIMITS, body_lines, code_lines, language_of, third_party_names

TAG = re.compile(r"<(/?)(\w+)((?: [\w-]+=\"[^\"]*\")*)>")
many = settings(max_examples=300, deadline=None, derandomize=True, database=None)
# pygments takes a carriage return for a line's end and a byte order mark away
text = st.text(st.characters(exclude_characters="\r\ufeff", exclude_categories=["Cs"]), max_size=200)
markup = st.text(st.sampled_from("<>&\"'/=-! aZ{}[]:,1\n\\%"), max_size=200)


def plain(html: str) -> str:
    return unescape(TAG.sub("", html))


def tags(html: str) -> set[str]:
    return {name for _, name, _ in TAG.findall(html)}


@many
@given(source=text | markup, language=st.sampled_from(["json", "html", "text"]))
def test_a_body_keeps_its_text(source: str, language: str):
    html = body_lines(source, language)
    assert plain(html) == source + "\n"
    assert "<" not in TAG.sub("", html)
    assert tags(html) == {"span"}


@many
@given(source=text | markup, language=st.sampled_from(["python", "html", "toml", "css", "no such language"]))
def test_code_keeps_its_text(source: str, language: str):
    html = code_lines(source, language, prefix="left", names={"a"})
    assert plain(html) == source + "\n"
    assert re.findall(r'<span class="l" id="left-(\d+)"', html) == [str(n) for n in range(1, source.count("\n") + 2)]


def test_tokens_have_their_classes():
    html = code_lines('@app.get("/a")\ndef go():\n    return 1 # b', "python", names={"app"})
    assert html == (
        '<span class="l"><span class="f">@app</span><span class="f">.</span><span class="f">get</span>'
        '<span class="p">(</span><span class="s">&#34;</span><span class="s">/a</span><span class="s">&#34;</span>'
        '<span class="p">)</span>\n</span>'
        '<span class="l"><span class="k">def</span> <span class="d">go</span><span class="p">(</span>'
        '<span class="p">)</span><span class="p">:</span>\n</span>'
        '<span class="l">    <span class="k">return</span> <span class="n">1</span> <span class="c"># b</span>\n</span>'
    )


def test_lines_that_differ_and_notes_are_marked():
    assert body_lines("a\nb\nc", "text", {1}) == (
        '<span class="y">a\n</span><span class="x">b\n</span><span class="y">c\n</span>'
    )
    html = code_lines("a\nb", "text", prefix="left", notes={2: (3, True)})
    pin = '<i aria-hidden="true">3</i>'
    assert html == f'<span class="l" id="left-1">a\n</span><span class="l" id="left-2" data-n="3">b{pin}\n</span>'


def test_an_excerpt_counts_from_its_first_line():
    assert re.findall(r'data-line="(\d+)"', code_lines("a\nb", "text", first=7)) == ["7", "8"]
    assert "data-line" not in code_lines("a\nb", "text")


def test_a_long_body_has_no_colours():
    short, long = '{"a": 1}', '{"a": "' + "x" * BODY_LIMITS["json"] + '"}'
    assert '<span class="n">1</span>' in body_lines(short, "json")
    assert body_lines(long, "json").count("<span") == 1


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import flask", {"flask"}),
        ("import flask.views as v", {"flask", "v"}),
        ("from fastapi import FastAPI, Query as Q", {"fastapi", "FastAPI", "Q"}),
        ("import json\nfrom os import path", set()),
        ("from . import x", set()),
        ("def (", set()),
        ("x = 1\0", set()),
    ],
)
def test_names_from_outside_the_standard_library(source: str, names: set[str]):
    assert third_party_names(source) == names


@pytest.mark.parametrize(
    ("name", "language"),
    [("app.py", "python"), ("templates/index.html", "html"), ("a.toml", "toml"), ("a.unknown", "text")],
)
def test_the_language_follows_the_name(name: str, language: str):
    assert language_of(name) == language

"""Words to HTML: raw HTML is text, hostile links stay words, links to topics are resolved or complained about."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.errors import Complaint
from explorer.rendering import Markdown, slugify

TAGS = {
    *("a", "p", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "hr", "br", "s", "img"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
    *("div", "figure", "span"),
}
ATTRIBUTES = {"href", "rel", "title", "class", "tabindex", "role", "aria-label", "start", "src", "alt"}


def render(source: str) -> tuple[str, list[Complaint]]:
    markdown = Markdown(lambda path: f"/prefix{path}", ["known-topic"])
    complaints: list[Complaint] = []
    text = markdown.text(None, "home.toml", 1, {}, [], complaints)
    return str(markdown.html(markdown.parse(source), text)), complaints


@pytest.mark.parametrize(
    ("source", "lead", "words"),
    [
        ("[Flask answers](scenario:a).", "", "Flask answers"),
        ("It is long. [Flask **never** answers](scenario:a).", "", "Flask never answers"),
        ("First.\nUsing `a.b`, [Flask\nanswers](scenario:a), always.", "Using `a.b`,", "Flask answers"),
        ("(It was so.) [It is](scenario:a).", "", "It is"),
        ("With a server (e.g. gunicorn) [it is](scenario:a).", "With a server (e.g. gunicorn)", "it is"),
        ('After `print("a. b")`, [it is](scenario:a).', 'After `print("a. b")`,', "it is"),
        ("[One side](scenario:a), and *the* [other](scenario:a).", "One side, and the", "other"),
    ],
)
def test_a_claim_is_told_with_what_its_sentence_says_before_it(source: str, lead: str, words: str):
    markdown = Markdown(lambda path: path, [])
    text = markdown.text(None, "topic.md", 1, {}, [], [])
    markdown.html(markdown.parse(source), text)
    assert (text.claims[-1].lead, text.claims[-1].text) == (lead, words)


class Elements(HTMLParser):
    """Every element of some HTML with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize(
    "source",
    ["<script>alert(1)</script>", "a <b onclick=x>b</b>", "<!-- c -->", "<style>x</style>", "<img src=x onerror=y>"],
)
def test_raw_html_is_text(source: str):
    html, _ = render(source)
    assert [tag for tag, _ in Elements(html).found] in (["p"], [])
    assert source.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in html


@pytest.mark.parametrize(
    "address",
    [
        *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd"),
        *("//evil.example/", "blob:https://x", "view-source:https://x", "\\\\evil.example", "x:y", "relative/path"),
        *("&#106;avascript:alert(1)", "java\tscript:x"),
    ],
)
def test_a_hostile_link_stays_words(address: str):
    for source in (f"[words]({address})", f"<{address}>", f"[words]: {address}\n\n[words]", f"![words]({address})"):
        html, _ = render(source)
        assert [tag for tag, attributes in Elements(html).found if {"href", "src"} & set(attributes)] == []


@pytest.mark.parametrize(
    ("source", "attributes"),
    [
        ("[a](https://example.org/)", {"href": "https://example.org/", "rel": "noopener noreferrer"}),
        ("<http://example.org>", {"href": "http://example.org", "rel": "noopener noreferrer"}),
        ("[a](mailto:a@example.org)", {"href": "mailto:a@example.org"}),
        ("[a](/claims)", {"href": "/claims"}),
        ("[a](#part)", {"href": "#part"}),
        ("[a](../known-topic/topic.md)", {"href": "/prefix/topics/known-topic"}),
        ("[a](../known-topic/topic.md#note-2)", {"href": "/prefix/topics/known-topic#note-2"}),
    ],
)
def test_a_harmless_link_is_one(source: str, attributes: dict[str, str]):
    html, complaints = render(source)
    assert Elements(html).found == [("p", {}), ("a", attributes)]
    assert complaints == []


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("One.\n\nSee [a](../unknown/topic.md).", 3, "the link ../unknown/topic.md leads to no topic."),
        ("| a |\n|---|\n| b |\n| [c](../unknown/topic.md) |", 4, "the link ../unknown/topic.md leads to no topic."),
        ("One.\n\n```python\ndef (\n```", 3, "this Python does not compile: "),
    ],
)
def test_a_mistake_is_told_with_its_line(source: str, line: int, message: str):
    _, (complaint,) = render(source)
    assert (complaint.file, complaint.line) == ("content/home.toml", line)
    assert complaint.message.startswith(message)


def test_a_table_has_no_inline_style():
    html, _ = render("| a | b |\n|:--|--:|\n| c | d |")
    assert "<table>" in html
    assert "style=" not in html


def test_a_fence_is_highlighted_in_a_figure():
    html, complaints = render("```python\nx = 1\n```")
    assert html.startswith(
        '<figure class="code-block"><pre class="code" tabindex="0" role="group" aria-label="python">'
    )
    assert '<span class="n">1</span>' in html
    assert complaints == []


PIECES = (
    *("<", ">", "[", "]", "(", ")", "](", "!", "`", "```", "*", "_", "|", "\n", "\n\n", "#", "- ", ":", "\t", "x"),
    *("javascript:", "//", "https://", "data:", "<script>", "onclick=", "&", "&#106;", '"', "'", "\\"),
    "../known-topic/topic.md",
)
words = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=40).map("".join)


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(source=words)
def test_whatever_is_written_nothing_but_harmless_elements_comes_out(source: str):
    for tag, attributes in Elements(render(source)[0]).found:
        assert tag in TAGS
        assert set(attributes) <= ATTRIBUTES
        for address in (attributes.get("href"), attributes.get("src")):
            assert address is None or re.match(r"https?://|mailto:|/(?!/)|#|$", address, re.IGNORECASE)


def test_the_reader_of_elements_sees_what_is_not_harmless():
    ((tag, attributes),) = Elements('<script src="x" onload="y">').found
    assert (tag in TAGS, set(attributes) <= ATTRIBUTES) == (False, False)


@pytest.mark.parametrize(("title", "anchor"), [("What differs", "what-differs"), ("It's 5.0, no?", "it-s-5-0-no")])
def test_a_heading_has_an_anchor(title: str, anchor: str):
    assert slugify(title) == anchor

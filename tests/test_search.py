"""Search: every word must be there, titles come before headings and headings before code."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sites import Site

from explorer.search import HIT_LIMIT, SearchIndex

KINDS = ["topic", "heading", "code"]


@pytest.fixture(scope="module")
def index(site: Site) -> SearchIndex:
    return site.state.live.current.search


@pytest.mark.parametrize("query", ["query parameters", "QUERY Parameters", "parameters   query"])
def test_a_title_is_found_by_its_words_in_any_case_and_order(index: SearchIndex, query: str):
    assert index.search(query)[0].url == "/topics/query-parameters"


@pytest.mark.parametrize("query", ["a", "e", "json", "return", "t"])
def test_titles_come_before_headings_before_code(index: SearchIndex, query: str):
    order = [KINDS.index(hit.kind) for hit in index.search(query, 1000)]
    assert order == sorted(order)
    assert len(order) > 1


def test_a_word_of_the_summary_or_idiom_finds_the_topic_after_those_named_so(index: SearchIndex):
    kinds = [(hit.kind, hit.url) for hit in index.search("request.args", 1000)]
    assert ("topic", "/topics/query-parameters") in kinds
    assert any(kind == "code" for kind, _ in kinds)


def test_a_line_of_code_leads_to_the_line_and_its_side(index: SearchIndex):
    (hit, *_) = [hit for hit in index.search('request.args["department"]') if hit.kind == "code"]
    assert hit.url.startswith("/topics/query-parameters#flask-")
    assert hit.context == f"Query parameters, line {hit.url.rpartition('-')[2]}"
    assert (hit.side and hit.side.id, hit.mark) == ("flask", None)


def test_a_topic_has_its_mark_and_no_side(index: SearchIndex):
    hit = index.search("query parameters")[0]
    assert (hit.side, hit.mark) == (None, "different")


def test_a_hit_holds_every_word(index: SearchIndex):
    assert index.search("query zzzz") == ()
    for hit in index.search("return json", 1000):
        if hit.kind == "code":
            assert {"return", "json"} <= {part for part in ("return", "json") if part in hit.title.striptags().lower()}


def test_the_number_of_hits_is_limited(index: SearchIndex):
    assert len(index.search("e")) == HIT_LIMIT
    assert len(index.search("e", 3)) == 3


def test_words_are_marked_and_the_rest_is_escaped(index: SearchIndex):
    assert index.search("query parameters")[0].title == "<mark>Query</mark> <mark>parameters</mark>"
    for hit in index.search("<", 1000):
        assert "<" not in hit.title.replace("<mark>", "").replace("</mark>", "")


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(query=st.text(max_size=120) | st.text(st.sampled_from("()[]*+?.\\|^$ae "), max_size=20))
def test_whatever_is_asked_is_answered(index: SearchIndex, query: str):
    hits = index.search(query)
    assert len(hits) <= HIT_LIMIT
    assert hits == () or query[:100].split()


@pytest.mark.parametrize(
    ("query", "said", "shown"),
    [
        ("flask", "The best 30 of many places that match “flask”.", 30),
        ("flask flask_cors", "1 place matches “flask flask_cors”.", 1),
        ("zzqqx", "Nothing matches “zzqqx”.", 0),
    ],
)
def test_the_page_says_whether_there_is_more_than_it_shows(site: Site, query: str, said: str, shown: int):
    page = site.get("/search", params={"q": query}).text

    assert said in page
    hits = page.partition('<ol class="hits">')[2].partition("</ol>")[0]
    assert hits.count("<li>") == shown

"""What the next catalog takes over: everything a change of words does not touch, and nothing that it does.

And that all of it is made before a reader asks for it, but for what cannot be made.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sites import Site, Unhandled

from explorer.catalog import Catalog
from explorer.content import Content
from explorer.demos.library import Library
from explorer.topics import Topic


@pytest.fixture(scope="module")
def catalog(site: Site) -> Catalog:
    catalog = site.state.live.current
    for path in catalog.pages:
        assert catalog.pages[path]
    return catalog


def with_topic(content: Content, slug: str, **words: object) -> Content:
    topics = tuple(replace(topic, **words) if topic.slug == slug else topic for topic in content.topics)
    return replace(content, topics=topics)


def kept(before: Catalog, after: Catalog) -> set[str]:
    return {path for path, page in after.pages.made().items() if page is before.pages.ready(path)}


def test_a_page_is_made_once(catalog: Catalog):
    assert catalog.pages["/topics/hello-world"] is catalog.pages["/topics/hello-world"]
    assert catalog.pages.ready("/topics/hello-world") is catalog.pages["/topics/hello-world"]


def test_a_path_without_a_page_is_none(catalog: Catalog):
    assert "/topics/nothing" not in catalog.pages
    assert catalog.pages.ready("/topics/nothing") is None
    with pytest.raises(KeyError):
        catalog.pages["/topics/nothing"]


def test_other_words_cost_their_topic_and_the_claims(catalog: Catalog):
    context = catalog.context("cors")
    after = catalog.replaced(with_topic(catalog.content, "hello-world", takeaway="Other words."))
    assert kept(catalog, after) == set(catalog.pages) - {
        "/topics/hello-world",
        "/claims/hello-world",
        "/claims",
        "/checklist",
        "/checklist.md",
    }
    page = after.pages["/topics/hello-world"].body().decode()
    assert "Other words." in page
    assert "Other words." not in catalog.pages["/topics/hello-world"].body().decode()
    assert after.context("cors") is context


def test_another_title_is_on_every_page(catalog: Catalog):
    after = catalog.replaced(with_topic(catalog.content, "hello-world", title="The first program"))
    assert kept(catalog, after) == set()
    for path in ("/", "/topics/cors", "/matrix", "/claims"):
        assert "The first program" in after.pages[path].body().decode(), path
    assert after.words("cors") is catalog.words("cors"), "its own words are still right"


def test_a_topic_that_goes_leaves_every_page(catalog: Catalog):
    topics: tuple[Topic, ...] = tuple(t for t in catalog.content.topics if t.slug != "cors")
    after = catalog.replaced(replace(catalog.content, topics=topics))
    assert "/topics/cors" not in after.pages
    assert kept(catalog, after) == set()
    assert 'href="/topics/cors"' not in after.pages["/topics/hello-world"].body().decode()


def test_the_search_follows_the_words(catalog: Catalog):
    after = catalog.replaced(with_topic(catalog.content, "hello-world", takeaway="Xylophones differ."))
    assert [hit.url for hit in after.search.search("xylophones")] == ["/topics/hello-world"]
    assert catalog.search.search("xylophones") == ()


def unmade(catalog: Catalog) -> set[str]:
    search = set() if "search" in vars(catalog) else {"search"}
    return set(catalog.warm) - set(catalog.pages.made()) | search


def test_a_page_that_cannot_be_made_costs_its_own_place(
    make_site: Callable[..., Site],
    hostile_content: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    unhandled: Unhandled,
):
    def fail(*_: object) -> None:
        raise RuntimeError("no errata today")

    monkeypatch.setattr("explorer.catalog.build_errata", fail)
    site = make_site(content=hostile_content, warm=True)
    catalog = site.state.live.current
    deadline = time.monotonic() + 60
    while unmade(catalog) != {"/errata"} and time.monotonic() < deadline:
        time.sleep(0.02)
    assert unmade(catalog) == {"/errata"}
    assert [record.getMessage() for record in caplog.records if record.exc_info] == ["/errata cannot be made"]
    assert list(catalog.pages).index("/errata") < len(catalog.pages) - 1, "nothing would come after it"
    assert (site.get("/errata").status_code, site.get("/matrix").status_code) == (500, 200)
    assert [message.splitlines()[-1] for message in unhandled.messages] == ["RuntimeError: no errata today"]
    unhandled.messages.clear()


def test_what_nobody_asked_for_is_made_only_where_that_is_wanted(
    make_site: Callable[..., Site], hostile_content: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr("explorer.app.WARM", 0.02)
    cold, warm = (make_site(content=hostile_content, cache=tmp_path / str(on), warm=on) for on in (False, True))
    deadline = time.monotonic() + 60
    while unmade(warm.state.live.current) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert unmade(warm.state.live.current) == set()
    catalog = cold.state.live.current
    assert unmade(catalog) == {*catalog.warm, "search"}


def test_demos_that_cannot_be_loaded_stop_no_other_and_no_later_catalog(
    make_site: Callable[..., Site],
    hostile_content: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    tried: list[str] = []

    async def fail(library: Library, topic: Topic) -> bool:
        tried.append(topic.slug)
        raise RuntimeError("no demos today")

    monkeypatch.setattr(Library, "load", fail)
    monkeypatch.setattr("explorer.app.WARM", 0.02)
    site = make_site(content=hostile_content, warm=True)
    live, slugs = site.state.live, [topic.slug for topic in site.state.live.current.content.topics]

    def all_tried(times: int) -> None:
        deadline = time.monotonic() + 60
        while len(tried) < times * len(slugs) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert tried == slugs * times

    all_tried(1)
    live.replace(live.current.replaced(live.current.content))
    all_tried(2)
    assert [r.message for r in caplog.records if r.exc_info] == [f"the demos of {s} cannot be loaded" for s in tried]

"""Words that are saved go live here at once and in other processes soon; no page depends on the database."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from databases import Postgres
from sites import SLUGS, Site
from sqlalchemy import delete, text, update

from explorer import revisions
from explorer.catalog import Catalog, LiveCatalog
from explorer.content.wording import with_wording
from explorer.database import Database
from explorer.models import Revision, State
from explorer.publisher import Publisher
from explorer.revisions import SECTIONS
from explorer.topics import Topic
from explorer.wording import Wording

TOPIC = "hello-world"


@pytest.fixture
def shipped(site: Site) -> Catalog:
    return site.state.live.current


async def started(database: Database, shipped: Catalog) -> Publisher:
    """A process of its own on the database, as far as publishing goes."""
    live = LiveCatalog()
    live.replace(shipped)
    publisher = Publisher(database, live)
    await publisher.start()
    return publisher


def page(publisher: Publisher, slug: str = TOPIC) -> str:
    return publisher.live.current.pages[f"/topics/{slug}"].body().decode()


async def shows(publisher: Publisher, sentence: str) -> None:
    """Wait until a page that somebody else published is there; where it never comes the run ends by its own limit."""
    while sentence not in page(publisher):  # noqa: ASYNC110 -- another process tells nobody
        await asyncio.sleep(0.02)


def reworded(publisher: Publisher, sentence: str, slug: str = TOPIC) -> Wording:
    return replace(publisher.wordings[slug], takeaway=sentence)


async def save(
    publisher: Publisher, words: Wording, based_on: int = 0, state: State = "published", slug: str = TOPIC
) -> Revision:
    shipped = publisher.wordings.get(slug)
    return await publisher.save(
        slug, words, author="ada", why="Why not.", based_on=based_on, state=state, shipped=shipped
    )


@pytest.mark.anyio
async def test_what_is_published_is_live_when_the_save_returns(database: Database, shipped: Catalog):
    publisher = await started(database, shipped)
    assert publisher.live.current is shipped, "without edits the shipped catalog stays"
    await save(publisher, reworded(publisher, "A sentence by Ada."))
    assert "A sentence by Ada." in page(publisher)
    await save(publisher, publisher.wordings[TOPIC], 1)
    assert page(publisher) == shipped.pages[f"/topics/{TOPIC}"].body().decode()


@pytest.mark.anyio
async def test_a_draft_changes_no_page(database: Database, shipped: Catalog):
    publisher = await started(database, shipped)
    await save(publisher, reworded(publisher, "Half a sentence."), state="draft")
    await publisher.refresh()
    assert publisher.live.current is shipped


@pytest.mark.anyio
async def test_an_archived_topic_is_gone_and_comes_back(database: Database, shipped: Catalog):
    publisher = await started(database, shipped)
    await save(publisher, publisher.wordings[TOPIC], state="archived")
    assert f"/topics/{TOPIC}" not in publisher.live.current.pages
    await save(publisher, publisher.wordings[TOPIC], 1)
    assert page(publisher) == shipped.pages[f"/topics/{TOPIC}"].body().decode()


@pytest.mark.anyio
async def test_a_topic_of_the_admin_is_a_page_of_words(database: Database, shipped: Catalog):
    publisher = await started(database, shipped)
    words = Wording("# Editions\n\nWhich one.\n\n## How to tell\n\nAsk.\n", "Take either.", "start", 25)
    await save(publisher, words, slug="editions")
    assert "How to tell" in page(publisher, "editions")
    order = [topic.slug for topic in publisher.live.current.content.topics]
    assert order.index("hello-world") < order.index("editions") < order.index("installation")
    assert 'href="/topics/editions"' in page(publisher)


@pytest.mark.anyio
async def test_another_process_takes_it_over(database: Database, shipped: Catalog):
    here = await started(database, shipped)
    there = Database(database.url.render_as_string(hide_password=False))
    try:
        other = await started(there, shipped)
        watching = asyncio.create_task(other.watch())
        await save(here, reworded(here, "From the first process."))
        await shows(other, "From the first process.")
        await save(here, reworded(here, "Nobody sees this."), 1, "draft")
        await save(here, reworded(here, "And once more."), 2)
        await shows(other, "And once more.")
        watching.cancel()
        late = await started(there, shipped)
        assert "And once more." in page(late), "a start puts the edits on top"
    finally:
        await there.close()


@pytest.mark.anyio
async def test_words_that_this_version_cannot_show_leave_the_shipped_ones(database: Database, shipped: Catalog):
    publisher = await started(database, shipped)
    await save(publisher, replace(publisher.wordings[TOPIC], section="cellar"))
    assert "section 'cellar' does not exist" in publisher.unreadable[TOPIC]
    assert page(publisher) == shipped.pages[f"/topics/{TOPIC}"].body().decode()
    await save(publisher, reworded(publisher, "Readable."), 1)
    assert publisher.unreadable == {}


@pytest.mark.anyio
@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
async def test_rows_that_only_a_hand_can_have_written_stop_nothing_else(
    database: Database, shipped: Catalog, caplog: pytest.LogCaptureFixture
):
    publisher = await started(database, shipped)
    for slug in (TOPIC, "testing"):
        await save(publisher, reworded(publisher, "Not shown.", slug), slug=slug)
    async with database.writing() as session:
        await session.execute(text(f"UPDATE revisions SET state = 'live' WHERE topic = '{TOPIC}'"))
        await session.execute(text("UPDATE revisions SET saved_at = 'today' WHERE topic = 'testing'"))
    late = await started(database, shipped)
    await save(late, reworded(late, "Published after them.", "cors"), slug="cors")
    assert "Published after them." in page(late, "cors")
    assert page(late) == shipped.pages[f"/topics/{TOPIC}"].body().decode()
    told = [record.message for record in caplog.records if "cannot be read, what its topic showed" in record.message]
    assert [line.partition(" cannot")[0] for line in told] == [f"the revision with id {number}" for number in (1, 2)]


def failing_at(slug: str) -> Callable[..., Topic]:
    """What puts words into a topic, but fails at one."""

    def put(topic: Topic, *others: Any) -> Topic:
        if topic.slug == slug:
            raise RuntimeError
        return with_wording(topic, *others)

    return put


@pytest.mark.anyio
@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
async def test_words_at_which_this_version_fails_stop_nothing_else(
    database: Database, shipped: Catalog, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    """Notes that are no text and none that is JSON, an order that is no TOML, words at which we fail."""
    publisher = await started(database, shipped)
    for slug in (TOPIC, "testing", "cookies-and-sessions"):
        await save(publisher, reworded(publisher, "Not shown.", slug), slug=slug)
    await save(publisher, Wording("[[[", "", "", 0), slug=SECTIONS)
    async with database.writing() as session:
        await session.execute(update(Revision).where(Revision.topic == TOPIC).values(notes={"flask": 5}))
        await session.execute(text("UPDATE revisions SET notes = 'none' WHERE topic = 'testing'"))
    monkeypatch.setattr("explorer.publisher.with_wording", failing_at("cookies-and-sessions"))
    late = await started(database, shipped)
    await save(late, reworded(late, "Published after them.", "cors"), slug="cors")
    assert "Published after them." in page(late, "cors")
    assert late.live.current.content.sections == shipped.content.sections
    for slug in (TOPIC, "testing", "cookies-and-sessions"):
        assert "Not shown." not in page(late, slug)
    assert late.unreadable == {
        TOPIC: f"{TOPIC}, number 1, cannot be read (notes): save it again.",
        "testing": "testing, number 1, cannot be read (notes): save it again.",
        "cookies-and-sessions": "this program fails at it (RuntimeError); the log says where.",
        SECTIONS: "The order of the sections is no text as in sections.toml: put them in order again.",
    }
    assert late.problem is None
    caplog.clear()
    await late.refresh()
    assert caplog.records == [], "what is seen is seen"


@pytest.mark.anyio
async def test_a_backup_that_is_put_back_takes_later_edits_away(tmp_path: Path, shipped: Catalog):
    """An older database under a running site: what is live follows it."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'explorer.db'}")
    try:
        publisher = await started(database, shipped)
        await save(publisher, reworded(publisher, "First."))
        await save(publisher, reworded(publisher, "On another page.", "cors"), slug="cors")
        await save(publisher, replace(publisher.wordings[TOPIC], text="# Later\n\nOne sentence.\n"), slug="later")
        assert "/topics/later" in publisher.live.current.pages
        async with database.writing() as session:
            await session.execute(delete(Revision).where(Revision.id > 1))
        await publisher.refresh()
        assert "/topics/later" not in publisher.live.current.pages
        assert "On another page." not in page(publisher, "cors")
        assert "First." in page(publisher)
    finally:
        await database.close()


@pytest.mark.anyio
async def test_pages_stay_while_postgresql_is_stopped_and_edits_come_when_it_is_back(
    postgres: Postgres, shipped: Catalog
):
    address = postgres.create()
    database, other = Database(address), Database(address)
    try:
        publisher = await started(database, shipped)
        writer = await started(other, shipped)
        await asyncio.to_thread(postgres.stop)
        try:
            await publisher.refresh()
            assert publisher.problem is not None
            assert await publisher.complain() == publisher.problem
            assert publisher.live.current is shipped
        finally:
            await asyncio.to_thread(postgres.start)
        await save(writer, reworded(writer, "After the stop."))
        await publisher.refresh()
        assert "After the stop." in page(publisher)
        assert await publisher.complain() is None
    finally:
        await database.close()
        await other.close()


def test_a_site_whose_data_folder_cannot_be_made_serves_and_says_so(make_site: Callable[..., Site], tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    site = make_site(data=tmp_path / "file" / "data")
    assert site.get(f"/topics/{TOPIC}").status_code == 200
    ready = site.get("/readyz")
    assert ready.status_code == 200
    report = ready.json()
    assert report["ready"] is report["degraded"] is True
    assert report["database"].startswith(f"The folder {tmp_path / 'file' / 'data'} cannot be used")


def test_a_site_with_a_database_says_ok(site: Site):
    report = site.get("/readyz").json()
    others = [problem for problem in report["problems"] if problem["part"] != "event loop"]  # a busy machine's
    assert (report["database"], others) == ("ok", [])


# What would be live, and what is wrong with it


@pytest.fixture
def publisher(shipped: Catalog, tmp_path: Path) -> Iterator[Publisher]:
    live = LiveCatalog()
    live.replace(shipped)
    publisher = Publisher(Database(f"sqlite+aiosqlite:///{tmp_path / 'explorer.db'}"), live)
    asyncio.run(publisher.start())
    yield publisher
    asyncio.run(publisher.database.close())


def remarks(publisher: Publisher, words: Wording, slug: str = TOPIC) -> list[tuple[str, str]]:
    return [(r.level, r.complaint.message) for r in publisher.consider(slug, words).remarks]


@pytest.mark.parametrize("slug", SLUGS)
def test_shipped_words_raise_no_remark(publisher: Publisher, slug: str):
    assert remarks(publisher, publisher.wordings[slug], slug) == []


def test_a_candidate_is_the_real_page_and_not_live(publisher: Publisher):
    candidate = publisher.consider(TOPIC, reworded(publisher, "Only looked at."))
    assert candidate.remarks == ()
    html = candidate.html() or b""
    assert b"Only looked at." in html
    live = page(publisher)
    assert html.decode().replace("Only looked at.", "") != live
    assert "Only looked at." not in live
    same = publisher.consider(TOPIC, publisher.wordings[TOPIC]).html()
    assert same is not None
    assert same.decode() == live


def changed(publisher: Publisher, old: str, new: str) -> Wording:
    words = publisher.wordings[TOPIC]
    assert old in words.text
    return replace(words, text=words.text.replace(old, new, 1))


def test_a_quote_that_no_demo_has_is_an_error(publisher: Publisher):
    words = changed(publisher, "```python flask\n", "```python flask\nnot_in_the_demo()\n")
    [(level, message)] = remarks(publisher, words)
    assert level == "error"
    assert "not_in_the_demo()" in message


def test_a_link_to_no_topic_is_an_error(publisher: Publisher):
    words = publisher.wordings[TOPIC]
    words = replace(words, text=f"{words.text}\nSee [it](../no-such-topic/topic.md).\n")
    [(level, message)] = remarks(publisher, words)
    assert (level, "no-such-topic" in message) == ("error", True)
    assert b"See <span>it</span>." in (publisher.consider(TOPIC, words).html() or b"")


def test_words_without_a_title_cannot_be_shown(publisher: Publisher):
    candidate = publisher.consider(TOPIC, replace(publisher.wordings[TOPIC], text="Only text.\n"))
    assert (candidate.topic, candidate.html()) == (None, None)
    [remark] = candidate.remarks
    assert (remark.level, remark.complaint.file) == ("error", f"content/topics/{TOPIC}/topic.md")


def test_another_topics_title_is_a_warning(publisher: Publisher):
    title = publisher.wordings["cors"].text.split("\n", 1)[0].removeprefix("# ")
    words = publisher.wordings[TOPIC]
    text = f"# {title}\n{words.text.split(chr(10), 1)[1]}"
    candidate = publisher.consider(TOPIC, replace(words, text=text))
    [remark] = candidate.remarks
    assert remark.level == "warning"
    assert "the topic cors has the title" in remark.complaint.message


def test_a_note_without_a_quote_is_a_warning(publisher: Publisher):
    words = publisher.wordings[TOPIC]
    text = words.text.replace("## What differs\n", "## What differs\n\n### A note of mine\n\nNothing quoted.\n", 1)
    assert remarks(publisher, replace(words, text=text)) == [("warning", "the note 'A note of mine' quotes no line.")]


def test_no_page_leads_to_topics_that_are_archived(shipped: Catalog):
    """All but two are gone, among them the one that the front page opens with."""
    left = {"cors", "testing"}
    topics = tuple(topic for topic in shipped.content.topics if topic.slug in left)
    without = shipped.replaced(replace(shipped.content, topics=topics))
    for path in without.pages:
        leads = set(re.findall(r'href="/topics/([a-z-]+)', without.pages[path].body().decode()))
        assert leads <= left, path
    assert without.search.search("cors")


@pytest.mark.anyio
async def test_a_save_that_is_refused_changes_nothing(database: Database, shipped: Catalog):
    publisher = await started(database, shipped)
    await save(publisher, reworded(publisher, "Mine."))
    with pytest.raises(revisions.Stale):
        await save(publisher, reworded(publisher, "Too late."))
    assert "Mine." in page(publisher)

"""Revisions: append-only, stale saves refused with both texts, one winner of a race, what is live."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from databases import entries
from sqlalchemy import text

from explorer import revisions
from explorer.database import Database
from explorer.errors import Refused
from explorer.models import Revision, State
from explorer.revisions import Stale
from explorer.topics import Wording

pytestmark = pytest.mark.anyio

SHIPPED = Wording("# Shipped\n\nText.\n", "Take.", "start", 10, {"one": "### Gotcha\n"})
MINE = replace(SHIPPED, text="# Mine\n\nText — ünïcode 🙂 \"quoted\" 'too'\\.\n")
RACES = int(os.environ.get("TESTS_RACES", "100"))
"""Pairs; 1,000 are for once in a while."""


async def save(
    database: Database,
    based_on: int,
    words: Wording = MINE,
    state: State = "published",
    topic: str = "topic",
    **more: object,
) -> Revision:
    options = {"author": "ada", "why": "Because.", "shipped": SHIPPED} | more
    return await revisions.save(database, topic, words, based_on=based_on, state=state, **options)  # type: ignore[arg-type]


async def rows(database: Database) -> int:
    async with database.reading() as session:
        return (await session.execute(text("SELECT count(*) FROM revisions"))).scalar_one()


async def test_what_is_saved_comes_back_to_the_letter(database: Database):
    before = datetime.now(UTC)
    saved = await save(database, 0)
    again = await revisions.revision_of(database, "topic", 1)
    assert again is not None
    assert (again.wording, again.shipped_wording, again.shipped_hash) == (MINE, SHIPPED, SHIPPED.fingerprint)
    assert (again.number, again.based_on, again.state, again.author, again.why) == (
        1,
        0,
        "published",
        "ada",
        "Because.",
    )
    assert before <= again.saved_at <= datetime.now(UTC)
    assert again.saved_at.tzinfo is UTC
    assert saved.wording == again.wording
    assert await revisions.revision_of(database, "topic", 2) is None
    assert await revisions.revision_of(database, "other") is None


async def test_a_stale_save_is_refused_with_both_texts(database: Database):
    await save(database, 0)
    second = await save(database, 1, replace(MINE, position=20), author="bob")
    stale = replace(MINE, position=30)
    with pytest.raises(Stale) as caught:
        await save(database, 1, stale)
    assert caught.value.newest is not None
    assert (caught.value.newest.number, caught.value.newest.wording) == (2, second.wording)
    assert caught.value.mine == stale
    assert caught.value.status == 409
    assert caught.value.detail == "bob saved number 2; your text is based on another one and was not saved."
    assert await rows(database) == 2


@pytest.mark.parametrize("based_on", [-1, 1, 7])
async def test_a_base_that_never_was_is_stale(database: Database, based_on: int):
    with pytest.raises(Stale) as caught:
        await save(database, based_on)
    assert caught.value.newest is None
    assert await rows(database) == 0


async def test_racing_pairs_have_one_winner_each_and_the_loser_gets_both_texts(address: str):
    both = Database(address), Database(address)  # two processes have two pools
    for number in range(RACES):
        texts = [replace(MINE, text=f"# Race {number}\n\n{name}\n") for name in ("left", "right")]
        names = ("ada", "bob")
        calls = [save(d, number, t, author=n) for d, t, n in zip(both, texts, names, strict=True)]
        won, lost = sorted(
            await asyncio.gather(*calls, return_exceptions=True), key=lambda result: isinstance(result, Stale)
        )
        assert isinstance(won, Revision), won
        assert isinstance(lost, Stale), lost
        assert lost.newest is not None
        assert (lost.newest.number, lost.newest.wording) == (number + 1, won.wording)
        assert {lost.newest.text, lost.mine.text} == {text.text for text in texts}
    assert [revision.number for revision in await revisions.history(both[0], "topic")] == [*range(RACES, 0, -1)]
    for database in both:
        await database.close()


async def test_eight_at_once_have_one_winner(address: str):
    many = [Database(address) for _ in range(8)]
    calls = [save(d, 0, replace(MINE, position=n), author=str(n)) for n, d in enumerate(many)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Revision", *["Stale"] * 7]
    for database in many:
        await database.close()


async def test_the_constraint_settles_what_nothing_else_does(database: Database, monkeypatch: pytest.MonkeyPatch):
    first = await save(database, 0)

    async def blind(session: object, topic: str) -> None:
        return None

    with monkeypatch.context() as patch:
        patch.setattr(revisions, "_newest", blind)
        patch.setattr(revisions, "revision_of", lambda *_: asyncio.sleep(0, first))
        with pytest.raises(Stale) as caught:
            await save(database, 0, replace(MINE, position=99))
    assert caught.value.newest is first
    assert await rows(database) == 1


async def test_a_save_whose_answer_was_lost_can_be_repeated(database: Database):
    first = await save(database, 0)
    assert (await save(database, 0)).number == first.number
    assert await rows(database) == 1
    for other in ({"author": "bob"}, {"why": "Another reason."}, {"state": "draft"}):
        with pytest.raises(Stale):
            await save(database, 0, **other)  # type: ignore[arg-type]


async def test_a_draft_does_not_touch_what_is_live(database: Database):
    await save(database, 0)
    draft = await save(database, 1, replace(MINE, takeaway="Draft."), "draft")
    assert {topic: r.number for topic, r in (await revisions.live(database)).items()} == {"topic": 1}
    assert [(r.topic, r.wording) for r in await revisions.drafts(database)] == [("topic", draft.wording)]
    await save(database, 2, draft.wording)
    assert (await revisions.live(database))["topic"].wording == draft.wording
    assert await revisions.drafts(database) == []


async def test_a_first_draft_is_not_live(database: Database):
    await save(database, 0, state="draft")
    assert await revisions.live(database) == {}


async def test_an_archived_topic_comes_back(database: Database):
    await revisions.save(
        database, "topic", SHIPPED, author="ada", why="Old.", based_on=0, state="archived", shipped=SHIPPED
    )
    assert (await revisions.live(database))["topic"].state == "archived"
    back = await save(database, 1, SHIPPED, why="Not so old.")
    assert (back.number, back.state, back.wording) == (2, "published", SHIPPED)


async def test_the_shipped_words_are_taken_over_until_somebody_decides(database: Database):
    as_before = revisions.Shipped.AS_BEFORE
    newer = replace(SHIPPED, position=11)
    await save(database, 0)
    assert (await save(database, 1, why="2", shipped=as_before)).shipped_wording == SHIPPED
    assert (await save(database, 2, why="3", shipped=newer)).shipped_wording == newer
    deleted = await save(database, 3, why="4", shipped=None)
    assert (deleted.shipped_wording, deleted.shipped_hash) == (None, None)
    assert (await save(database, 4, why="5", shipped=as_before)).shipped_wording is None


async def test_a_replica_learns_what_changed_and_only_that(database: Database):
    assert await revisions.latest(database) == 0
    for topic in ("a", "b", "c"):
        await save(database, 0, topic=topic)
    seen = await revisions.latest(database)
    assert sorted(await revisions.live(database)) == ["a", "b", "c"]
    await save(database, 1, state="draft", topic="a")
    await save(database, 1, topic="b", why="Again.")
    assert await revisions.latest(database) == seen + 2
    assert {t: r.number for t, r in (await revisions.live(database, after=seen)).items()} == {"b": 2}
    assert await revisions.live(database, after=seen + 2) == {}


async def test_history_has_everything_but_the_texts(database: Database):
    await save(database, 0)
    await save(database, 1, state="draft", author="bob", why="Try.")
    history = await revisions.history(database, "topic")
    assert [(r.number, r.author, r.why, r.state) for r in history] == [
        (2, "bob", "Try.", "draft"),
        (1, "ada", "Because.", "published"),
    ]
    assert "text" not in history[0].__dict__


@pytest.mark.parametrize(
    ("words", "why", "complaint"),
    [
        (replace(MINE, text="a\0b"), "Why.", "The text of topic holds a character that is none: remove it."),
        (replace(MINE, takeaway="\ud800"), "Why.", "The takeaway of topic holds a character that is none: remove it."),
        (replace(MINE, notes={"one": "\0"}), "Why.", "The notes of one of topic holds a character"),
        (replace(MINE, text="x" * (revisions.LIMIT + 1)), "Why.", "The text of topic is too long."),
        (replace(MINE, position=2**31), "Why.", "The position of topic is not a number a database can keep."),
        (replace(MINE, section="x" * 101), "Why.", "The section of topic has a name of more than 100 characters."),
        (MINE, " ", "Say in a few words why"),
        (MINE, "x" * 501, "The reason of topic is too long."),
    ],
)
async def test_what_no_database_can_keep_is_refused(database: Database, words: Wording, why: str, complaint: str):
    with pytest.raises(Refused) as caught:
        await save(database, 0, words, why=why)
    assert caught.value.detail.startswith(complaint)
    assert await rows(database) == 0


async def test_the_longest_words_are_kept(database: Database):
    longest = replace(MINE, text="€" * revisions.LIMIT, takeaway="x" * revisions.LIMIT)
    await save(database, 0, longest)
    newest = await revisions.revision_of(database, "topic")
    assert newest is not None
    assert newest.wording == longest


async def test_the_audit_says_who_made_what_live(database: Database):
    await save(database, 0)
    await save(database, 1, state="draft", author="bob")
    await save(database, 2, author="bob", why="Done.")
    with pytest.raises(Stale):
        await save(database, 1)
    told = await entries(database)
    live = {"number": 1, "state": "published"}
    assert [(e.who, e.what, e.before, e.after) for e in told] == [
        ("bob", "publish topic", live, {"number": 3, "state": "published"}),
        ("bob", "save draft topic", live, {"number": 2, "state": "draft"}),
        ("ada", "publish topic", None, {"number": 1, "state": "published"}),
    ]

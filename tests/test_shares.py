"""Links to drafts: a random token, known by its hash only, that ends by itself or when somebody says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from databases import entries
from sqlalchemy import select, text

from explorer import shares
from explorer.database import Database
from explorer.errors import Refused
from explorer.models import Share
from explorer.revisions import save
from explorer.shares import end_shares, open_shares, share, shared
from explorer.wording import Wording

pytestmark = pytest.mark.anyio

WORDS = Wording("# Title\n\nText.\n", "Take.", "start", 10)


async def saved(database: Database, topic: str = "sessions") -> None:
    await save(database, topic, WORDS, author="ada", why="why", based_on=0)


async def test_a_link_leads_to_its_revision_until_it_expires(database: Database, monkeypatch: pytest.MonkeyPatch):
    await saved(database)
    before = datetime.now(UTC)
    token, until = await share(database, "sessions", 1, 7, by="ada")
    assert before + timedelta(days=7) <= until <= datetime.now(UTC) + timedelta(days=7)
    found = await shared(database, token)
    assert found
    assert (found.topic, found.number, found.author, found.expires_at) == ("sessions", 1, "ada", until)

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return until

    monkeypatch.setattr(shares, "datetime", Later)
    assert await shared(database, token) is None
    assert await open_shares(database, "sessions") == []
    await share(database, "sessions", 1, 1, by="ada")
    async with database.reading() as session:
        assert len((await session.scalars(select(Share))).all()) == 1, "what is over is removed"


async def test_nobody_can_make_a_link_up_or_read_one_back(database: Database):
    await saved(database)
    token, _ = await share(database, "sessions", 1, 1, by="ada")
    assert len(token) == 43
    for other in ("", token[:-1], token + "A", token[::-1], token.swapcase(), "é\0", "x" * 10_000):
        assert await shared(database, other) is None
    async with database.reading() as session:
        rows = (await session.execute(text("SELECT * FROM shares"))).all()
    assert token not in str(rows)
    assert token not in str([(entry.what, entry.after) for entry in await entries(database)])


async def test_all_links_of_a_topic_end_together(database: Database):
    await saved(database)
    await saved(database, "other")
    mine = [(await share(database, "sessions", 1, days, by="ada"))[0] for days in (1, 30)]
    other, _ = await share(database, "other", 1, 1, by="bob")
    assert [link.author for link in await open_shares(database, "sessions")] == ["ada", "ada"]
    assert await end_shares(database, "sessions", by="eve") == 2
    assert [await shared(database, token) for token in mine] == [None, None]
    assert await shared(database, other)
    assert await end_shares(database, "sessions", by="eve") == 0
    said = [(entry.who, entry.what, entry.before) for entry in await entries(database, 4)]
    assert said[0] == ("eve", "end links of sessions", {"links": 2})
    assert [what for _, what, _ in said[1:]] == ["share other", "share sessions", "share sessions"]


async def test_what_cannot_be_shared_is_said(database: Database, monkeypatch: pytest.MonkeyPatch):
    await saved(database)
    await save(database, "sessions", WORDS, author="ada", why="why", based_on=1, state="published")
    monkeypatch.setattr(shares, "OPEN", 1)
    for topic, number, days, sentence in (
        ("sessions", 3, 7, "sessions has no draft of this number."),
        ("unknown", 1, 7, "unknown has no draft of this number."),
        ("sessions", 2, 7, "Number 2 of sessions is no draft: it needs no link."),
        ("sessions", 1, 365, "A link lasts 1, 7 or 30 days."),
    ):
        with pytest.raises(Refused) as caught:
            await share(database, topic, number, days, by="ada")
        assert caught.value.detail == sentence
    await share(database, "sessions", 1, 7, by="ada")
    with pytest.raises(Refused, match="has 1 open links already"):
        await share(database, "sessions", 1, 7, by="ada")

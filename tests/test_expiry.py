"""What is over is deleted in time; what is not stays."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from admins import PASSWORD
from sqlalchemy import func, select, update

from explorer import editors, expiry, presence, revisions, sessions, shares
from explorer.database import Database
from explorer.models import Base, Presence, Session, SetupLink, Share, Throttle
from explorer.topics import Wording

pytestmark = pytest.mark.anyio

TABLES = ("sessions", "setup_links", "shares", "throttle", "presence")


async def counts(database: Database) -> list[int]:
    async with database.reading() as session:
        queries = [select(func.count()).select_from(Base.metadata.tables[name]) for name in TABLES]
        return [(await session.execute(query)).scalar_one() for query in queries]


async def furnish(database: Database, address: str) -> None:
    """Add a row to each table."""
    name = f"ada-{address[-1]}"
    ada = await editors.add(database, name, "owner", by="test", password=PASSWORD)
    await editors.make_link(database, name, by="test")
    await sessions.sign_in(database, name, PASSWORD, address)
    with pytest.raises(sessions.WrongPassword):
        await sessions.sign_in(database, "nobody", PASSWORD, address)
    words = Wording("# T\n\nText.\n", "", "start", 1)
    await revisions.save(database, name, words, author=name, why="Why.", based_on=0)
    await shares.share(database, name, 1, 1, by=name)
    await presence.arrive(database, ada, name)


async def age(database: Database) -> None:
    """Make everything two days old."""
    old = datetime.now(UTC) - timedelta(days=2)
    async with database.writing() as session:
        for column in (Session.expires_at, SetupLink.expires_at, Share.expires_at, Throttle.since, Presence.seen_at):
            await session.execute(update(column.class_).values({column: old}))


async def test_only_what_is_over_is_deleted(database: Database, monkeypatch: pytest.MonkeyPatch):
    await furnish(database, "192.0.2.1")
    made = await counts(database)
    assert min(made) > 0
    await expiry.sweep(database)
    assert await counts(database) == made
    await age(database)
    monkeypatch.setattr(expiry, "FIRST", 0)
    monkeypatch.setattr(expiry, "EVERY", 0.05)
    sweeping = asyncio.create_task(expiry.keep_sweeping(database))
    async with asyncio.timeout(20):
        while sum(await counts(database)):  # noqa: ASYNC110 -- it runs by itself
            await asyncio.sleep(0.02)
    await furnish(database, "192.0.2.2")
    await expiry.sweep(database)
    assert await counts(database) == made
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)


async def test_a_database_that_is_away_or_at_which_we_fail_is_swept_later(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(expiry, "FIRST", 0)
    monkeypatch.setattr(expiry, "EVERY", 0.01)
    tried: list[bool] = []
    sweep = expiry.sweep

    async def fail_once(database: Database) -> None:
        tried.append(True)
        if len(tried) == 1:
            raise expiry.DatabaseAway("Away.")
        if len(tried) == 2:
            raise ValueError("ours")
        await sweep(database)

    monkeypatch.setattr(expiry, "sweep", fail_once)
    sweeping = asyncio.create_task(expiry.keep_sweeping(database))
    async with asyncio.timeout(20):
        while len(tried) < 4:  # noqa: ASYNC110 -- it runs by itself
            await asyncio.sleep(0.01)
    assert not sweeping.done()
    assert [r.message for r in caplog.records if r.exc_info] == ["rows that are over were not deleted"]
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)

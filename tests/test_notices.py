"""Notices on PostgreSQL: what is published is live in another process without a look; where notices fail it looks."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace

import pytest
from admins import admin_with
from databases import Postgres
from sqlalchemy import text

from explorer import notices, revisions
from explorer.catalog import Catalog, LiveCatalog
from explorer.database import Database
from explorer.models import State
from explorer.publisher import Publisher

pytestmark = pytest.mark.anyio

TOPIC = "hello-world"
MINUTES = 600.0
LISTENING = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(20):
        while not await holds():  # noqa: ASYNC110 -- another process tells nobody
            await asyncio.sleep(0.01)


@pytest.fixture
def rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks but when given notice."""
    monkeypatch.setattr("explorer.publisher.POLL", MINUTES)


class Pair:
    """Who saves, and another process on the same database, as far as publishing goes."""

    def __init__(self, here: Database, there: Publisher) -> None:
        self.here, self.there = here, there
        self.number = 0

    async def publish(self, sentence: str, state: State = "published") -> None:
        """Save as another process does, without rendering anything in this one."""
        words = replace(self.there.wordings[TOPIC], takeaway=sentence)
        how = {"author": "ada", "why": sentence, "based_on": self.number}
        saved = await revisions.save(self.here, TOPIC, words, state=state, **how)  # type: ignore[arg-type]
        self.number = saved.number

    async def shows(self, sentence: str) -> None:
        """Wait until the other process shows it; the time it may take is far from the next look."""
        await until(
            lambda: asyncio.sleep(0, sentence in self.there.live.current.pages[f"/topics/{TOPIC}"].body().decode())
        )

    async def ask(self, question: str) -> int:
        async with self.here.reading() as session:
            return (await session.execute(text(question))).scalar_one()

    async def listening(self, before: int | None = None) -> int:
        """Wait until the other process listens on a new connection, and return the number of that."""
        found = 0

        async def other() -> bool:
            nonlocal found
            found = await self.ask(f"SELECT coalesce(max(pid), 0) {LISTENING}")
            return found not in (0, before)

        await until(other)
        return found


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """What is shipped, with a few topics."""
    with admin_with(tmp_path_factory.mktemp("few")) as site:
        yield site.state.live.current


@pytest.fixture
async def pair(postgres: Postgres, few: Catalog, anyio_backend: str) -> AsyncIterator[Pair]:
    address = postgres.create()
    live = LiveCatalog()
    live.replace(few)
    pair = Pair(Database(address), Publisher(Database(address), live))
    await pair.there.start()
    watching = asyncio.create_task(pair.there.watch())
    await pair.listening()
    yield pair
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert await pair.ask(f"SELECT count(*) {LISTENING}") == 0, "who stops listens no longer"
    await pair.here.close()
    await pair.there.database.close()


async def test_an_edit_is_live_elsewhere_at_once(rarely: None, pair: Pair):
    for sentence in ("From another process.", "And once more."):
        await pair.publish(sentence)
        await pair.shows(sentence)


async def test_a_connection_that_is_killed_is_made_again(rarely: None, pair: Pair, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("explorer.notices.AGAIN", 0.2)
    killed = await pair.listening()
    await pair.ask(f"SELECT pg_terminate_backend(pid) {LISTENING}")
    await pair.publish("While nobody listened.")
    await pair.shows("While nobody listened.")
    await pair.listening(killed)
    await pair.publish("Heard again.")
    await pair.shows("Heard again.")


async def test_without_notices_an_edit_comes_by_looking(pair: Pair, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("explorer.notices.AGAIN", MINUTES)
    await pair.ask(f"SELECT pg_terminate_backend(pid) {LISTENING}")
    await pair.publish("Looked for.")
    await pair.shows("Looked for.")
    assert await pair.ask(f"SELECT count(*) {LISTENING}") == 0


async def test_a_silent_connection_is_asked_and_given_up(
    rarely: None, postgres: Postgres, pair: Pair, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """A server that is frozen, as one behind a firewall that forgot the connection, closes nothing."""
    for name, seconds in (("ASK", 0.1), ("CONNECT", 0.3), ("AGAIN", 0.1)):
        monkeypatch.setattr(f"explorer.notices.{name}", seconds)
    silent = await pair.listening()
    await pair.ask(f"SELECT pg_terminate_backend(pid) {LISTENING}")  # the next one has the short times
    silent = await pair.listening(silent)
    postgres.signal(signal.SIGSTOP)
    try:
        with caplog.at_level(logging.WARNING, "explorer"):
            await until(lambda: asyncio.sleep(0, "no notices from the database for now" in caplog.text))
    finally:
        postgres.signal(signal.SIGCONT)
    await pair.listening(silent)
    await pair.publish("After the frost.")
    await pair.shows("After the frost.")


async def test_only_what_is_published_gives_notice(pair: Pair):
    heard: list[float] = []
    taking = asyncio.create_task(notices.take(pair.there.database, lambda: heard.append(time.monotonic())))
    await until(lambda: asyncio.sleep(0, bool(heard)))  # once when the connection was made
    await pair.publish("A draft.", "draft")

    async def fail() -> None:
        async with pair.here.writing() as session:
            await notices.give(pair.here, session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    await pair.publish("Live.")
    await until(lambda: asyncio.sleep(0, len(heard) > 1))
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    assert len(heard) == 2


async def test_sqlite_has_no_notices(tmp_path: object):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/explorer.db")
    async with asyncio.timeout(1):
        await notices.take(database, lambda: None)
    await database.close()

"""A database that is away: every fault ends in time, is told in words, and is over without a restart."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from databases import Postgres, entries, migrate, start_postgres
from sqlalchemy import text

from explorer import audit
from explorer.database import Database
from explorer.errors import DatabaseAway

pytestmark = pytest.mark.anyio


async def write(database: Database, what: str = "test") -> None:
    async with database.writing() as session:
        audit.append(session, "tester", what)


async def written(database: Database) -> list[str]:
    return [entry.what for entry in await entries(database)]


async def refused(database: Database, what: str = "lost") -> str:
    """Why a write is refused."""
    with pytest.raises(DatabaseAway) as caught:
        await write(database, what)
    return caught.value.detail


async def test_a_block_that_fails_writes_nothing(database: Database):
    async def fail() -> None:
        async with database.writing() as session:
            audit.append(session, "tester", "lost")
            await session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    await write(database, "kept")
    assert await written(database) == ["kept"]


async def test_a_task_that_is_cancelled_leaves_no_lock(database: Database):
    reached = asyncio.Event()

    async def hang() -> None:
        async with database.writing() as session:
            audit.append(session, "tester", "lost")
            await session.flush()
            reached.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await reached.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await write(database, "kept")
    assert await written(database) == ["kept"]


async def test_a_block_that_never_ends_is_ended(database: Database):
    database.deadline = 0.2

    async def hang() -> None:
        async with database.writing() as session:
            audit.append(session, "tester", "lost")
            await asyncio.Event().wait()

    with pytest.raises(DatabaseAway, match="did not answer in time"):
        await hang()
    database.deadline = 5
    await write(database, "kept")
    assert await written(database) == ["kept"]


def test_only_who_needs_postgresql_imports_its_driver():
    source = "import sys; from explorer.database import Database; Database('{}'); print('asyncpg' in sys.modules)"
    for address, imported in (("sqlite+aiosqlite:///x.db", "False"), ("postgresql+asyncpg://x/y", "True")):
        command = [sys.executable, "-c", source.format(address)]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == imported


# SQLite


@pytest.fixture
async def file(tmp_path: Path, anyio_backend: str) -> Path:
    path = tmp_path / "explorer.db"
    await migrate(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
async def sqlite(file: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{file}")
    yield database
    await database.close()


async def test_what_is_acknowledged_is_on_the_disk(sqlite: Database):
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "trusted_schema")
    async with sqlite.reading() as session:
        assert [(await session.execute(text(f"PRAGMA {name}"))).scalar() for name in pragmas] == ["wal", 2, 1, 5000, 0]


async def test_a_lock_of_another_process(sqlite: Database, file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("explorer.database.BUSY", 0.1)
    impatient = Database(f"sqlite+aiosqlite:///{file}")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await refused(impatient) == "Another process holds the lock of the database file."
        assert await impatient.probe() == "Another process holds the lock of the database file."
        assert await written(impatient) == []
        other.execute("ROLLBACK")
    await write(impatient)
    assert await impatient.probe() is None
    await impatient.close()


async def test_a_full_disk(sqlite: Database):
    async with sqlite.reading() as session:  # SQLite's own limit answers as a full disk does
        pages = (await session.execute(text("PRAGMA page_count"))).scalar()
        await session.execute(text(f"PRAGMA max_page_count = {pages}"))
    line = "x" * 200
    for _ in range(200):
        try:
            await write(sqlite, line)
        except DatabaseAway as error:
            assert error.detail == "The disk is full."  # noqa: PT017
            break
    kept = await written(sqlite)
    assert await refused(sqlite, line) == "The disk is full."
    assert await written(sqlite) == kept
    async with sqlite.reading() as session:
        await session.execute(text("PRAGMA max_page_count = 1000000"))
    await write(sqlite, line)
    assert await written(sqlite) == [line, *kept]


def exchange(file: Path, other: bytes) -> bytes:
    """Put other bytes in the place of a database and return those that were there."""
    whole = file.read_bytes()
    for name in ("explorer.db-wal", "explorer.db-shm"):
        (file.parent / name).unlink(missing_ok=True)
    file.write_bytes(other)
    return whole


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (b"no database" * 1000, "The database file is not a database."),
        (b"", "The database is empty; `explorer db upgrade` makes its tables."),
    ],
)
async def test_a_damaged_file_is_named_and_not_mended(file: Path, damage: bytes, reason: str):
    whole = exchange(file, damage)
    database = Database(f"sqlite+aiosqlite:///{file}")
    assert await database.probe() == reason
    await database.close()
    exchange(file, whole)
    assert await database.probe() is None
    await database.close()


async def test_a_folder_that_is_not_there(tmp_path: Path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/no/explorer.db")
    reason = "The database file cannot be opened; its folder must exist and be writable."
    assert await database.probe() == reason
    assert await refused(database) == reason
    await database.close()


# PostgreSQL: a server of these tests' own, to be stopped


@pytest.fixture(scope="module")
def fragile() -> Iterator[Postgres]:
    server = start_postgres()
    yield server
    server.end()


@pytest.fixture
async def remote(fragile: Postgres, anyio_backend: str) -> AsyncIterator[Database]:
    database = Database(fragile.create())
    yield database
    await database.close()


FAILS_AT_COMMIT = (
    (
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE 'could not write.' USING ERRCODE = '58030', DETAIL = 'a row'; END $$"
    ),
    "CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON audit INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()",
)


async def test_a_commit_that_fails(remote: Database):
    async with remote.writing() as session:
        for statement in FAILS_AT_COMMIT:
            await session.execute(text(statement))
    assert await refused(remote) == "PostgreSQL cannot be used: could not write."
    assert await written(remote) == []


async def test_a_frozen_server(remote: Database, fragile: Postgres):
    await write(remote, "kept")
    fragile.signal(signal.SIGSTOP)
    try:
        assert await refused(remote) == "The database did not answer in time."
        assert await remote.probe() == "The database did not answer in time."
        with pytest.raises(DatabaseAway):
            await written(remote)
    finally:
        fragile.signal(signal.SIGCONT)
    await write(remote, "kept too")
    assert [what for what in await written(remote) if what != "lost"] == ["kept too", "kept"]
    assert await remote.probe() is None


async def test_a_server_that_is_stopped_and_started(remote: Database, fragile: Postgres):
    await write(remote, "kept")
    fragile.stop()
    try:
        first = await refused(remote)
        assert await refused(remote) == await remote.probe() == "PostgreSQL does not run or cannot be reached."
        assert first in ("PostgreSQL does not run or cannot be reached.", "The connection to the database broke.")
    finally:
        fragile.start()
    await write(remote, "kept too")
    assert await written(remote) == ["kept too", "kept"]
    assert await remote.probe() is None


async def test_a_server_that_accepts_no_writes(remote: Database):
    async with remote.writing() as session:
        await session.execute(text("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET "
                                   "default_transaction_read_only = on', current_database()); END $$"))  # fmt: skip
    await remote.engine.dispose()
    assert await refused(remote) == await remote.probe() == "PostgreSQL accepts no writes."


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("/explorer_", "/missing_"), "PostgreSQL has no database of that name."),
        (
            ("postgres@", "nobody@"),
            "PostgreSQL refuses the user; its pg_hba.conf says who may come from where, and whether only with TLS.",
        ),
        (("?host=", "?host=/nowhere"), "PostgreSQL does not run or cannot be reached."),
    ],
)
async def test_an_address_that_leads_nowhere(fragile: Postgres, change: tuple[str, str], reason: str):
    database = Database(fragile.create().replace(*change))
    assert await database.probe() == reason
    await database.close()

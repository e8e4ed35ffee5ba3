"""The connection to the database: SQLite in a file or PostgreSQL, with limits on how long it may take.

Knows how to begin, commit and give up in time; `faults` says in words what is wrong. Knows no table but the one that
holds the version of the schema. Opens nothing when it is made: a database that is away costs the admin, not the site.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiosqlite
from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from explorer.addresses import TLS
from explorer.errors import DatabaseAway
from explorer.faults import READ_ONLY, in_words
from explorer.models import SCHEMA

BUSY = 5.0
"""Seconds that SQLite waits for another process's write lock."""
DEADLINES = {"sqlite": BUSY + 0.5, "postgresql": 2.5}
"""Seconds for one reading or writing as a whole. Nothing but this ends the wait for a frozen PostgreSQL."""
CONNECT = 2.0
"""Seconds for a new connection to PostgreSQL."""
CLOSE = 1.0
"""Seconds for saying farewell: with EXPLORER_STOP_TIMEOUT a stop must stay below what containers grant."""


class Database:
    """One database, for the life of a process. `close` it at the end."""

    def __init__(self, address: str) -> None:
        """Take the address that `Settings.database` gives."""
        self.url = _url(address)
        self.kind = self.url.get_backend_name()
        self.deadline = DEADLINES[self.kind]
        self.engine = _sqlite(self.url) if self.kind == "sqlite" else _postgresql(self.url)
        """For reading. On SQLite a transaction takes no lock until it writes, and may then be too late for one."""
        self.writer: AsyncEngine = self.engine.execution_options(immediate=True)
        """For writing: the same pool, and on SQLite the write lock is taken at the start (BEGIN IMMEDIATE)."""
        self._failed = False
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def file(self) -> Path | None:
        """Return the file of an SQLite database."""
        return Path(self.url.database) if self.kind == "sqlite" and self.url.database else None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Open a session to read. Raises DatabaseAway, in time, when the database cannot answer."""
        async with self._session(self.engine) as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction that is committed at the end, or not at all if the block raises.

        When the block is left without an exception the data is on the disk. Raises DatabaseAway.
        """
        try:
            async with self._session(self.writer) as session:
                if self.kind == "sqlite":
                    await session.connection()  # the lock is taken now, before anything is read
                yield session
                await session.commit()
        except DatabaseAway:
            self._failed = True
            raise
        self._failed = False

    async def lock(self, session: AsyncSession, key: int) -> None:
        """Wait for a lock that only one transaction can hold, and hold it to its end. SQLite has one writer anyway."""
        if self.kind == "postgresql":
            await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})

    async def probe(self) -> str | None:
        """Return in words what is wrong with the database, None if it can be read and written."""
        try:
            async with self._session(self.writer) as session:
                if self.kind == "sqlite":
                    # nothing is changed; after a write that failed, only another write shows that it is over
                    statement = "PRAGMA user_version = 0" if self._failed else "PRAGMA user_version"
                    await session.execute(text(statement))
                elif (await session.execute(text("SHOW transaction_read_only"))).scalar() == "on":
                    return READ_ONLY
                schema = await session.run_sync(lambda s: read_schema(s.connection()))
                await session.commit()
        except DatabaseAway as error:
            return error.detail
        self._failed = False
        return None if schema == SCHEMA else wrong_schema(schema)

    async def run(self, work: Callable[[Connection], None], seconds: float, *, write: bool = True) -> None:
        """Run a function in one transaction that may take longer, as a migration does. Raises DatabaseAway.

        A server that does not answer at all is not waited for that long.
        """
        engine = self.writer if write else self.engine
        with in_words(self.kind):
            async with asyncio.timeout(self.deadline), engine.connect():
                pass
        with in_words(self.kind):
            async with asyncio.timeout(seconds), engine.begin() as connection:
                await connection.run_sync(work)

    async def close(self) -> None:
        """Close all connections; a server that does not answer is left to itself."""
        with suppress(TimeoutError, OSError, SQLAlchemyError):
            async with asyncio.timeout(CLOSE):
                await asyncio.gather(*self._ending, return_exceptions=True)
                await self.engine.dispose()

    @asynccontextmanager
    async def _session(self, engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
        session = async_sessionmaker(engine, expire_on_commit=False)()
        with in_words(self.kind):
            try:
                async with asyncio.timeout(self.deadline):
                    try:
                        yield session
                    except Exception:
                        await session.close()  # rolls back
                        raise
                    await session.close()
            except TimeoutError:
                self._abandon(session)
                if self.kind == "postgresql":  # the others of the pool may hang as well: forget them
                    await self.engine.dispose(close=False)
                raise
            except asyncio.CancelledError:
                self._abandon(session)
                raise

    def _abandon(self, session: AsyncSession) -> None:
        """Give up a connection that may hang, without waiting."""
        ending = asyncio.create_task(session.invalidate())
        self._ending.add(ending)
        ending.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._ending.discard(task)
        if not task.cancelled():
            task.exception()  # a connection that is given up may fail once more


def read_schema(connection: Connection) -> str | None:
    """Return the version of the schema in the database, None if it holds none yet."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def wrong_schema(schema: str | None) -> str:
    """Return the sentence about a schema that this code does not fit."""
    if schema is None:
        return "The database is empty; `explorer db upgrade` makes its tables."
    if schema > SCHEMA:
        return f"The database has schema {schema}, newer than {SCHEMA} of this program: run the newer Explorer."
    return f"The database has schema {schema}, this program needs {SCHEMA}: run `explorer db upgrade`."


def _url(address: str) -> URL:
    """Read an address; the path of a file may hold any character."""
    scheme, _, path = address.partition(":///")
    return URL.create(scheme, database=path) if scheme == "sqlite+aiosqlite" else make_url(address)


def _sqlite(url: URL) -> AsyncEngine:
    opening = partial(_open, url.database or "")
    engine = create_async_engine(url, async_creator=opening, hide_parameters=True, json_deserializer=_value)
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


async def _open(path: str) -> aiosqlite.Connection:
    """Open the file. Where that fails, wait for the driver's thread: it must not outlive the event loop."""
    connection = aiosqlite.connect(path, timeout=BUSY)
    connection._thread.daemon = True  # as SQLAlchemy does
    try:
        return await connection
    except sqlite3.Error:
        await asyncio.to_thread(connection._thread.join)
        raise


def _value(kept: str) -> object:
    """Return what a column of JSON holds; SQLite keeps any text there, and one row must not cost all others."""
    try:
        return json.loads(kept)
    except ValueError:
        return kept


def _prepare(connection: Any, record: object) -> None:
    """Set up a new SQLite connection: what is acknowledged is on the disk, readers and the writer do not wait."""
    connection.isolation_level = None  # the driver begins nothing by itself
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "trusted_schema = OFF",
        "journal_size_limit = 67108864",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _postgresql(url: URL) -> AsyncEngine:
    """Make the engine; asyncpg is imported here and nowhere else."""
    tls = {word: value for word, value in url.query.items() if word in TLS}
    return create_async_engine(
        url.difference_update_query(tls),
        hide_parameters=True,  # a traceback in the log holds what was asked, not whom it is about
        pool_size=5,
        max_overflow=0,
        pool_timeout=CONNECT,
        pool_recycle=300,
        pool_pre_ping=True,
        connect_args={
            "dsn": f"postgresql://?{urlencode(tls)}" if tls else None,  # knows all of libpq's words, as nothing else
            "timeout": CONNECT,
            "server_settings": {
                "application_name": "explorer",
                "statement_timeout": "3000",
                "lock_timeout": "2000",
                "idle_in_transaction_session_timeout": "10000",
            },
        },
    )

"""Notices between the processes on one PostgreSQL: something was published, look now.

A notice carries nothing; what was published is read from the tables. It makes other processes faster, never right:
they look from time to time anyway, as they do on SQLite, which knows no notices.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from explorer.database import CONNECT, Database
from explorer.faults import in_words

logger = logging.getLogger("explorer")

CHANNEL = "explorer_published"
AGAIN = 1.0
"""Seconds until a connection that broke is made again."""
ASK = 15.0
"""Seconds after which a silent connection is asked whether it lives: one that a firewall forgot tells nothing."""


async def give(database: Database, session: AsyncSession) -> None:
    """Tell all processes when this transaction is committed, and only then. Does nothing on SQLite."""
    if database.kind == "postgresql":
        await session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})


async def take(database: Database, heard: Callable[[], None]) -> None:
    """Call `heard` at each notice until cancelled, and when the connection was made: one may have been missed before.

    A connection that breaks is made again. Returns at once on SQLite.
    """
    told = False
    while database.kind == "postgresql":
        try:
            with in_words(database.kind):
                await _listen(database, heard)
            told = False
        except Exception as error:  # whatever it is: what is published comes by looking, too
            if not told:
                logger.warning("no notices from the database for now, what is published comes by looking: %s", error)
            told = True
        await asyncio.sleep(AGAIN)


async def _listen(database: Database, heard: Callable[[], None]) -> None:
    """Listen until the connection breaks."""
    broken = asyncio.Event()
    async with asyncio.timeout(2 * CONNECT) as limit, database.engine.connect() as pooled:
        connection: Any = (await pooled.get_raw_connection()).driver_connection
        await pooled.run_sync(lambda mine: mine.detach())  # it stays for days; the pool fills its place
        try:
            connection.add_termination_listener(lambda _: broken.set())
            await connection.add_listener(CHANNEL, lambda *_: heard())
            limit.reschedule(None)
            heard()
            while not broken.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(ASK):
                        await broken.wait()
                        return
                await connection.execute("SELECT 1", timeout=CONNECT)
        finally:
            connection.terminate()  # a server that is frozen would not answer a farewell

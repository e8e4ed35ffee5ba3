"""Deletes rows that are over: sessions, set-up links, links to drafts, failed sign-ins, presence.

Nothing depends on it: whoever reads these rows looks at their times. It keeps the tables small where nobody signs in,
as under guessing with ever new names.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

from sqlalchemy import delete

from explorer import presence, throttle
from explorer.database import Database
from explorer.errors import DatabaseAway
from explorer.models import Presence, Session, SetupLink, Share, Throttle

logger = logging.getLogger("explorer")

FIRST, EVERY = 60.0, 3600.0
"""Seconds from the start to the first time, and between two times."""


async def sweep(database: Database) -> None:
    """Delete what is over by now. Raises DatabaseAway."""
    now = datetime.now(UTC)
    over = (
        delete(Session).where(Session.expires_at < now),
        delete(SetupLink).where(SetupLink.expires_at < now),
        delete(Share).where(Share.expires_at < now),
        delete(Throttle).where(Throttle.since < now - throttle.FORGOTTEN),
        delete(Presence).where(Presence.seen_at < now - presence.LASTS),
    )
    async with database.writing() as session:
        for rows in over:
            await session.execute(rows)


async def keep_sweeping(database: Database) -> None:
    """Sweep until cancelled; a database that is away, or one at which we fail, is swept the next time."""
    await asyncio.sleep(FIRST)
    while True:
        try:
            await sweep(database)
        except DatabaseAway as error:
            logger.info("rows that are over were not deleted: %s", error.detail)
        except Exception:
            logger.exception("rows that are over were not deleted")
        await asyncio.sleep(EVERY)

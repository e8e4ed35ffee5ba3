"""Slows down guessing: after a few failed sign-ins each further one has to wait, longer each time.

Counted in the database, so that all replicas count together, for an account from one address, for an address and for
an account. Nobody is locked out for longer than a minute after the guessing ends, and somebody who guesses from one
address does not delay the owner at another. What was counted is forgotten after a while.
"""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from explorer.errors import ExplorerError
from explorer.models import Moment, Throttle
from explorer.networks import network_of

FREE = {"both": 5, "address": 20, "account": 50}
"""Failures that cost nothing."""
LONGEST = 60
"""Seconds between two tries at most."""
FORGOTTEN = timedelta(minutes=15)
"""After so long without a try counting starts again."""


class Throttled(ExplorerError):
    """Too many failed sign-ins; says when to try again."""

    status = 429
    title = "Too many tries"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many sign-ins failed. Try again in {seconds} second{'s' if seconds > 1 else ''}.")
        self.retry_after = seconds
        """Seconds."""


async def enter(session: AsyncSession, name: str, address: str) -> None:
    """Count a try before its password is checked, so that many at once gain nothing. Raises Throttled.

    A try that has to wait is not counted: it costs the guesser time, not the owner.
    """
    now = datetime.now(UTC)
    keys = _keys(name, address)
    missing = text("INSERT INTO throttle (key, since, count) VALUES (:key, :since, 0) ON CONFLICT DO NOTHING")
    missing = missing.bindparams(bindparam("since", type_=Moment()))
    for key in sorted(keys):
        await session.execute(missing, {"key": key, "since": now})
    query = select(Throttle).where(Throttle.key.in_(keys)).order_by(Throttle.key).with_for_update()
    rows = (await session.scalars(query)).all()
    waits = []
    for row in rows:
        if now - row.since > FORGOTTEN:
            row.count = 0
        waits.append((row.since + _delay(row.count, FREE[keys[row.key]]) - now).total_seconds())
    if max(waits) > 0:
        raise Throttled(math.ceil(max(waits)))
    for row in rows:
        row.count, row.since = row.count + 1, now


async def succeed(session: AsyncSession, name: str, address: str) -> None:
    """Forget the failures of this account from this address, and the try just made of the others."""
    keys = _keys(name, address)
    both = [key for key, kind in keys.items() if kind == "both"]
    await session.execute(delete(Throttle).where(Throttle.key.in_(both)))
    others = update(Throttle).where(Throttle.key.in_(keys), Throttle.count > 0)
    await session.execute(others.values(count=Throttle.count - 1))
    await session.execute(delete(Throttle).where(Throttle.since < datetime.now(UTC) - FORGOTTEN))


def _delay(count: int, free: int) -> timedelta:
    return timedelta(seconds=min(LONGEST, 2 ** (count - free)) if count >= free else 0)


def _keys(name: str, address: str) -> dict[str, str]:
    """Return hashed keys with what they count."""
    network = network_of(address)
    named = {"both": f"{name}\n{network}", "address": network, "account": name}
    return {
        hashlib.sha256(f"{kind}\n{value}".encode(errors="replace")).hexdigest(): kind for kind, value in named.items()
    }

"""Who changed what, with before and after. Entries are added within the transaction of the change, never alone.

Holds no words of topics (the revisions have them) and no password, token or address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from explorer.database import Database
from explorer.models import Audit

SIGNED_IN = "sign in"
"""What an entry says that changed nothing."""

Values = Mapping[str, Any] | None


def append(session: AsyncSession, who: str, what: str, before: Values = None, after: Values = None) -> None:
    """Add an entry to a transaction: it is kept if the change is.

    `what` is a verb and its object ("publish middleware"); before and after are values for JSON.
    """
    session.add(Audit(who=who[:100], at=datetime.now(UTC), what=what[:200], before=before, after=after))


async def changes(database: Database, limit: int) -> Sequence[Audit]:
    """Return the last entries that changed something, newest first: signing in does not."""
    query = select(Audit).where(Audit.what != SIGNED_IN).order_by(Audit.id.desc()).limit(limit)
    async with database.reading() as session:
        return (await session.scalars(query)).all()

"""Links to the page of a draft, for whoever has the link, until it expires or is ended.

A link is a random token of which only the hash is kept, so all replicas know it and nobody can read it back from the
database. Renders nothing; whether the words can be shown is seen when the link is used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select

from explorer import audit
from explorer.database import Database
from explorer.editors import hash_token, make_token
from explorer.errors import Refused
from explorer.models import Revision, Share

DAYS = (1, 7, 30)
"""How long a link may last."""
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
"""What else stands in an address is not even looked up."""
OPEN = 50
"""Links of one topic that may be open at the same time."""


async def share(database: Database, topic: str, number: int, days: int, *, by: str) -> tuple[str, datetime]:
    """Return the token of a new link to a draft, and until when it is good.

    Raises Refused for a draft that does not exist, a time that is not offered, or too many open links.
    """
    if days not in DAYS:
        raise Refused(f"A link lasts {', '.join(map(str, DAYS[:-1]))} or {DAYS[-1]} days.")
    now, token = datetime.now(UTC), make_token()
    until = now + timedelta(days=days)
    async with database.writing() as session:
        await session.execute(delete(Share).where(Share.expires_at <= now))
        state = await session.scalar(select(Revision.state).where(Revision.topic == topic, Revision.number == number))
        if state is None:
            raise Refused(f"{topic} has no draft of this number.")
        if state != "draft":
            raise Refused(f"Number {number} of {topic} is no draft: it needs no link.")
        if (await session.scalar(select(func.count()).where(Share.topic == topic)) or 0) >= OPEN:
            raise Refused(f"{topic} has {OPEN} open links already: end them first.")
        session.add(
            Share(token_hash=hash_token(token), topic=topic, number=number, author=by, created_at=now, expires_at=until)
        )
        audit.append(session, by, f"share {topic}", None, {"number": number, "until": until.isoformat("T", "minutes")})
    return token, until


async def shared(database: Database, token: str) -> Share | None:
    """Return what a link leads to, None for one that is unknown, too old or ended."""
    if not TOKEN.fullmatch(token):
        return None
    query = select(Share).where(Share.token_hash == hash_token(token), Share.expires_at > datetime.now(UTC))
    async with database.reading() as session:
        return (await session.scalars(query)).one_or_none()


async def open_shares(database: Database, topic: str) -> Sequence[Share]:
    """Return the links of a topic that can be used, the newest first."""
    query = select(Share).where(Share.topic == topic, Share.expires_at > datetime.now(UTC))
    async with database.reading() as session:
        return (await session.scalars(query.order_by(Share.created_at.desc()))).all()


async def end_shares(database: Database, topic: str, *, by: str) -> int:
    """End all links of a topic, everywhere at once, and return how many there were."""
    async with database.writing() as session:
        ended = (await session.scalars(delete(Share).where(Share.topic == topic).returning(Share.token_hash))).all()
        if ended:
            audit.append(session, by, f"end links of {topic}", {"links": len(ended)}, {"links": 0})
    return len(ended)

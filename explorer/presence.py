"""Who has a topic open in the editor at this moment. A hint, not a lock: stale saves are refused in `revisions`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select

from explorer.database import Database
from explorer.models import Editor, Presence

LASTS = timedelta(seconds=30)
"""The editor's page says every ten seconds that it is open."""


async def arrive(database: Database, editor: Editor, topic: str) -> Sequence[str]:
    """Note that an editor has a topic open, now; return the names of the others who have."""
    now = datetime.now(UTC)
    async with database.writing() as session:
        await session.execute(delete(Presence).where(Presence.seen_at < now - LASTS))
        await session.merge(Presence(editor_id=editor.id, topic=topic, seen_at=now))
        others = select(Editor.name).join(Presence, Presence.editor_id == Editor.id).order_by(Editor.name)
        return (await session.scalars(others.where(Presence.topic == topic, Editor.id != editor.id))).all()


async def present(database: Database) -> Mapping[str, Sequence[str]]:
    """Return who has which topic open, by topic."""
    since = datetime.now(UTC) - LASTS
    query = select(Presence.topic, Editor.name).join(Editor, Presence.editor_id == Editor.id)
    query = query.where(Presence.seen_at >= since).order_by(Editor.name)
    found: dict[str, list[str]] = {}
    async with database.reading() as session:
        for topic, name in await session.execute(query):
            found.setdefault(topic, []).append(name)
    return found


async def leave(database: Database, editor: Editor, topic: str) -> None:
    """Note that an editor has closed a topic."""
    async with database.writing() as session:
        gone = delete(Presence).where(Presence.editor_id == editor.id, Presence.topic == topic)
        await session.execute(gone)

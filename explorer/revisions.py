"""Saves words and finds them again: the only module that writes words. Nothing is ever changed or deleted.

A topic's newest revision that is not a draft decides what is live: its words if published, nothing if archived. A
topic without one shows the shipped words. Knows no files and renders nothing; whether words can be rendered is
checked before they come here.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from explorer import audit, notices
from explorer.database import Database
from explorer.errors import ExplorerError, Refused
from explorer.models import Revision, State
from explorer.topics import Wording

logger = logging.getLogger("explorer")

LIMIT = 256 * 1024
"""Characters of one text."""
LOCK = 7_305_002
"""PostgreSQL's advisory lock: saves commit one after the other, so that ids grow in the order of commits."""
SECTIONS = "~sections"
"""The name under which the order of the sections is kept, as the text of sections.toml: no topic can have it."""
VERBS: dict[State, str] = {"draft": "save draft", "published": "publish", "archived": "archive"}


class Stale(ExplorerError):
    """Somebody else saved the topic first. Nothing was written; both texts are here."""

    status = 409
    title = "Somebody else saved this topic"

    def __init__(self, newest: Revision | None, mine: Wording) -> None:
        said = f"{newest.author} saved number {newest.number}" if newest else "There is no saved version"
        super().__init__(f"{said}; your text is based on another one and was not saved.")
        self.newest = newest
        """What is there now; None where the text claims to be based on a revision that never was."""
        self.mine = mine
        """What was not saved."""


class Shipped(Enum):
    """What a save says about the shipped words."""

    AS_BEFORE = "as before"
    """Takes over what the revision below it took into account."""


async def save(
    database: Database,
    topic: str,
    words: Wording,
    *,
    author: str,
    why: str,
    based_on: int,
    state: State = "draft",
    shipped: Wording | Shipped | None = Shipped.AS_BEFORE,
) -> Revision:
    """Append a revision of a topic and return it; what is returned is on the disk.

    `based_on` is the number of the newest revision the author saw, 0 if there was none. `state` "published" makes the
    words live, "draft" does not touch the live page, "archived" takes the page away and keeps `words` to come back to:
    publishing any revision again brings it back.
    `shipped` are the words in the files that the author has taken into account: give them with the first revision of a
    topic, and when the author has decided about a shipped text that changed (None: the files no longer have the
    topic). Otherwise leave it out.

    Raises Stale if the topic has a newer revision (also in a race: one wins), Refused for words that cannot be stored,
    DatabaseAway if it cannot be written now. A save that is repeated because its answer was lost returns the revision
    that it made.
    """
    words = _checked(topic, words, why)
    try:
        async with database.writing() as session:
            await database.lock(session, LOCK)
            newest = await _newest(session, topic)
            if newest and _repeats(newest, words, author, why, based_on, state):
                return newest
            if (newest.number if newest else 0) != based_on:
                raise Stale(newest, words)
            revision = _next(topic, words, newest, author=author, why=why, state=state, shipped=shipped)
            live = await _live_number(session, topic)
            session.add(revision)
            audit.append(session, author, f"{VERBS[state]} {topic}", live, {"number": revision.number, "state": state})
            if state != "draft":
                await notices.give(database, session)
    except IntegrityError:  # UNIQUE(topic, number) has the last word, whatever came before
        raise Stale(await revision_of(database, topic), words) from None
    return revision


async def history(database: Database, topic: str) -> Sequence[Revision]:
    """Return all revisions of a topic, newest first, without their texts: `revision_of` has those."""
    query = listing().where(Revision.topic == topic).order_by(Revision.number.desc())
    async with database.reading() as session:
        return (await session.scalars(query)).all()


def listing() -> Select[Revision]:
    """Return a query for revisions without their texts."""
    texts = (Revision.text, Revision.takeaway, Revision.notes, Revision.shipped)
    return select(Revision).options(*(defer(text, raiseload=True) for text in texts))


async def revision_of(database: Database, topic: str, number: int | None = None) -> Revision | None:
    """Return one revision of a topic, the newest if no number is given; None if there is none."""
    async with database.reading() as session:
        if number is None:
            return await _newest(session, topic)
        query = select(Revision).where(Revision.topic == topic, Revision.number == number)
        return (await session.scalars(query)).one_or_none()


async def deciding(database: Database, topic: str) -> Revision | None:
    """Return the revision that decides what is live of a topic: the newest that is not a draft; None if none is."""
    async with database.reading() as session:
        return (await session.scalars(_that_decides(topic, select(Revision)))).one_or_none()


async def latest(database: Database) -> int:
    """Return the id of the newest revision of all topics, 0 if there is none: cheap to ask every second."""
    async with database.reading() as session:
        return (await session.scalar(select(func.max(Revision.id)))) or 0


async def live(database: Database, after: int = 0) -> dict[str, Revision]:
    """Return by topic the revision that decides what is live: the newest that is not a draft.

    With `after`, only topics that got such a revision since that id: what a replica has to take over. A row that cannot
    be read, which only a hand can have written, is left out and logged.
    """
    numbers = (
        select(func.max(Revision.id))
        .where(Revision.state != "draft")
        .group_by(Revision.topic)
        .having(func.max(Revision.id) > after)
    )
    async with database.reading() as session:
        try:
            found = (await session.scalars(select(Revision).where(Revision.id.in_(numbers)))).all()
        except (LookupError, ValueError):  # a state or a time that is none
            found = await _one_by_one(session, numbers)
        return {revision.topic: revision for revision in sorted(found, key=lambda revision: revision.topic)}


async def heads(database: Database) -> dict[str, Revision]:
    """Return the newest revision of each topic, without its texts."""
    numbers = select(func.max(Revision.id)).group_by(Revision.topic)
    async with database.reading() as session:
        found = await session.scalars(listing().where(Revision.id.in_(numbers)).order_by(Revision.topic))
        return {revision.topic: revision for revision in found}


async def drafts(database: Database) -> Sequence[Revision]:
    """Return the newest revision of each topic that is a draft, the oldest first."""
    newest = select(func.max(Revision.id)).group_by(Revision.topic)
    query = select(Revision).where(Revision.id.in_(newest), Revision.state == "draft").order_by(Revision.id)
    async with database.reading() as session:
        return (await session.scalars(query)).all()


def require_readable(revision: Revision) -> None:
    """Raise Refused, with the mend, for words in a form that this code cannot read: something else wrote them."""
    if revision.unreadable:
        fields = ", ".join(revision.unreadable)
        raise Refused(f"{revision.topic}, number {revision.number}, cannot be read ({fields}): save it again.")


def _checked(topic: str, words: Wording, why: str) -> Wording:
    """Return the words as they are stored. Refuses what a database cannot keep or a page cannot be made of."""
    texts = {"the text": words.text, "the takeaway": words.takeaway, "the reason": why}
    texts |= {f"the notes of {variant}": text for variant, text in words.notes.items()}
    for name, text in texts.items():
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise Refused(f"{name[0].upper()}{name[1:]} of {topic} holds a character that is none: remove it.")
        if len(text) > (500 if name == "the reason" else LIMIT):
            raise Refused(f"{name[0].upper()}{name[1:]} of {topic} is too long.")
    if not why.strip():
        raise Refused("Say in a few words why: it stands in the history.")
    if not -(2**31) <= words.position < 2**31:
        raise Refused(f"The position of {topic} is not a number a database can keep.")
    if len(words.section) > 100:
        raise Refused(f"The section of {topic} has a name of more than 100 characters.")
    notes = {variant: text for variant, text in sorted(words.notes.items()) if text}
    return Wording(words.text, words.takeaway, words.section, words.position, notes)


def _next(
    topic: str,
    words: Wording,
    newest: Revision | None,
    *,
    author: str,
    why: str,
    state: State,
    shipped: Wording | Shipped | None,
) -> Revision:
    if isinstance(shipped, Shipped):
        shipped = newest.shipped_wording if newest else None
    return Revision(
        topic=topic,
        number=newest.number + 1 if newest else 1,
        state=state,
        author=author,
        saved_at=datetime.now(UTC),
        why=why,
        based_on=newest.number if newest else 0,
        text=words.text,
        takeaway=words.takeaway,
        section=words.section,
        position=words.position,
        notes=dict(words.notes),
        shipped_hash=shipped.fingerprint if shipped else None,
        shipped=shipped.as_dict() if shipped else None,
    )


def _repeats(newest: Revision, words: Wording, author: str, why: str, based_on: int, state: State) -> bool:
    """Tell whether this very save has been made already."""
    return (newest.author, newest.why, newest.based_on, newest.state, newest.wording) == (
        author,
        why,
        based_on,
        state,
        words,
    )


async def _newest(session: AsyncSession, topic: str) -> Revision | None:
    query = select(Revision).where(Revision.topic == topic).order_by(Revision.number.desc()).limit(1)
    return (await session.scalars(query)).one_or_none()


async def _one_by_one(session: AsyncSession, ids: Select[int]) -> Sequence[Revision]:
    """Return the revisions that can be read."""
    found: list[Revision] = []
    for number in (await session.scalars(ids)).all():
        try:
            found += (await session.scalars(select(Revision).where(Revision.id == number))).all()
        except (LookupError, ValueError) as error:
            logger.error("the revision with id %d cannot be read, what its topic showed stays: %s", number, error)
    return found


async def _live_number(session: AsyncSession, topic: str) -> dict[str, object] | None:
    """Return number and state of what was live, for the audit."""
    live = (await session.scalars(_that_decides(topic, listing()))).one_or_none()
    return {"number": live.number, "state": live.state} if live else None


def _that_decides(topic: str, query: Select[Revision]) -> Select[Revision]:
    return query.where(Revision.topic == topic, Revision.state != "draft").order_by(Revision.number.desc()).limit(1)

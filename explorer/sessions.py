"""Signing in and out: sessions are rows, the browser has only a random token.

A session ends by itself after an hour without a request and after twelve hours at the latest; with a new password,
role or a disabled account at once. The cookie is the admin's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from explorer import audit, editors, passwords, throttle
from explorer.database import Database
from explorer.editors import hash_token, make_token
from explorer.errors import DatabaseAway, ExplorerError
from explorer.models import Editor, Session

IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=12)
TOUCH = timedelta(minutes=1)
"""A session that is used is prolonged at most this often."""


class WrongPassword(ExplorerError):
    """Name and password do not fit, or the account is unknown, disabled or without a password: the same for all."""

    status = 401
    title = "Not signed in"

    def __init__(self) -> None:
        super().__init__("Name and password do not fit.")


async def sign_in(database: Database, name: str, password: str, address: str) -> str:
    """Return the token of a new session. `address` is the visitor's.

    Takes as long whether the account exists or not. Raises WrongPassword, Throttled, Busy or DatabaseAway.
    """
    editor = await _prove(database, name, password, address)
    async with database.writing() as session:
        token = await _open(session, editor, address)
        audit.append(session, editor.name, audit.SIGNED_IN)
    return token


async def signed_in(database: Database, token: str) -> Editor | None:
    """Return whose session a token is, None if it is over. Asked at each request; prolongs the session."""
    now = datetime.now(UTC)
    query = select(Session).where(Session.token_hash == hash_token(token)).options(joinedload(Session.editor))
    async with database.reading() as session:
        found = (await session.scalars(query)).one_or_none()
    if found is None or found.expires_at <= now or found.editor.disabled or found.epoch != found.editor.epoch:
        return None
    until = min(now + IDLE, found.created_at + LONGEST)
    if until - found.expires_at > TOUCH:
        with suppress(DatabaseAway):  # who only reads needs no write
            await _prolong(database, found, until)
    return found.editor


async def _prolong(database: Database, found: Session, until: datetime) -> None:
    async with database.writing() as session:
        row = await session.get(Session, found.token_hash)
        if row:
            row.expires_at = until


async def sign_out(database: Database, token: str) -> None:
    """End a session; a copy of its cookie is worth nothing."""
    async with database.writing() as session:
        await session.execute(delete(Session).where(Session.token_hash == hash_token(token)))


async def change_password(database: Database, editor: Editor, current: str, new: str, address: str) -> str:
    """Give an editor who knows the current password a new one; return the token of a new session.

    All other sessions end, also the one that asks. Raises what `sign_in` raises, and Refused for the new password.
    """
    passwords.check(new, editor.name)
    await _prove(database, editor.name, current, address)
    await editors.set_password(database, editor.name, new, by=editor.name)
    changed = await editors.find(database, editor.name)
    async with database.writing() as session:
        return await _open(session, changed, address)


async def opened(database: Database, editor: Editor | None = None) -> Sequence[Session]:
    """Return the sessions that are not over, of one editor or of all, the newest first."""
    query = open_now() if editor is None else open_now().where(Session.editor_id == editor.id)
    async with database.reading() as session:
        return (await session.scalars(query.order_by(Session.created_at.desc()))).all()


def open_now() -> Select[Session]:
    """Return a query for the sessions that are not over, with their editors."""
    query = select(Session).join(Session.editor).options(joinedload(Session.editor))
    return query.where(Session.expires_at > datetime.now(UTC), Session.epoch == Editor.epoch, ~Editor.disabled)


async def sign_out_others(database: Database, editor: Editor, token: str) -> int:
    """End all other sessions of an editor and return how many there were."""
    others = delete(Session).where(Session.editor_id == editor.id, Session.token_hash != hash_token(token))
    async with database.writing() as session:
        ended = len((await session.scalars(others.returning(Session.token_hash))).all())
        audit.append(session, editor.name, "end other sessions", None, {"ended": ended})
    return ended


async def _prove(database: Database, name: str, password: str, address: str) -> Editor:
    """Return the editor whose name and password these are. Counts the try."""
    name = name.strip().lower()
    async with database.writing() as session:
        await throttle.enter(session, name, address)
        query = select(Editor).where(Editor.name == (name if editors.is_name(name) else ""))  # nobody has no name
        editor = (await session.scalars(query)).one_or_none()
    right = await passwords.verify(editor.password if editor else None, password)
    if editor is None or editor.disabled or not right:
        raise WrongPassword
    return editor


async def _open(session: AsyncSession, editor: Editor, address: str) -> str:
    """Begin a session of an editor who has shown the password, and forget the failures before it."""
    token, now = make_token(), datetime.now(UTC)
    await session.execute(delete(Session).where(Session.expires_at < now))
    await throttle.succeed(session, editor.name, address)
    row = Session(token_hash=hash_token(token), editor_id=editor.id, created_at=now, expires_at=now + IDLE)
    row.epoch = editor.epoch  # as it was when the password was read: a change in between ends this session, too
    session.add(row)
    return token

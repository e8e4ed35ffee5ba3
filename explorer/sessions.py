"""Signing in and out: sessions are rows, the browser has only a random token.

A session ends by itself after an hour without a request and after twelve hours at the latest; with a new password,
role or a disabled account at once. The cookie is the admin's business.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from explorer import audit, passwords, throttle
from explorer.database import Database
from explorer.editors import hash_token, make_token
from explorer.errors import ExplorerError
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
    name = name.strip().lower()
    async with database.writing() as session:
        await throttle.enter(session, name, address)
        editor = (await session.scalars(select(Editor).where(Editor.name == name))).one_or_none()
    right = await passwords.verify(editor.password if editor else None, password)
    if editor is None or editor.disabled or not right:
        raise WrongPassword
    token, now = make_token(), datetime.now(UTC)
    async with database.writing() as session:
        await session.execute(delete(Session).where(Session.expires_at < now))
        await throttle.succeed(session, name, address)
        row = Session(token_hash=hash_token(token), editor_id=editor.id, created_at=now, expires_at=now + IDLE)
        row.epoch = editor.epoch  # as it was when the password was read: a change in between ends this session, too
        session.add(row)
        audit.append(session, name, "sign in")
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
        async with database.writing() as session:
            row = await session.get(Session, found.token_hash)
            if row:
                row.expires_at = until
    return found.editor


async def sign_out(database: Database, token: str) -> None:
    """End a session; a copy of its cookie is worth nothing."""
    async with database.writing() as session:
        await session.execute(delete(Session).where(Session.token_hash == hash_token(token)))


async def sign_out_others(database: Database, editor: Editor, token: str) -> int:
    """End all other sessions of an editor and return how many there were."""
    others = delete(Session).where(Session.editor_id == editor.id, Session.token_hash != hash_token(token))
    async with database.writing() as session:
        ended = len((await session.scalars(others.returning(Session.token_hash))).all())
        audit.append(session, editor.name, "end other sessions", None, {"ended": ended})
    return ended

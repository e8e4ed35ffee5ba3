"""The people who may sign in: add, disable, roles, passwords, one-time set-up links.

There is no default account. Signing in is in `sessions`; what a role may do is `may`, asked by every admin route.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from explorer import audit, passwords
from explorer.database import Database
from explorer.errors import Refused
from explorer.models import ROLES, Editor, Role, Session, SetupLink

LINK_LASTS = timedelta(hours=24)
NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")


def may(editor: Editor, role: Role) -> bool:
    """Tell whether an editor may do what needs a role: each role includes those before it."""
    return not editor.disabled and ROLES.index(editor.role) >= ROLES.index(role)


def make_token() -> str:
    """Return a random token of 43 characters; only its hash is stored."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def link_path(token: str) -> str:
    """Return the path of the page at which a set-up link is used."""
    return f"/admin/setup/{token}"


async def add(database: Database, name: str, role: Role, *, by: str, password: str | None = None) -> Editor:
    """Add an editor, without a password until a set-up link is used. Raises Refused for a name or password."""
    name = clean_name(name)
    hashed = await _hash(password, name) if password is not None else None
    try:
        async with database.writing() as session:
            editor = _new(name, role, hashed)
            session.add(editor)
            audit.append(session, by, f"add editor {name}", None, {"role": role})
    except IntegrityError:
        raise Refused(f"There is an editor {name} already.") from None
    return editor


async def everybody(database: Database) -> Sequence[Editor]:
    """Return all editors by name."""
    async with database.reading() as session:
        return (await session.scalars(select(Editor).order_by(Editor.name))).all()


async def exist(database: Database) -> bool:
    """Tell whether there is an editor at all."""
    async with database.reading() as session:
        return bool(await session.scalar(select(func.count(Editor.id))))


async def find(database: Database, name: str) -> Editor:
    """Return an editor by name. Raises Refused if there is none."""
    async with database.reading() as session:
        return await _take(session, name)


async def set_password(database: Database, name: str, password: str, *, by: str) -> None:
    """Give an editor a new password and end all their sessions. Raises Refused."""
    hashed = await _hash(password, clean_name(name))
    async with database.writing() as session:
        editor = await _take(session, name)
        editor.password = hashed
        await _end(session, editor)
        audit.append(session, by, f"set password of {editor.name}")


async def set_role(database: Database, name: str, role: Role, *, by: str) -> None:
    """Give an editor another role and end their sessions. Raises Refused for the last owner."""
    async with database.writing() as session:
        editor = await _take(session, name)
        before = editor.role
        if role != "owner":
            await _keep_an_owner(session, editor)
        editor.role = role
        await _end(session, editor)
        audit.append(session, by, f"set role of {editor.name}", {"role": before}, {"role": role})


async def set_disabled(database: Database, name: str, disabled: bool, *, by: str) -> None:
    """Take away the right to sign in, which ends all sessions and links, or give it back. Raises Refused.

    The last owner is refused.
    """
    async with database.writing() as session:
        editor = await _take(session, name)
        if disabled:
            await _keep_an_owner(session, editor)
        before, editor.disabled = editor.disabled, disabled
        await _end(session, editor)
        if disabled:
            await session.execute(delete(SetupLink).where(SetupLink.editor_id == editor.id))
        what = "disable" if disabled else "enable"
        audit.append(session, by, f"{what} {editor.name}", {"disabled": before}, {"disabled": disabled})


async def end_sessions(database: Database, name: str, *, by: str) -> None:
    """End all sessions of an editor, who may sign in again. Raises Refused."""
    async with database.writing() as session:
        editor = await _take(session, name)
        await _end(session, editor)
        audit.append(session, by, f"end sessions of {editor.name}")


async def make_link(database: Database, name: str, *, by: str) -> str:
    """Return the token of a link that lets an editor choose a password, once, within a day. Earlier ones end."""
    async with database.writing() as session:
        editor = await _take(session, name)
        await session.execute(delete(SetupLink).where(SetupLink.editor_id == editor.id))
        audit.append(session, by, f"make a set-up link for {editor.name}")
        return _link(session, editor.id)


async def make_first_link(database: Database) -> str | None:
    """Return the token of a link for the first owner, who chooses name and password; None once there is an editor.

    Each start may make one; when one is used the others end.
    """
    async with database.writing() as session:
        if await session.scalar(select(func.count(Editor.id))):
            return None
        return _link(session, None)


async def links(database: Database) -> dict[int, datetime]:
    """Return until when a link that was not used yet is good, by the id of the editor it is for."""
    query = select(SetupLink.editor_id, SetupLink.expires_at).where(SetupLink.used_at.is_(None))
    async with database.reading() as session:
        rows = (await session.execute(query.where(SetupLink.expires_at > datetime.now(UTC)))).all()
    return {row.editor_id: row.expires_at for row in rows if row.editor_id is not None}


async def look_up_link(database: Database, token: str) -> SetupLink | None:
    """Return a link that can still be used, to show its form: without `editor_id` the form asks for a name, too.

    Those for the first owner end with the first editor, whoever made one.
    """
    useful = SetupLink.editor_id.is_not(None) | ~select(Editor.id).exists()
    query = select(SetupLink).where(SetupLink.token_hash == hash_token(token), SetupLink.used_at.is_(None), useful)
    async with database.reading() as session:
        return (await session.scalars(query.where(SetupLink.expires_at > datetime.now(UTC)))).one_or_none()


async def whose_link(database: Database, link: SetupLink) -> str | None:
    """Return the name of the editor a link is for, None for the first owner's."""
    if link.editor_id is None:
        return None
    async with database.reading() as session:
        return (await session.get_one(Editor, link.editor_id)).name


async def use_link(database: Database, token: str, password: str, name: str | None = None) -> Editor:
    """Set the password of the editor a link was made for, or make the first owner, named `name`.

    Raises Refused for a link that was used, is too old or never was, and for a name or password; then it stays usable.
    """
    gone = Refused("This link was used or is too old. Ask an owner for a new one, or run `explorer editor password`.")
    link = await look_up_link(database, token)
    if link is None:
        raise gone
    if link.editor_id is None:
        chosen = clean_name(name or "")
    else:
        async with database.reading() as session:
            chosen = (await session.get_one(Editor, link.editor_id)).name
    hashed = await _hash(password, chosen)
    async with database.writing() as session:
        # all first links end together, and only one of two that come at once gets its row
        mine = SetupLink.editor_id.is_(None) if link.editor_id is None else SetupLink.editor_id == link.editor_id
        used = update(SetupLink).where(mine, SetupLink.used_at.is_(None)).values(used_at=datetime.now(UTC))
        ended = (await session.scalars(used.returning(SetupLink.token_hash))).all()
        if link.token_hash not in ended:
            raise gone
        if link.editor_id is None:
            if await session.scalar(select(func.count(Editor.id))):
                raise gone
            editor = _new(chosen, "owner", hashed)
            session.add(editor)
        else:
            editor = await _take(session, chosen)
            editor.password = hashed
            await _end(session, editor)
        audit.append(session, chosen, "use set-up link", None, {"role": editor.role})
    return editor


def is_name(name: str) -> bool:
    """Tell whether somebody can have this name. A database may not even take others to look for."""
    return NAME.fullmatch(name) is not None


def clean_name(name: str) -> str:
    """Return a name as it is stored, in lower case. Raises Refused."""
    folded = name.strip().lower()
    if not is_name(folded):
        raise Refused("A name has 1 to 100 of the characters a-z, 0-9 and . _ @ + - and starts with a letter or digit.")
    return folded


def _new(name: str, role: Role, password: str | None) -> Editor:
    return Editor(name=name, role=role, password=password, disabled=False, epoch=1, created_at=datetime.now(UTC))


def _link(session: AsyncSession, editor_id: int | None) -> str:
    token = make_token()
    session.add(SetupLink(token_hash=hash_token(token), editor_id=editor_id, expires_at=datetime.now(UTC) + LINK_LASTS))
    return token


async def _hash(password: str, name: str) -> str:
    passwords.check(password, name)
    return await passwords.hash_password(password)


async def _take(session: AsyncSession, name: str) -> Editor:
    editor = None
    if is_name(folded := name.strip().lower()):
        query = select(Editor).where(Editor.name == folded).with_for_update()
        editor = (await session.scalars(query)).one_or_none()
    if editor is None:
        raise Refused(f"There is no editor {name[:100]}.")
    return editor


async def _end(session: AsyncSession, editor: Editor) -> None:
    """End all sessions of an editor, on every replica with its next request."""
    editor.epoch += 1
    await session.execute(delete(Session).where(Session.editor_id == editor.id))


async def _keep_an_owner(session: AsyncSession, editor: Editor) -> None:
    """Refuse to take away the last owner who may sign in."""
    owners = select(Editor.id).where(Editor.role == "owner", Editor.disabled.is_(False)).with_for_update()
    if set((await session.scalars(owners)).all()) == {editor.id}:
        raise Refused(f"{editor.name} is the last owner: make another one first.")

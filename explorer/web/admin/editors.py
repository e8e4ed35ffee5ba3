"""The people who may sign in, for owners: add, role, disable, new link, end sessions. Each change is a POST.

A one-time link is shown in the answer that made it and nowhere else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from sqladmin import BaseView, expose
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from explorer import editors, sessions
from explorer.database import Database
from explorer.errors import Refused
from explorer.models import ROLES, Editor, Role
from explorer.web.admin.desk import desk_of, editor_of
from explorer.web.admin.forms import read_form
from explorer.web.admin.pages import done, page

Change = Callable[[Database, str, str], Awaitable[object]]
"""Something that is done to an editor: the database, whose name, who does it."""


class EditorPages(BaseView):
    """The list of editors, and a page for each."""

    @expose("/editors", methods=["GET"])
    async def editors(self, request: Request) -> Response:
        """List everybody, with a form to add somebody."""
        return await _list(request)

    @expose("/editors", methods=["POST"])
    async def add_editor(self, request: Request) -> Response:
        """Add somebody and show the link with which they choose a password."""
        database, by, form = desk_of(request).database, editor_of(request).name, await read_form(request)
        try:
            editor = await editors.add(database, form.get("name", ""), _role(form.get("role", "")), by=by)
        except Refused as error:
            return await _list(request, form, error)
        return await _show_link(request, editor.name)

    @expose("/editors/{name}", methods=["GET"])
    async def editor(self, request: Request) -> Response:
        """Show one editor, with what can be done."""
        return await _one(request, await _named(request))

    @expose("/editors/{name}/role", methods=["POST"])
    async def set_editor_role(self, request: Request) -> Response:
        """Give another role."""
        role = (await read_form(request)).get("role", "")
        return await _change(request, "role", lambda database, name, by: _set_role(database, name, role, by))

    @expose("/editors/{name}/disable", methods=["POST"])
    async def disable_editor(self, request: Request) -> Response:
        """Take away the right to sign in."""
        return await _change(request, "disabled", lambda db, name, by: editors.set_disabled(db, name, True, by=by))

    @expose("/editors/{name}/enable", methods=["POST"])
    async def enable_editor(self, request: Request) -> Response:
        """Give back the right to sign in."""
        return await _change(request, "enabled", lambda db, name, by: editors.set_disabled(db, name, False, by=by))

    @expose("/editors/{name}/end", methods=["POST"])
    async def end_editor_sessions(self, request: Request) -> Response:
        """End all sessions."""
        return await _change(request, "ended", lambda db, name, by: editors.end_sessions(db, name, by=by))

    @expose("/editors/{name}/link", methods=["POST"])
    async def make_editor_link(self, request: Request) -> Response:
        """Make a link and show it, once."""
        return await _show_link(request, (await _named(request)).name)


async def _set_role(database: Database, name: str, role: str, by: str) -> None:
    await editors.set_role(database, name, _role(role), by=by)


async def _change(request: Request, code: str, change: Change) -> Response:
    """Do something to the editor in the address, and lead back to their page."""
    editor = await _named(request)
    try:
        await change(desk_of(request).database, editor.name, editor_of(request).name)
    except Refused as error:
        return await _one(request, editor, error)
    return done(request, f"/admin/editors/{quote(editor.name)}", code)


async def _list(request: Request, form: dict[str, str] | None = None, error: Refused | None = None) -> Response:
    database = desk_of(request).database
    opened = await sessions.opened(database)
    context = {
        "editors": await editors.everybody(database),
        "links": await editors.links(database),
        "sessions": {row.editor_id: sum(other.editor_id == row.editor_id for other in opened) for row in opened},
        "roles": ROLES,
        "form": form or {},
        "wrong": error.detail if error else None,
    }
    return page(request, "admin/editors.html", context, error.status if error else 200)


async def _one(request: Request, editor: Editor, error: Refused | None = None) -> Response:
    database = desk_of(request).database
    context = {
        "editor": editor,
        "path": f"/admin/editors/{quote(editor.name)}",
        "sessions": await sessions.opened(database, editor),
        "link": (await editors.links(database)).get(editor.id),
        "roles": ROLES,
        "wrong": error.detail if error else None,
    }
    return page(request, "admin/editor.html", context, error.status if error else 200)


async def _show_link(request: Request, name: str) -> Response:
    """Make a link for an editor and show it. Who reloads the page makes another one, which ends this one."""
    token = await editors.make_link(desk_of(request).database, name, by=editor_of(request).name)
    path = desk_of(request).state.templates.url(editors.link_path(token))
    link = str(request.url.replace(path=path, query="", fragment=""))
    return page(request, "admin/link.html", {"name": name, "link": link})


async def _named(request: Request) -> Editor:
    """Return the editor in the address. Raises HTTPException 404."""
    try:
        return await editors.find(desk_of(request).database, request.path_params["name"])
    except Refused:
        raise HTTPException(404) from None


def _role(role: str) -> Role:
    """Return a role of a form. Raises Refused."""
    found = next((known for known in ROLES if known == role), None)
    if found is None:
        raise Refused(f"There is no role {role[:20]!r}: take one of {', '.join(ROLES)}.")
    return found

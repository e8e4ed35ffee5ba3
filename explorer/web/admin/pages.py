"""Puts pages of the admin together: a template in the admin's layout, with menu, visitor and what was just done.

A view answers a form with a page, or after a change with `done`: 303 to a page that says so. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from explorer.editors import may
from explorer.errors import ExplorerError
from explorer.models import Editor
from explorer.web.admin.desk import desk_of, visitor_of
from explorer.web.admin.done import DONE
from explorer.web.admin.roles import ROLES

MENU = (
    ("Dashboard", "/admin/", "index"),
    ("Topics", "/admin/topics", "topics"),
    ("Revisions", "/admin/revisions", "revisions-rows"),
    ("Editors", "/admin/editors", "editors"),
    ("Audit", "/admin/audit", "audit-rows"),
)
"""Title, path and the route whose role it takes to see the entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the menu."""

    title: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page of the admin shows around its content."""

    editor: Editor | None
    here: str
    """The path of the page."""
    menu: tuple[Entry, ...]
    said: str | None
    """What was just done."""
    problem: str | None
    """Why the database cannot be used."""


def page(
    request: Request,
    template: str,
    context: Mapping[str, object] | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Render a template of the admin: it sees `frame`, `site` and what `context` names."""
    state = desk_of(request).state
    values = {"site": state.live.current.site, "frame": frame_of(request), **(context or {})}
    return HTMLResponse(state.templates.render_values(template, values), status, headers)


def done(request: Request, path: str, code: str) -> Response:
    """Lead to a page of the admin after a change; it says the sentence that `done.DONE` has for the code."""
    if code not in DONE:
        raise KeyError(code)
    return lead(request, f"{path}?done={code}")


def in_time(request: Request, code: str) -> str:
    """Return the code of a change that readers see, or the one that says that they see it later."""
    return "later" if desk_of(request).publisher.problem else code


def waiting(error: ExplorerError | None) -> dict[str, str]:
    """Return the header that says when to try again, if an error knows."""
    seconds = getattr(error, "retry_after", None)
    return {"Retry-After": str(seconds)} if seconds else {}


def lead(request: Request, path: str, headers: Mapping[str, str] | None = None) -> Response:
    """Lead to an address of the site by 303. The address is relative: it does not come from the Host header."""
    return RedirectResponse(desk_of(request).state.templates.url(path), 303, headers)


def frame_of(request: Request) -> Frame:
    """Return what surrounds the page for whoever asks."""
    desk, editor = desk_of(request), visitor_of(request)
    url, path = desk.state.templates.url, request.url.path
    menu = [
        Entry(title, url(to), path == to or (to != "/admin/" and path.startswith(f"{to}/")))
        for title, to, route in MENU
        if editor and (role := ROLES.get(route)) and may(editor, role)
    ]
    return Frame(editor, path, tuple(menu), DONE.get(request.query_params.get("done", "")), desk.publisher.problem)

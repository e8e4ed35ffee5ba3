"""Errors inside the admin, as pages in its look. A form that could not be handled comes back with what was typed.

Shows no traceback and no text of the database's driver.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Match, Route

from explorer.errors import DatabaseAway, ExplorerError
from explorer.web.admin.cookie import identify
from explorer.web.admin.desk import desk_of
from explorer.web.admin.forms import from_script, read_form
from explorer.web.admin.pages import page, waiting
from explorer.web.problems import Look

DETAILS = {
    400: "The form cannot be read. Go back: what you typed is still there.",
    403: "Your role does not allow this.",
    404: "There is nothing at this address.",
    405: "This address does not take this method.",
    413: "This is more than the server reads. Shorten the text.",
}
HANDLERS: dict[Any, Any] = {}
"""Exception handlers for the admin's application."""


def error_page(
    request: Request,
    status: int,
    title: str,
    detail: str,
    *,
    reference: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an error as a page of the admin."""
    context = {"status": status, "title": title, "detail": detail, "reference": reference, "path": request.url.path}
    return page(request, "admin/error.html", context, status, headers)


async def kept_page(request: Request, status: int, title: str, detail: str, headers: Mapping[str, str]) -> Response:
    """Return an error with what was typed, ready to be sent again; not for a form with a password.

    Script gets the sentence alone: what was typed is still in its page.
    """
    if from_script(request):
        return JSONResponse({"detail": detail}, status, headers)
    fields = await read_form(request) if request.method == "POST" else {}
    if not fields or "password" in fields:  # a password is in no page
        return error_page(request, status, title, detail, headers=headers)
    context = {"status": status, "title": title, "detail": detail, "fields": fields, "action": request.url.path}
    return page(request, "admin/kept.html", context, status, headers)


async def away(request: Request, error: DatabaseAway) -> Response:
    """Answer a request for which the database was needed."""
    detail = f"{error.detail} Nothing was changed. Try again in a moment."
    return await kept_page(request, error.status, error.title, detail, waiting(error))


async def refused(request: Request, error: ExplorerError) -> Response:
    """Answer with one of our errors that no view caught."""
    return await kept_page(request, error.status, error.title, error.detail, waiting(error))


async def http_error(request: Request, error: HTTPException) -> Response:
    """Answer what the router or a view refused."""
    status = error.status_code
    if status == 404 and request.method in ("GET", "HEAD") and (path := _without_slash(request)):
        return RedirectResponse(desk_of(request).state.templates.url(path), 308)
    if not hasattr(request.state, "editor"):  # the address has no route: nobody asked who it is, and the menu shows it
        with suppress(DatabaseAway):
            request.state.editor = await identify(request)
    headers = MutableHeaders(error.headers or {})
    if status == 405:
        headers["Allow"] = ", ".join(_methods(request))
    detail = error.detail if error.detail != HTTPStatus(status).phrase else DETAILS.get(status, error.detail)
    return error_page(request, status, HTTPStatus(status).phrase, detail, headers=headers)


async def fault(request: Request, error: Exception) -> Response:
    """Answer a request whose handler raised, with the id that the log has."""
    reference: str = request.scope["state"]["request_id"]
    detail = "The page could not be put together. Nothing you typed is lost: go back and it is still there."
    return error_page(request, 500, ExplorerError.title, detail, reference=reference)


def look(admin: Starlette) -> Look:
    """Return how errors look that happen before a request reaches the admin, such as a form that is too long."""

    def answer(request: Request, status: int, title: str, detail: str, reference: str | None) -> Response:
        inside = Request({**request.scope, "app": admin})
        return error_page(inside, status, title, DETAILS.get(status, detail), reference=reference)

    return answer


def _without_slash(request: Request) -> str | None:
    """Return the path without slashes at its end if that is a page."""
    path = request.url.path.rstrip("/")
    scope = {**request.scope, "path": path}
    known = any(route.matches(scope)[0] == Match.FULL for route in request.app.routes)
    return path if path != request.url.path and known else None


def _methods(request: Request) -> list[str]:
    """Return every method that the address takes: it may have a route for each."""
    routes = [route for route in request.app.routes if isinstance(route, Route)]
    found = [route.methods or set() for route in routes if route.matches(request.scope)[0] != Match.NONE]
    return sorted(set().union(*found))


HANDLERS.update(
    {HTTPException: http_error, DatabaseAway: away, ExplorerError: refused, Exception: fault},
)

"""Turns errors into answers: problem+json for the API, text for the demos' mounts, a page for everybody else.

No traceback, no path of the server and nothing a visitor typed is echoed, except the address that was not found.
"""

from __future__ import annotations

import difflib
import json
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import SimpleNamespace

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from explorer.errors import Busy, ExplorerError, NotFound, UnusableRequest
from explorer.views.pages import ErrorPage
from explorer.views.site import TopicLink
from explorer.web.fragments import wants_fragment
from explorer.web.request_log import LastResort
from explorer.web.state import State, state_of

logger = logging.getLogger("explorer.web")

NAME_LIMIT = 60
"""Characters of a field's name that are repeated: an unknown one is the caller's."""

REFUSALS = (414, 429, 431)
"""Statuses whose page is the same for everybody and made once: to refuse must cost less than what is refused."""

Look = Callable[[Request, int, str, str, str | None], Response]
"""Makes an error page: the request, status, title, detail, and the id that the log has."""

BROKEN = "The answer could not be put together. Nothing you typed is lost: go back and it is still there."


def install(app: FastAPI, looks: Mapping[str, Look]) -> None:
    """Register the handlers for every kind of error. `looks` are parts of the site with error pages of their own."""
    app.state.looks = looks
    app.add_exception_handler(ExplorerError, _explorer_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _fault)


def last_resort(app: FastAPI) -> LastResort:
    """Return what answers a request that failed outside of FastAPI's own stack."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request({**scope, "app": app})
        await (await _fault(request, RuntimeError()))(scope, receive, send)

    return answer


def refusing(app: FastAPI) -> Callable[[Exception], ASGIApp]:
    """Return what answers a request with an error before FastAPI's own stack sees it."""

    def refuse(error: Exception) -> ASGIApp:
        answers = _explorer_error if isinstance(error, ExplorerError) else _http_exception

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            request = Request({**scope, "app": app})
            await (await answers(request, error))(scope, receive, send)

        return answer

    return refuse


def respond(
    request: Request,
    status: int,
    title: str,
    detail: str,
    *,
    field: str | None = None,
    reference: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Return an error as the client reads it: problem+json, text under /demos/, a notice for htmx, else a page."""
    headers = {"Cache-Control": "no-store"} | (headers or {})
    if request.scope["path"].startswith("/api/"):
        problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        problem |= {"field": field} if field is not None else {}
        problem |= {"reference": reference} if reference else {}
        return Response(json.dumps(problem), status, headers, media_type="application/problem+json")
    if request.scope["path"].startswith("/demos/"):  # a page could not load its styles in the sandbox
        return PlainTextResponse(f"{title}. {detail}\n", status, headers)
    if wants_fragment(request):
        notice = SimpleNamespace(problem=detail, problem_field=field)
        html = state_of(request).templates.render_fragment("_try.html", "problem", notice)
        return HTMLResponse(html, status, headers | {"Vary": "HX-Request"})
    if status in REFUSALS:
        return HTMLResponse(_refusal(state_of(request), status, title, detail), status, headers)
    looks: Mapping[str, Look] = request.app.state.looks
    for part, look in looks.items():
        if request.scope["path"].startswith(part):
            page = look(request, status, title, detail, reference)
            page.headers.update(headers)
            return page
    return HTMLResponse(_page(request, status, title, detail, reference), status, headers)


def _refusal(state: State, status: int, title: str, detail: str) -> str:
    """Return a page that names no address, made once for each menu."""
    site = state.live.current.site
    kept = state.refusals.get((status, detail))
    if kept is None or kept[0] is not site:
        page = ErrorPage(status, title, detail, path="", suggestion=None, answers=None, reference=None)
        kept = state.refusals[status, detail] = site, state.templates.render("error.html", site, page)
    return kept[1]


def _page(request: Request, status: int, title: str, detail: str, reference: str | None) -> str:
    state = state_of(request)
    catalog = state.live.current
    page = ErrorPage(
        status=status,
        title=title,
        detail=detail,
        path=request.scope["path"][:200],
        suggestion=_closest(state, request.scope["path"]) if status == 404 else None,
        answers=catalog.unknown_address if status == 404 else None,
        reference=reference,
    )
    return state.templates.render("error.html", catalog.site, page)


def _closest(state: State, path: str) -> TopicLink | None:
    links = {link.slug: link for link in state.live.current.site.topics}
    word = path.rstrip("/").rpartition("/")[2].lower()[:100]
    match = difflib.get_close_matches(word, links, n=1, cutoff=0.6)
    return links[match[0]] if match else None


async def _fault(request: Request, error: Exception) -> Response:
    """Answer a request whose handler raised, with the id that the log has."""
    reference: str = request.scope["state"]["request_id"]
    return respond(request, 500, ExplorerError.title, BROKEN, reference=reference)


async def _explorer_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ExplorerError)
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, Busy) else None
    field = error.field if isinstance(error, UnusableRequest) else None
    return respond(request, error.status, error.title, error.detail, field=field, headers=headers)


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path, pages = request.scope["path"], state_of(request).live.current.pages
    if error.status_code == 404 and path in pages:  # GET and HEAD never come here
        error = HTTPException(405, headers={"Allow": "GET, HEAD"})
    if error.status_code == 404 and path.rstrip("/") in pages:
        page = state_of(request).templates.url(path.rstrip("/"))
        return RedirectResponse(page, 308, {"Cache-Control": "no-store"})
    if error.status_code == 404:
        detail = "There is nothing at this address."
        return respond(request, 404, NotFound.title, detail)
    title = HTTPStatus(error.status_code).phrase
    headers = dict(error.headers or {})
    if headers.get("Allow") == "GET":  # FastAPI does not say so of HEAD
        headers["Allow"] = "GET, HEAD"
    field = "body" if error.status_code in (400, 413) else None
    return respond(request, error.status_code, title, _detail(error), field=field, headers=headers)


def _detail(error: HTTPException) -> str:
    details = {
        400: "The body of the call cannot be read. Send JSON as docs/api.md describes it.",
        405: "This address does not take this method. The Allow header names those it takes.",
        413: "The call is larger than this server accepts. Shorten it.",
        414: "The address is longer than this server reads. Shorten its path or its query.",
        431: "There are more headers than this server reads. Send fewer or shorter ones.",
    }
    return details.get(error.status_code, "The call was refused.")


async def _invalid(request: Request, error: Exception) -> Response:
    """Name the first field that does not fit; the value itself is not echoed."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = [str(part)[:NAME_LIMIT] for part in first["loc"][1:] if "[" not in str(part)]  # list[…]: one of two forms
    malformed = first["type"].startswith("json")
    if malformed or not where:
        detail = f"{first['msg']}. Send a JSON object with `scenario` or `request`, as application/json."
        return respond(request, 400 if malformed else 422, "The call cannot be read", detail, field="body")
    names = where[1:] if where[0] == "request" and len(where) > 1 else where
    detail = f"{'.'.join(where)}: {first['msg']}. Correct this field."
    return respond(request, 422, UnusableRequest.title, detail, field=names[0])

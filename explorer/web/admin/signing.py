"""Signing in and out in the browser, and who may see what.

There is no session of Starlette's: `cookie` has the token of one in the database. `sessions` knows passwords and
limits. Signing out leaves the browser's storage alone: drafts are kept there.
"""

from __future__ import annotations

import logging
import re
from urllib.parse import quote

from sqladmin.authentication import AuthenticationBackend
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from explorer import editors, sessions
from explorer.errors import Busy, ExplorerError
from explorer.sessions import WrongPassword
from explorer.throttle import Throttled
from explorer.web.admin.cookie import identify, token_of, with_cookie, without_cookie
from explorer.web.admin.desk import desk_of, visitor_of
from explorer.web.admin.errors import error_page, kept_page
from explorer.web.admin.forms import from_script, read_form
from explorer.web.admin.pages import done, lead, page, waiting
from explorer.web.admin.roles import ROLES, route_name
from explorer.web.limits import address_of

logger = logging.getLogger("explorer.admin")

HOME = "/admin/"
_NEXT = re.compile(r"/admin/[A-Za-z0-9_/.@+-]*(\?[A-Za-z0-9_=&+-]*)?")


class Auth(AuthenticationBackend):
    """What sqladmin asks at each request."""

    def __init__(self) -> None:  # sqladmin's own would bring a session in a cookie
        self.middlewares = []

    async def authenticate(self, request: Request) -> Response | bool:
        """Say who asks, in `request.state.editor`, and hold the route's role against theirs."""
        name = route_name(request)
        if name not in ROLES:
            logger.error("the route %s has no role", name)
            return error_page(request, 403, "Not open", "This page is open to nobody.")
        request.state.editor = await identify(request)
        needed, editor = ROLES[name], visitor_of(request)
        if needed is None:
            return True
        if editor is None:
            return await _to_sign_in(request)
        if not editors.may(editor, needed):
            detail = f"This needs the role {needed}; you are {editor.role}. An owner can give you another role."
            return error_page(request, 403, "Not yours to do", detail)
        return True

    async def login(self, request: Request) -> Response:
        """Sign in with the name and password of the form."""
        form = await read_form(request)
        name, to = form.get("name", ""), under_admin(form.get("next", ""))
        try:
            token = await sessions.sign_in(
                desk_of(request).database, name, form.get("password", ""), address_of(request.scope)
            )
        except (WrongPassword, Throttled, Busy) as error:
            return await sign_in_page(request, to, name=name, error=error)
        return with_cookie(request, lead(request, to), token)

    async def logout(self, request: Request) -> Response:
        """End the session, here and in the database."""
        if token := token_of(request):
            await sessions.sign_out(desk_of(request).database, token)
        return without_cookie(request, done(request, "/admin/login", "signed-out"))


async def sign_in_page(
    request: Request,
    to: str,
    *,
    name: str = "",
    error: ExplorerError | None = None,
) -> Response:
    """Return the sign-in page; where there is no editor yet it says how the first one is made."""
    first = not await editors.exist(desk_of(request).database)
    wrong = error.detail if error else None
    context = {"next": to, "name": name[:100], "wrong": wrong, "first": first, "cross": _from_elsewhere(request)}
    return page(request, "admin/signin.html", context, error.status if error else 200, waiting(error))


def under_admin(path: str) -> str:
    """Return an address inside the admin to go on to, its start for anything else."""
    return path if _NEXT.fullmatch(path) and "//" not in path and ".." not in path else HOME


async def _to_sign_in(request: Request) -> Response:
    """Answer somebody whose session is over. Script gets 401; a form comes back with what was typed."""
    if from_script(request):
        return JSONResponse({"detail": "Your session is over. Sign in again."}, 401)
    if request.method not in ("GET", "HEAD"):
        detail = "You are not signed in any more. Sign in in another tab, then send this again."
        return await kept_page(request, 401, "Your session is over", detail, {})
    query = f"?{request.url.query}" if request.url.query else ""
    to = under_admin(request.url.path + query)
    return lead(request, "/admin/login" + (f"?next={quote(to)}" if to != HOME else ""))


def _from_elsewhere(request: Request) -> bool:
    """Tell whether another site's link led here: then the browser keeps a SameSite cookie back."""
    return request.headers.get("sec-fetch-site") == "cross-site"

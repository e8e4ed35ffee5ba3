"""The cookie of a session: the random token and nothing else, for this site only.

What it stands for, and how long, is decided in `sessions`.
"""

from __future__ import annotations

import logging

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from explorer import sessions
from explorer.models import Editor
from explorer.web.admin.desk import desk_of

logger = logging.getLogger("explorer.admin")

SECURE, PLAIN = "__Host-explorer", "explorer-admin"
"""Its name over https, which browsers then hold to this host, and over plain http."""
PLAINLY = (
    "somebody signed in over plain http: who can read the network can take over the session; serve the site by https, "
    "and name the proxy in EXPLORER_TRUSTED_PROXIES so that the site knows"
)
"""Logged once."""


async def identify(request: HTTPConnection) -> Editor | None:
    """Return whose session the cookie names. Raises DatabaseAway."""
    token = token_of(request)
    return await sessions.signed_in(desk_of(request).database, token) if token else None


def token_of(request: HTTPConnection) -> str | None:
    """Return the token in the cookie."""
    return request.cookies.get(_name(request))


def with_cookie(request: Request, response: Response, token: str) -> Response:
    """Put a new session into an answer. The cookie itself ends with the browser."""
    if not _https(request) and not getattr(request.app.state, "warned", False):
        request.app.state.warned = True
        logger.warning(PLAINLY)
    response.set_cookie(_name(request), token, path="/", secure=_https(request), httponly=True, samesite="strict")
    return response


def without_cookie(request: Request, response: Response) -> Response:
    """Take the cookie away with an answer."""
    response.delete_cookie(_name(request), path="/", secure=_https(request), httponly=True, samesite="strict")
    return response


def _https(request: HTTPConnection) -> bool:
    return request.url.scheme == "https"


def _name(request: HTTPConnection) -> str:
    return SECURE if _https(request) else PLAIN

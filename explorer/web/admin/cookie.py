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

SECURE, PREFIXED, PLAIN = "__Host-explorer", "__Secure-explorer", "explorer-admin"
"""Its name over https, which browsers then hold to this host; over https under a prefix; over plain http."""
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
    name, path = _name(request), _path(request)
    response.set_cookie(name, token, path=path, secure=_https(request), httponly=True, samesite="strict")
    return response


def without_cookie(request: Request, response: Response) -> Response:
    """Take the cookie away with an answer."""
    name, path = _name(request), _path(request)
    response.delete_cookie(name, path=path, secure=_https(request), httponly=True, samesite="strict")
    return response


def _https(request: HTTPConnection) -> bool:
    return request.url.scheme == "https"


def _name(request: HTTPConnection) -> str:
    if not _https(request):
        return PLAIN
    return PREFIXED if desk_of(request).state.settings.root_path else SECURE


def _path(request: HTTPConnection) -> str:
    """Return where browsers send the cookie.

    Under a prefix to the admin only: what else this host serves must not get it. __Host- would ask for "/".
    """
    root_path = desk_of(request).state.settings.root_path
    return f"{root_path}/admin" if root_path else "/"

"""Refuses changes that another site's page asks for: every method but GET, HEAD and OPTIONS must come from this site.

Stands in front of all routes of the admin, the sign-in included. No token is needed in forms.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from explorer.web.admin.errors import error_page

SAFE = {"GET", "HEAD", "OPTIONS"}


class SameOrigin:
    """ASGI middleware around the admin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403."""
        if scope["type"] == "http" and scope["method"] not in SAFE and not same_origin(scope):
            detail = "This request did not come from a page of this site. Open the page here and send it again."
            refusal = error_page(Request(scope, receive), 403, "Not from here", detail)
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


def same_origin(scope: Scope) -> bool:
    """Tell whether a request was made by a page of this site.

    Browsers say so in Sec-Fetch-Site on https and localhost, in Origin elsewhere. Who says neither is refused.
    """
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return headers.get("origin") == f"{scope['scheme']}://{headers.get('host')}"

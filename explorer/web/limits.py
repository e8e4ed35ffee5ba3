"""Refuses what is too much, before anything reads it: addresses, heads and bodies over their limits, and too many.

Prepared pages and files are served in front of this: they cost a look into a table. Starlette's own limiter answers a
told length with plain text that no handler of ours sees.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.errors import TooMany
from explorer.web.state import State, state_of

UNCOUNTED = "/healthz"
"""Touches nothing, and must not say that the site is dead because somebody else asks too much."""

Refuse = Callable[[Exception], ASGIApp]


class Limits:
    """ASGI middleware in front of everything that is made when it is asked for."""

    def __init__(self, app: ASGIApp, state: State, refuse: Refuse) -> None:
        """Wrap an application. `refuse` returns what answers a request with an error."""
        self._app = app
        self._state = state
        self._settings = state.settings
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application with a body that ends at the limit."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._settings.body_limit(scope["path"])
        if error := self._wrong(scope, limit):
            await self._refuse(error)(scope, receive, send)
            return
        received = 0

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413)
            return message

        await self._app(scope, limited, send)

    def _wrong(self, scope: Scope, body_limit: int) -> Exception | None:
        """Return why a request is refused that was not read yet."""
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        if scope["path"] != UNCOUNTED and (wait := self._state.request_rates.wait(address_of(scope))):
            return TooMany(wait)
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > self._settings.url_limit:
            return HTTPException(414)
        size = sum(len(name) + len(value) for name, value in headers)
        if len(headers) > self._settings.header_limit or size > self._settings.header_bytes_limit:
            return HTTPException(431)
        told = next((value for name, value in headers if name == b"content-length"), b"0")
        if told.isdigit() and (len(told) > 9 or int(told) > body_limit):
            return HTTPException(413)
        return None


def count_try(connection: HTTPConnection, cost: int = 1) -> None:
    """Count what makes demos work, as so many requests to them. Raises TooMany."""
    if wait := state_of(connection).try_rates.wait(address_of(connection.scope), cost):
        raise TooMany(wait)


def address_of(scope: Scope) -> str:
    """Return a visitor's address, as far as trusted proxies tell."""
    client: tuple[str, int] | None = scope.get("client")
    return client[0] if client else ""

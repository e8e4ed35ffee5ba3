"""Refuses bodies over the limit of the whole site: at once where the length is told, else while they arrive.

Starlette's own limiter answers a told length with plain text that no handler of ours sees.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """ASGI middleware in front of everything that reads a body."""

    def __init__(self, app: ASGIApp, limit: Callable[[str], int], refuse: ASGIApp) -> None:
        """Wrap an application. `limit` says how many bytes a path takes, `refuse` answers who announces more."""
        self._app = app
        self._limit = limit
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application with a body that ends at the limit."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        told = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if told.isdigit() and (len(told) > 9 or int(told) > limit):
            await self._refuse(scope, receive, send)
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

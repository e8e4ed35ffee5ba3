"""Gives each request an id, logs it in one line, and answers what nobody caught without closing the connection.

The outermost layer. Logs no query string, no address and no header.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger("explorer.requests")

LastResort = Callable[[Scope, Receive, Send], Awaitable[None]]


class RequestLog:
    """ASGI middleware around the whole site."""

    def __init__(self, app: ASGIApp, last_resort: LastResort) -> None:
        """Wrap an application. `last_resort` answers a request whose handler raised."""
        self._app = app
        self._last_resort = last_resort

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request and log how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identifier = scope.setdefault("state", {})["request_id"] = secrets.token_hex(4)
        started, status, sent = time.perf_counter(), 0, 0

        async def counting(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", identifier.encode()))
            else:
                sent += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, counting)
        except Exception:
            logger.exception("unhandled", extra={"request_id": identifier, "path": scope["path"]})
            if status:  # too late for another answer
                raise
            await self._last_resort(scope, receive, counting)
        if logger.isEnabledFor(logging.INFO):
            logger.info(
                "request",
                extra={
                    "request_id": identifier,
                    "method": scope["method"],
                    "path": scope["path"],
                    "status": status,
                    "milliseconds": round((time.perf_counter() - started) * 1000, 2),
                    "bytes": sent,
                },
            )

"""Gives each request an id, logs it in one line, has it counted, and answers what nobody caught.

Around everything that may fail; keeps the connection open. Logs no query string, no address, no header and no one-time
link. Lines are made and written together, some twenty times a second: a write for each request would cost a fifth of a
page's time.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
import sys
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _quoted

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.logs import FIELD_LIMIT
from explorer.web.kinds import kind_of

logger = logging.getLogger("explorer.requests")

LastResort = Callable[[Scope, Receive, Send], Awaitable[None]]
Count = Callable[[str, str, int, float], None]
"""Takes the kind of a request, its method, its status or 0, and the seconds it took."""

FLUSH_SECONDS = 0.05
"""The oldest a request's line gets before it is written."""
LINKS = ("/admin/setup/", "/preview/", "/admin/editors/")
"""Addresses whose last part opens something for whoever has it, or names somebody."""


def loggable(path: str) -> str:
    """Return a path as it may stand in a log."""
    if path.startswith("/demos/"):
        mount, visit, _ = path.partition("/~")  # what follows lets its owner go on where they left a demo
        return f"{mount[:FIELD_LIMIT]}/~..." if visit else path[:FIELD_LIMIT]
    if path.startswith("/topics/"):
        topic, reader, _ = path.partition("/live/")  # what follows ends a reader's answer, or speaks in it
        return f"{topic[:FIELD_LIMIT]}/live/..." if reader else path[:FIELD_LIMIT]
    if path.startswith(LINKS):
        return next(f"{start}..." for start in LINKS if path.startswith(start))
    return path[:FIELD_LIMIT]


@lru_cache(maxsize=4)
def _second(now: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))


class RequestLog:
    """ASGI middleware around the whole site."""

    def __init__(self, app: ASGIApp, last_resort: LastResort, count: Count | None = None) -> None:
        """Wrap an application. `last_resort` answers a request whose handler raised; `count` is told of each."""
        self._app = app
        self._count = count
        self._last_resort = last_resort
        self._process = secrets.token_hex(3)
        self._numbers = itertools.count(1)
        self._requests: list[tuple[str, str, str, int, float, int, float]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request and log how it ended."""
        if scope["type"] != "http":
            try:
                await self._app(scope, receive, send)
            finally:
                self._write()
            return
        identifier = self.identify()
        scope.setdefault("state", {})["request_id"] = identifier
        started, status, sent, complete = time.perf_counter(), 0, 0, False

        async def counting(message: Message) -> None:
            nonlocal status, sent, complete
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", identifier.encode()))
            else:
                sent += len(message.get("body", b""))
                complete = not message.get("more_body", False)
            await send(message)

        try:
            await self._app(scope, receive, counting)
        except ClientDisconnect:  # left, or was cut, in the middle of a body: nobody waits for an answer
            pass
        except Exception:
            logger.exception("unhandled", extra={"request_id": identifier, "path": loggable(scope["path"])})
            if not status:
                await self._last_resort(scope, receive, counting)
            elif not complete:  # too late for another answer; a complete one keeps its connection
                raise
        finally:
            path, seconds = scope["path"], time.perf_counter() - started
            self.note(identifier, kind_of(path), scope["method"], path, status, seconds, sent)

    def identify(self) -> str:
        """Return the id of a new request."""
        return f"{self._process}-{next(self._numbers):x}"

    def note(self, identifier: str, kind: str, method: str, path: str, status: int, seconds: float, sent: int) -> None:
        """Count a request that has ended, and log it. Lines are made together, which takes less of a page's time."""
        if self._count:
            self._count(kind, method, status, seconds)
        if logger.isEnabledFor(logging.INFO):
            if not self._requests:
                asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._write)
            self._requests.append((identifier, method, path, status, seconds, sent, time.time()))

    def _write(self) -> None:
        requests, self._requests = self._requests, []
        if requests:
            sys.stderr.write("".join([_line(*request) for request in requests]))
            sys.stderr.flush()


def _line(identifier: str, method: str, path: str, status: int, seconds: float, sent: int, ended: float) -> str:
    """Return one line, of the same form as those of `logs.JsonFormatter`."""
    return (
        f'{{"time": "{_second(int(ended))}.{int(ended % 1 * 1000):03}+00:00", "level": "info", '
        f'"logger": "explorer.requests", "message": "request", "request_id": "{identifier}", '
        f'"method": {_quoted(method[:FIELD_LIMIT])}, "path": {_quoted(loggable(path))}, '
        f'"status": {status}, "milliseconds": {seconds * 1000:.2f}, "bytes": {sent}}}\n'
    )

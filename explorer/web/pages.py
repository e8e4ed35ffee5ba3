"""Answers page and asset requests from memory: reads the catalog once, looks up, sends bytes.

`ReadyPages` stands in front of everything, so that what is made costs neither routing nor a layer; `Pages` in front of
the router makes what is not made yet, in a thread, for its first reader. Runs no SQL.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from explorer.catalog import HTML
from explorer.encoding import Encoded
from explorer.web.headers import HOST_LIMIT, Headers, SecurityHeaders, canonical, host_of
from explorer.web.kinds import kind_of
from explorer.web.request_log import RequestLog
from explorer.web.sending import ASSET, CODINGS_LIMIT, PAGE, Answer, asked, prepare, send_answer, send_encoded
from explorer.web.state import State

KEPT = 256
"""Answers that are kept as they are sent: a page has one for each way in which browsers ask."""
READ = ("/api/", "/differences/")
"""Where FastAPI's routes take GET only: HEAD is the same there, and the server sends no body of it."""


class Pages:
    """ASGI middleware that makes and serves pages and static files, and passes everything else on."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._live = state.live
        self._static = f"/static/{state.assets.version}/"
        self._assets = state.assets.files
        self._root_path = state.settings.root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a page or an asset if the path is one."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            path: str = scope["path"]
            if page := await self._live.current.pages.find(path):
                link = self.canonical(path, scope["scheme"], host_of(scope), page.media_type)
                await send_encoded(scope, send, page, PAGE, link)
                return
            if path.startswith(self._static) and (asset := await self._assets.find(path.removeprefix(self._static))):
                await send_encoded(scope, send, asset, ASSET, [])
                return
            if scope["method"] == "HEAD" and path.startswith(READ):
                scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)

    @property
    def catalog(self) -> object:
        """Return what the pages are of; another one is live after each publish."""
        return self._live.current

    def ready(self, path: str) -> tuple[Encoded, bytes] | None:
        """Return a page or an asset that is made already, with how long it may be kept."""
        if page := self._live.current.pages.ready(path):
            return page, PAGE
        if path.startswith(self._static) and (asset := self._assets.ready(path.removeprefix(self._static))):
            return asset, ASSET
        return None

    def canonical(self, path: str, scheme: str, host: bytes, media_type: str) -> Headers:
        """Return the header that names the one address of a page; none for other files."""
        return canonical(scheme, host, f"{self._root_path}{path}") if media_type == HTML else []


class ReadyPages:
    """ASGI middleware around the whole site: what is made is sent at once, with the same headers and log line."""

    def __init__(self, app: SecurityHeaders, pages: Pages, log: RequestLog, allowed: Callable[[bytes], bool]) -> None:
        """Wrap the site. `allowed` tells of a Host header whether it is surely ours; of others the site decides."""
        self._app = app
        self._pages = pages
        self._log = log
        self._allowed = allowed
        self._kept = lru_cache(maxsize=KEPT)(self._answer)
        self._catalog: object = None
        """Whose pages are kept."""

    def _answer(
        self, found: tuple[Encoded, bytes], path: str, scheme: str, host: bytes, codings: bytes
    ) -> tuple[Answer, str]:
        """Return what is sent to all who ask like this, and of which kind their requests are."""
        page, cache_control = found
        link = self._pages.canonical(path, scheme, host, page.media_type)
        headers = [*self._app.of_prepared(path, scheme, host), *link]
        return prepare(page, cache_control, codings, headers), kind_of(path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is made if the path is one and the host is ours."""
        if scope["type"] == "http" and (method := scope["method"]) in ("GET", "HEAD"):
            started, path = time.perf_counter(), scope["path"]
            if found := self._pages.ready(path):
                host, codings, known = asked(scope)
                if self._catalog is not self._pages.catalog:
                    self._kept.cache_clear()
                    self._catalog = self._pages.catalog
                if self._allowed(host):
                    short = len(host) <= HOST_LIMIT and len(codings) <= CODINGS_LIMIT
                    make = self._kept if short else self._answer
                    answer, kind = make(found, path, scope["scheme"], host, codings)
                    identifier = self._log.identify()
                    first = [(b"x-request-id", identifier.encode())]
                    status, sent = await send_answer(send, answer, method, known, first)
                    self._log.note(identifier, kind, method, path, status, time.perf_counter() - started, sent)
                    return
        await self._app(scope, receive, send)

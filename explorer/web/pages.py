"""Answers page and asset requests from memory: reads the catalog once, looks up, sends bytes.

`ReadyPages` stands in front of everything, so that what is made costs neither routing nor a layer; `Pages` in front of
the router makes what is not made yet, in a thread, for its first reader. Runs no SQL.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from explorer.catalog import HTML, Catalog, LiveCatalog
from explorer.encoding import Encoded
from explorer.web.headers import HOST_LIMIT, Headers, SecurityHeaders, canonical, host_of
from explorer.web.kinds import kind_of
from explorer.web.request_log import RequestLog
from explorer.web.sending import ASSET, CODINGS_LIMIT, PAGE, Answer, asked, prepare, send_answer, send_encoded
from explorer.web.state import State

KEPT = 256
"""Answers that are kept as they are sent: a page has one for each way in which browsers ask."""
Asked = tuple[str, str, bytes, bytes]
"""What an answer depends on: path, scheme, Host and Accept-Encoding."""
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

    def __init__(
        self, app: SecurityHeaders, pages: Pages, live: LiveCatalog, log: RequestLog, allowed: Callable[[bytes], bool]
    ) -> None:
        """Wrap the site. `allowed` tells of a Host header whether it is surely ours; of others the site decides."""
        self._app = app
        self._pages = pages
        self._live = live
        self._log = log
        self._allowed = allowed
        self._catalog: Catalog | None = None
        self._kept: dict[Asked, tuple[Answer, str]] = {}
        """Answers of that catalog, and of which kind the requests for them are."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is made if the path is one and the host is ours."""
        if scope["type"] == "http" and (method := scope["method"]) in ("GET", "HEAD"):
            started, path = time.perf_counter(), scope["path"]
            host, codings, known = asked(scope)
            if ready := self._find((path, scope["scheme"], host, codings)):
                answer, kind = ready
                identifier = self._log.identify()
                first = [(b"x-request-id", identifier.encode())]
                status, sent = await send_answer(send, answer, method, known, first)
                self._log.note(identifier, kind, method, path, status, time.perf_counter() - started, sent)
                return
        await self._app(scope, receive, send)

    def _find(self, wanted: Asked) -> tuple[Answer, str] | None:
        """Return what is sent to all who ask like this: one look into a table, which is a page's whole way."""
        if self._catalog is not self._live.current:
            self._catalog = self._live.current
            self._kept.clear()
        return self._kept.get(wanted) or self._make(wanted)

    def _make(self, wanted: Asked) -> tuple[Answer, str] | None:
        path, scheme, host, codings = wanted
        found = self._pages.ready(path)
        if found is None or not self._allowed(host):
            return None
        page, cache_control = found
        link = self._pages.canonical(path, scheme, host, page.media_type)
        headers = [*self._app.of_prepared(path, scheme, host), *link]
        ready = prepare(page, cache_control, codings, headers), kind_of(path)
        if len(host) <= HOST_LIMIT and len(codings) <= CODINGS_LIMIT:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[wanted] = ready
        return ready

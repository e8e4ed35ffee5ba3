"""Answers page and asset requests from memory: reads the catalog once, looks up, sends bytes.

Stands in front of the router, so that a page costs no routing. Runs no SQL, and no Markdown, Pygments or template but
for the first reader of a page that changed: then in a thread.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from explorer.web.sending import ASSET, PAGE, send_encoded
from explorer.web.state import State


class Pages:
    """ASGI middleware that serves what is prepared and passes everything else on."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._live = state.live
        self._static = f"/static/{state.assets.version}/"
        self._assets = state.assets.files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a page or an asset if the path is one."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            path: str = scope["path"]
            pages = self._live.current.pages
            if page := pages.ready(path) or await pages.find(path):
                await send_encoded(scope, send, page, PAGE)
                return
            if path.startswith(self._static) and (asset := await self._assets.find(path.removeprefix(self._static))):
                await send_encoded(scope, send, asset, ASSET)
                return
        await self._app(scope, receive, send)

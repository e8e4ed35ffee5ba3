"""Takes the configured prefix off the path, whether or not the proxy already did.

Everything behind it sees the site's own paths; links get the prefix when they are written.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class Prefix:
    """ASGI middleware for a site that is published under a path."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on the request without the prefix."""
        path = scope.get("path", "")
        if path == self._root_path or path.startswith(f"{self._root_path}/"):
            raw = scope.get("raw_path") or path.encode()
            scope = {
                **scope,
                "path": path.removeprefix(self._root_path) or "/",
                "raw_path": raw.removeprefix(self._root_path.encode()) or b"/",
            }
        await self._app(scope, receive, send)

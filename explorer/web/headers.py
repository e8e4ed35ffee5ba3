"""Security headers on every answer, whatever made it: pages, API, demos, errors. And the one address of a page.

The values are those of the security reference that were run in Chromium. The last writer wins: a handler cannot
weaken them. Demos have a set of their own, and those that are used in a frame another.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.web.frames import OPAQUE, frame_policy

Headers = list[tuple[bytes, bytes]]

PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "magnetometer"),
        *("microphone", "midi", "payment", "serial", "usb", "browsing-topics"),
    )
)

COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": PERMISSIONS,
}
PAGES = COMMON | {"X-Frame-Options": "DENY", "Referrer-Policy": "strict-origin-when-cross-origin"}
API = PAGES | {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
STATIC = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
"""A style, script, font or image: what a page may load is said by the page. A first visit asks for twenty of them."""
FILES = ("static", "shared")
"""The parts of the site that these are."""
DEMOS = COMMON | {
    "Content-Security-Policy": (
        "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'self'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
ADMIN = COMMON | {
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",
}
PREVIEW = PAGES | {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",
}
"""A draft for whoever has the link: a page like all others, but the address must not get about."""
ADMIN_FRAME = re.compile(r"/admin/topics/[^/]+/(?:preview|rendered)")
"""Answers that pages of the admin show in a frame: a topic's page as it would be, without script."""
HSTS = "max-age=63072000"
"""Two years; sent only over https. Subdomains are the operator's decision."""


_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?")
"""Hosts that a source in a policy can name; it has no form for IPv6 addresses."""
HOST_LIMIT = 260
"""Characters of a Host header that are looked at, so that what is kept for each host is small."""


def page_policy(scheme: str, host: str, root_path: str) -> str:
    """Return the pages' CSP.

    Scripts are held to /static/ by path where the host can be named: 'self' includes /demos/, whose answers are
    refused as scripts only by what the browser tells about itself. Frames are held to /demos/.
    """
    site = f"{scheme}://{host}{root_path}" if _HOST.fullmatch(host) else ""
    scripts, frames = (f"{site}/static/", f"{site}/demos/") if site else ("'self'", "'self'")
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; "
        f"frame-src {frames}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def admin_policy(scheme: str, host: str, root_path: str, framed: bool) -> str:
    """Return the admin's CSP, set (c) of the security reference; `framed` for what its own pages show in a frame."""
    site = f"{scheme}://{host}{root_path}" if _HOST.fullmatch(host) else ""
    static, admin = (f"{site}/static/", f"{site}/admin/") if site else ("'self'", "'self'")
    if framed:
        return (
            f"sandbox allow-same-origin; default-src 'none'; style-src {static}; img-src 'self' data:; "
            f"font-src {static}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
        )
    return (
        f"default-src 'none'; script-src {static}; style-src {static}; img-src 'self' data:; font-src {static}; "
        f"connect-src {admin}; frame-src {admin}; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


def host_of(scope: Scope) -> bytes:
    """Return a request's Host header as it came, empty if there is none."""
    return next((value for name, value in scope["headers"] if name == b"host"), b"")


def canonical(scheme: str, host: bytes, path: str) -> Headers:
    """Return what tells search engines a page's one address: without a query, and whole, as they want it."""
    name = host[:HOST_LIMIT].decode("latin-1")
    link = f'<{scheme}://{name}{path}>; rel="canonical"'
    return [(b"link", link.encode("latin-1"))] if _HOST.fullmatch(name) else []


class SecurityHeaders:
    """ASGI middleware that adds the header set of each part of the site."""

    def __init__(
        self, app: ASGIApp, root_path: str, shared: tuple[str, ...], frame_of: Callable[[str], str | None]
    ) -> None:
        """Wrap the site.

        `shared` are the paths of static files that pages in frames load, `frame_of` returns the mount to which a path
        belongs if that demo is used in a frame; all without the prefix `root_path`.
        """
        self._app = app
        self._root_path = root_path
        self._shared = shared
        self._frame_of = frame_of
        self._set = lru_cache(maxsize=256)(self._build)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers when the answer starts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        part = self._part(scope["path"])
        host = host_of(scope)[:HOST_LIMIT]
        opaque = OPAQUE if part.endswith("/") and (b"origin", b"null") in scope["headers"] else []

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                # where there is no such file stands a page that says so
                chosen = "pages" if part in FILES and message["status"] >= 400 else part
                ours, names = self._set(chosen, scope["scheme"], host)
                message["headers"] = (
                    [pair for pair in message.get("headers", ()) if pair[0] not in names] + ours + opaque
                )
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def of_prepared(self, path: str, scheme: str, host: bytes) -> Headers:
        """Return the set of a page or a static file that is sent as it is."""
        return self._set(self._part(path), scheme, host[:HOST_LIMIT])[0]

    def _part(self, path: str) -> str:
        """Return the part of the site: a word, or the mount of a demo that is used in a frame."""
        if path.startswith("/demos/"):
            return self._frame_of(path) or "demos"
        if path == "/admin" or path.startswith("/admin/"):
            return "frame of admin" if ADMIN_FRAME.fullmatch(path) else "admin"
        if path.startswith("/preview/"):
            return "preview"
        if path.startswith("/static/"):
            return "shared" if path.startswith(self._shared) else "static"
        return "api" if path.startswith("/api/") else "pages"

    def _build(self, part: str, scheme: str, host: bytes) -> tuple[Headers, frozenset[bytes]]:
        name = host.decode("latin-1")
        if part == "api":
            values = API
        elif part in FILES:
            values = STATIC | {"Cross-Origin-Resource-Policy": "cross-origin" if part == "shared" else "same-origin"}
        elif part in ("admin", "frame of admin"):
            framed = part != "admin"
            values = ADMIN | {"Content-Security-Policy": admin_policy(scheme, name, self._root_path, framed)}
            values = values | {"X-Frame-Options": "SAMEORIGIN"} if framed else values
        elif part == "demos" or (part.endswith("/") and not _HOST.fullmatch(name)):
            values = DEMOS
        elif part.endswith("/"):
            policy = frame_policy(f"{scheme}://{name}{self._root_path}", part, self._shared)
            values = DEMOS | {"Content-Security-Policy": policy, "Cross-Origin-Resource-Policy": "cross-origin"}
        else:
            values = PREVIEW if part == "preview" else PAGES
            values = values | {"Content-Security-Policy": page_policy(scheme, name, self._root_path)}
        if scheme == "https":
            values = values | {"Strict-Transport-Security": HSTS}
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in values.items()]
        return headers, frozenset(name for name, _ in headers)

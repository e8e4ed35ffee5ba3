"""What a demo with a user interface needs in a frame: its header set, and copies of what it loads from a CDN.

The page runs scripts in an origin of its own (a sandbox without allow-same-origin): it reaches neither the site's
cookies nor its storage, and loads and sends within its own mount only. Knows no demo.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

FOLDERS = ("vendor/swagger-ui/", "vendor/redoc/")
"""Static files that a page in a frame may load; they are sent with CORP cross-origin."""

_CDN = rb"https://cdn\.jsdelivr\.net/npm/"
COPIES = (
    (
        re.compile(_CDN + rb"swagger-ui-dist(?:@[\w.^~-]+)?/(swagger-ui(?:-bundle\.js|-standalone-preset\.js|\.css))"),
        "vendor/swagger-ui/",
    ),
    (re.compile(_CDN + rb"redoc(?:@[\w.^~-]+)?/bundles/(redoc\.standalone\.js)"), "vendor/redoc/"),
)
"""Addresses that frameworks write into their pages, with the folder of the file's copy here."""

LEFT_OUT = re.compile(
    rb"""<link(?=[^>]*\shref=["']https?://(?:fonts\.googleapis\.com/|[^>]*\.(?:png|ico|svg)["']))"""
    rb"""(?=[^>]*\srel=["'](?:stylesheet|(?:shortcut )?icon)["'])[^>]*>"""
)
"""Fonts and icons from elsewhere: they would stay blocked, and the page works without."""

PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "600",
}
OPAQUE = [(b"access-control-allow-origin", b"null"), (b"access-control-expose-headers", b"*")]
"""Added where a page in a frame asks: its origin is "null". No credentials are allowed."""


def frame_policy(origin: str, mount: str, shared: tuple[str, ...]) -> str:
    """Return the CSP of a page in a frame.

    `origin` is scheme and host, `mount` the path of the demo and `shared` those of the files it may load besides;
    'self' matches nothing in an origin of its own.
    """
    own = f"{origin}{mount}"
    files = " ".join(f"{origin}{path}" for path in shared)
    return (
        "sandbox allow-scripts allow-forms allow-modals; default-src 'none'; "
        f"script-src 'unsafe-inline' {own} {files}; style-src 'unsafe-inline' {own} {files}; "
        f"img-src data: {own}; font-src data: {own}; connect-src {own}; worker-src blob:; form-action {own}; "
        "base-uri 'none'; frame-ancestors 'self'"
    )


def self_hosted(page: bytes, files: Mapping[str, str]) -> bytes:
    """Return an HTML page whose known CDN addresses lead to the copies on this server.

    `files` maps the names of the static files to their addresses.
    """
    for pattern, folder in COPIES:

        def copy(match: re.Match[bytes], folder: str = folder) -> bytes:
            address = files.get(folder + match[1].decode())
            return address.encode() if address else match[0]

        page = pattern.sub(copy, page)
    return LEFT_OUT.sub(b"", page)

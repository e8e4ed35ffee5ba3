"""The static files: /static/<version>/<path>, immutable.

One version for the whole folder, so that relative addresses inside CSS and ES modules keep working. A file is
compressed when it is first asked for: most starts never need most of them. Serves nothing.
"""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from explorer.encoding import encode
from explorer.prepared import Prepared

REQUIRED = ("vendor/htmx/htmx.min.js", "css/site.css")
"""Without these the site would be broken without saying why."""

BUNDLES = "vendor/"
"""Stands before the name of a script or style that was made small: vendor/js/topic.js for js/topic.js."""
BUNDLED_FROM = "vendor/sources.txt"
"""Holds a hash of the files that they were made of (frontend/build.mjs)."""

LARGE = 128 * 1024
"""Bytes of a file that is not compressed as well as it could be: its first reader waits for it."""

TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Assets:
    """All static files under one version."""

    version: str
    files: Prepared
    """By name, for example "css/site.css"."""
    missing: tuple[str, ...]
    """Required files that are not there: the front end was not built."""
    bundled: bool
    """Whether our own scripts and styles were made small, and not edited since."""

    def path(self, name: str) -> str:
        """Return the address of a file, for example "css/site.css". Raises KeyError if there is none."""
        if self.bundled and f"{BUNDLES}{name}" in self.files:
            name = f"{BUNDLES}{name}"
        if name not in self.files and name not in self.missing:
            raise KeyError(f"static/{name} does not exist")
        return f"/static/{self.version}/{name}"


def load_assets(root: Path) -> Assets:
    """Read every file of the static folder."""
    names = sorted(
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts)
    )
    digest, sources = hashlib.sha256(), hashlib.sha256()
    makers = {}
    for name in names:
        body = (root / name).read_bytes()
        digest.update(name.encode() + b"\0" + body + b"\0")
        if name.startswith(("css/", "js/")):
            sources.update(name.encode() + b"\0" + body + b"\0")
        makers[name] = partial(encode, body, _media_type(name), 11 if len(body) < LARGE else 9)
    return Assets(
        version=digest.hexdigest()[:10],
        files=Prepared(makers, {}),
        missing=tuple(name for name in REQUIRED if name not in makers),
        bundled=_text(root / BUNDLED_FROM) == sources.hexdigest(),
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _media_type(name: str) -> str:
    return TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"

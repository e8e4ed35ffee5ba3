"""The kinds of requests that metrics tell apart: few, whatever is asked for.

Told from the path alone, so that a page needs no routing for it.
"""

from __future__ import annotations

from typing import Final

OTHER: Final = "other"
_BY_START: Final = {
    "": "page",
    "topics": "page",
    "differences": "page",
    "claims": "page",
    "errata": "page",
    "matrix": "page",
    "checklist": "page",
    "checklist.md": "page",
    "robots.txt": "page",
    "sitemap.xml": "page",
    "privacy": "page",
    "search": "search",
    "static": "asset",
    "api": "api",
    "demos": "demo",
    "admin": "admin",
    "preview": "admin",
    "healthz": "health",
    "readyz": "health",
}
_BY_END: Final = {
    "try": "try",
    "follow": "try",
    "run": "run",
    "tests": "run",
    "parity.py": "download",
    "project.zip": "download",
}
"""What follows a topic's slug, in a page's address or the API's."""
LOOKED_AT: Final = 256
"""Characters of a path that are looked at. Nothing is kept of one: who asks for it decides how long it is."""


def kind_of(path: str) -> str:
    """Return the kind of a request by its path, without the site's prefix."""
    start, *rest = path[1:LOOKED_AT].split("/", 4)
    kind = _BY_START.get(start, OTHER)
    if start == "api":
        rest = rest[1:]
    if start == "topics" and len(rest) == 4 and rest[1] == "live":
        return "try"
    return _BY_END.get(rest[1], kind) if len(rest) == 2 and kind in ("page", "api") else kind

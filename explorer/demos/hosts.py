"""The Host header as a server hands it to an application: name and port. Checks no name and resolves nothing."""

from __future__ import annotations

import re

_HOST = re.compile(r"(?P<name>\[[^\]]*\]|[^:]*)(?::(?P<port>[0-9]{1,5}))?")


def name_and_port(host: str) -> tuple[str, int]:
    """Return name and port; 80 where none is given or what follows the colon is none."""
    match = _HOST.fullmatch(host)
    return (match["name"], int(match["port"] or 80)) if match else (host, 80)

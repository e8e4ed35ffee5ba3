"""Topic pages as they were made at an earlier start, or by another process that has the same folder.

Found by all that a page is made of, so a page that is found is right. Makes none; a folder that cannot be used costs
time and nothing else.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic import dataclasses as checked

from explorer.encoding import Encoded
from explorer.whole_files import keep_whole


@checked.dataclass(frozen=True, slots=True)
class Head:
    """The first line of a file; the bodies follow, one after the other."""

    key: str
    media_type: str
    sizes: dict[str, int]
    """Content coding to bytes, in the order of the bodies."""
    etags: dict[str, str]
    size: int
    """Bytes of the page without any coding."""


_HEAD = TypeAdapter(Head)


@dataclass(frozen=True, slots=True)
class KeptPages:
    """A folder of pages, one file for each: the one that was made last."""

    folder: Path | None
    """None keeps nothing."""

    def find(self, name: str, key: str) -> Encoded | None:
        """Return a page if it was made of the same things, None otherwise."""
        if self.folder is None:
            return None
        with suppress(OSError, ValidationError):
            line, _, rest = (self.folder / name).read_bytes().partition(b"\n")
            head = _HEAD.validate_json(line)
            if head.key == key and sum(head.sizes.values()) == len(rest):
                etags = {coding: tag.encode() for coding, tag in head.etags.items()}
                return Encoded(head.media_type, dict(_bodies(head, rest)), etags, head.size)
        return None

    def keep(self, name: str, key: str, page: Encoded) -> None:
        """Keep a page for the next start. A reader never sees half a file."""
        if self.folder is None:
            return
        sizes = {coding: len(body) for coding, body in page.bodies.items()}
        etags = {coding: tag.decode() for coding, tag in page.etags.items()}
        head = Head(key, page.media_type, sizes, etags, page.size)
        keep_whole(self.folder / name, b"\n".join([_HEAD.dump_json(head), b"".join(page.bodies.values())]), "a page")


def _bodies(head: Head, rest: bytes) -> list[tuple[str, bytes]]:
    bodies, start = [], 0
    for coding, size in head.sizes.items():
        bodies.append((coding, rest[start : start + size]))
        start += size
    return bodies

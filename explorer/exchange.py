"""What one variant gave back to one request: a response, the pieces it arrived in, a failure, lines of a log.

Calls no demo (that is `demos`), compares nothing (that is `compare`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explorer.request import Request

ANSWERED = "---"
"""The line that stands for the complete answer among the lines of a log."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a demo sent back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    """At most the cap; `size` counts what was received before the cut."""
    size: int
    truncated: bool = False

    def header(self, name: str) -> str:
        """Return the first value of a header, or an empty string."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def media_type(self) -> str:
        """Return the media type in lower case, without parameters."""
        return self.header("content-type").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an exchange has no complete answer, in words for a reader."""

    kind: Literal["timeout", "busy", "unavailable", "crashed", "endless", "stopped"]
    detail: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an answer as it arrived: a chunk of a stream, a message of a socket."""

    text: str
    lines: int
    """How many lines of the demo's log were written before it."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what one variant gave back. Both response and failure may be set (a cut stream)."""

    side: str
    variant: str
    request: Request
    response: Response | None
    failure: Failure | None = None
    log: tuple[str, ...] = ()
    """What the demo's log held when its work had ended; only of topics that have a log."""
    before: int = 0
    """How many of these lines were written before the answer was complete."""
    pieces: tuple[Piece, ...] = ()
    """In the order of arrival; only of topics that are live."""

    @property
    def story(self) -> tuple[str, ...]:
        """Return the log with ANSWERED where the answer was complete."""
        return (*self.log[: self.before], ANSWERED, *self.log[self.before :])

"""What a caller hands back: collects an answer within its limits, whatever the demo sends.

Knows neither ASGI nor WSGI.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from explorer.topics import HEADER_NAME, HEADER_VALUE, Failure, Request, Response

HEADER_LIMIT = 200
"""Headers kept of one answer."""
HEADER_BYTES = 64 * 1024
"""Bytes of header names and values kept of one answer."""


class Watch:
    """Sees from outside when an answer is complete, and how long the demo's log was then."""

    def __init__(self, log: Sequence[object] = ()) -> None:
        """Watch one call. `log` is the live list to which the demo appends."""
        self._log = log
        self._complete = threading.Event()
        self.first = len(log)
        """Lines that stood there before the call."""
        self.before = 0
        """Lines that stood in the log when the last piece of the answer was handed over."""
        self.answer: Answer | None = None

    @property
    def complete(self) -> bool:
        """Tell whether the answer is complete; `before` and `answer` are valid then."""
        return self._complete.is_set()

    def see(self, answer: Answer) -> None:
        """Take note that an answer is complete; called on the thread that runs the demo, once."""
        if not self.complete:
            self.before, self.answer = len(self._log), answer
            self._complete.set()


@dataclass(slots=True)
class Answer:
    """An answer while it arrives."""

    limit: int
    """Bytes of body that are kept."""
    watch: Watch | None = None
    """Told when the answer is complete: the application may go on after that."""
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0
    truncated: bool = False
    failure: Failure | None = None

    def start(self, status: object, headers: Iterable[tuple[str, str]]) -> None:
        """Take status and headers, as many as the limits allow.

        Raises ValueError into the demo for what its native server refuses to send.
        """
        if not isinstance(status, int) or not 100 <= status <= 999:
            raise ValueError(f"{status!r:.20} is no status that a server can send")
        kept: list[tuple[str, str]] = []
        size = 0
        for name, value in headers:
            size += len(name) + len(value)
            if len(kept) == HEADER_LIMIT or size > HEADER_BYTES:
                self.failure = Failure("endless", f"Only the first {len(kept)} headers are shown: it sent more.")
                break
            if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
                raise ValueError(f"the header {name!r:.80} holds characters that a server does not send")
            kept.append((name, _methods(value) if name.lower() == "allow" else value))
        self.status, self.headers = status, tuple(kept)

    def add(self, chunk: bytes) -> bool:
        """Take a piece of the body; return False once the limit is reached."""
        if not self.status:
            raise RuntimeError("the body came before status and headers")
        if not isinstance(chunk, bytes):
            raise TypeError(f"the body holds {type(chunk).__name__}, not bytes")
        kept = chunk[: max(0, self.limit - self.size)]
        self.size += len(chunk)
        if kept:
            self.chunks.append(kept)
        if self.size > self.limit:
            self.truncated = True
        return not self.truncated

    def complete(self) -> None:
        """Say that the last piece has arrived."""
        if self.watch:
            self.watch.see(self)

    def cut(self, failure: Failure) -> None:
        """Say that the answer ended before it was complete."""
        self.failure = failure
        self.truncated = bool(self.status)

    def take(self, other: Answer) -> None:
        """Take over everything that another answer received."""
        self.status, self.headers, self.failure = other.status, other.headers, other.failure
        self.chunks, self.size, self.truncated = other.chunks, other.size, other.truncated

    def response(self, request: Request) -> Response | None:
        """Return what a client would have received, or None where nothing arrived.

        A server sends no body for HEAD, 204 and 304, whatever the application returned.
        """
        if not self.status:
            return None
        if request.method == "HEAD" or self.status in (204, 304):
            return Response(self.status, self.headers, b"", 0)
        return Response(self.status, self.headers, b"".join(self.chunks), self.size, self.truncated)


def _methods(allow: str) -> str:
    """Sort the methods of an Allow header.

    Flask writes them in the order of a set, which each process has another of: two workers would give a page two faces.
    """
    return ", ".join(sorted(method.strip() for method in allow.split(",")))


def timeout(seconds: float, started: bool) -> Failure:
    """Describe a demo that did not finish in time."""
    if started:
        return Failure("endless", f"The answer was still arriving after {seconds:g} s and was cut.")
    return Failure("timeout", f"No answer within {seconds:g} s. The call was given up.")


def crash(error: BaseException, started: bool) -> Failure:
    """Describe a demo that raised."""
    what = f"{type(error).__name__}: {error}"[:300]
    if started:
        return Failure("crashed", f"It raised {what} after the answer had started, so the body is incomplete.")
    return Failure("crashed", f"It raised {what} before it answered.")

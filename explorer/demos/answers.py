"""What a caller hands back: collects an answer within its limits, whatever the demo sends.

Knows neither ASGI nor WSGI.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from explorer.topics import HEADER_NAME, HEADER_VALUE, Failure, Piece, Request, Response

HEADER_LIMIT = 200
"""Headers kept of one answer."""
HEADER_BYTES = 64 * 1024
"""Bytes of header names and values kept of one answer."""


LOST = 1006
"""What a client tells its user where a socket ended without a closing handshake."""
PIECE_CHARACTERS = 1000
"""Characters told of one piece of an answer."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A piece of an answer that arrived, or a message that was sent."""

    piece: Piece
    at: float
    """Seconds since the request was sent."""
    sent: bool = False


class Watch:
    """Sees from outside what arrives, when an answer is complete, and how long the demo's log was then.

    Through it a reader stops a call and sends messages to a socket; any thread may call it.
    """

    def __init__(self, log: Sequence[object] = (), most: int = 0) -> None:
        """Watch one call. `log` is the live list to which the demo appends.

        With `most` each piece of the answer is kept, and the call is stopped after so many.
        """
        self._log = log
        self._complete = threading.Event()
        self.first = len(log)
        """Lines that stood there before the call."""
        self.before = 0
        """Lines that stood in the log when the last piece of the answer was handed over."""
        self.answer: Answer | None = None
        self.arrived: list[Arrived] = []
        """Grows only."""
        self.most = most
        self.idle = 0.0
        """Seconds that a socket may be silent; 0: it is closed soon after its prepared messages."""
        self.held: list[str] = []
        """Messages for a socket that is not there yet; it takes them over."""
        self.hand: Callable[[str], object] = lambda text: None
        """Sends a message to the socket, or holds it."""
        self._start = time.monotonic()
        self._stopped = threading.Event()
        self._wake: Callable[[], object] = lambda: None

    @property
    def stopped(self) -> bool:
        """Tell whether the reader wants no more."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End the call: at once where it waits on a loop, at its next piece where it holds a thread."""
        self._stopped.set()
        self._wake()

    def on_stop(self, wake: Callable[[], object]) -> None:
        """Have `wake` called on the stopping thread, now if that was before."""
        self._wake = wake
        if self.stopped:
            wake()

    def arrive(self, text: str, sent: bool = False) -> None:
        """Take note of a piece, or of a message that was sent."""
        piece = Piece(text[:PIECE_CHARACTERS], len(self._log) - self.first)
        self.arrived.append(Arrived(piece, time.monotonic() - self._start, sent))

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Return what arrived."""
        return tuple(arrived.piece for arrived in self.arrived if not arrived.sent)

    @property
    def complete(self) -> bool:
        """Tell whether the answer is complete; `before` and `answer` are valid then."""
        return self._complete.is_set()

    def see(self, answer: Answer) -> None:
        """Take note that an answer is complete; called on the thread that runs the demo, once."""
        self.before, self.answer = len(self._log), answer
        self._complete.set()


@dataclass(slots=True)
class Answer:
    """An answer while it arrives."""

    limit: int
    """Bytes of body that are kept."""
    watch: Watch | None = None
    """Told when the answer is complete: the application may go on after that."""
    leave: int = 0
    """Pieces after which the client leaves; 0: it stays."""
    pieces: int = 0
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

    @property
    def left(self) -> bool:
        """Tell whether the client is gone: it wanted so many pieces only, or its reader stopped it."""
        return bool(self.leave and self.pieces >= self.leave) or bool(self.watch and self.watch.stopped)

    @property
    def unfinished(self) -> bool:
        """Tell whether the application is to be ended, although it has more to send."""
        return self.truncated or self.left

    def add(self, chunk: bytes) -> bool:
        """Take a piece of the body; return False where nobody takes more."""
        if self.left:
            return False
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
        elif chunk:
            self._count(kept)
        return not self.truncated

    def say(self, line: str) -> bool:
        """Take a line of what happened at a socket; return False where nobody takes more."""
        return self.add(line.replace("\n", "\\n").encode() + b"\n")

    def _count(self, chunk: bytes) -> None:
        self.pieces += 1
        if self.watch and self.watch.most:
            self.watch.arrive(chunk.decode(errors="replace").rstrip("\n"))
            if self.pieces >= self.watch.most:
                self.cut(Failure("endless", f"It was stopped after {self.watch.most} pieces: more are not shown."))

    def complete(self) -> None:
        """Say that the last piece has arrived, or that nobody waits for it."""
        if self.watch and not self.watch.complete:
            if self.watch.stopped and not self.failure:
                self.failure = Failure("stopped", f"You stopped it after {told(self.pieces)}.")
            self.watch.see(self)

    def cut(self, failure: Failure) -> None:
        """Say that the answer ended before it was complete."""
        self.failure = failure
        self.truncated = bool(self.status)

    def take(self, other: Answer) -> None:
        """Take over everything that another answer received."""
        self.status, self.headers, self.failure = other.status, other.headers, other.failure
        self.chunks, self.size, self.truncated = other.chunks, other.size, other.truncated
        self.pieces = other.pieces

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


def told(pieces: int) -> str:
    """Return how many pieces arrived, in words."""
    return f"{pieces} piece{'' if pieces == 1 else 's'}"


def message_line(data: object) -> str:
    """Return a message as a line: its text, or how long it is where it is binary."""
    return data if isinstance(data, str) else f"({len(data)} bytes)" if isinstance(data, (bytes, bytearray)) else ""


def close_line(code: int, reason: str | None) -> str:
    """Return how a server closed a socket."""
    return f"close {code} {'no closing handshake' if code == LOST else reason or ''}".rstrip()


def idle(seconds: float) -> Failure:
    """Describe a socket on which nothing happened for too long."""
    return Failure("stopped", f"Nothing was sent for {seconds:g} s, so the connection was closed.")


def timeout(seconds: float, started: bool) -> Failure:
    """Describe a demo that did not finish in time."""
    if started:
        return Failure("endless", f"The answer was still arriving after {seconds:g} s.")
    return Failure("timeout", f"No answer within {seconds:g} s. The call was given up.")


def crash(error: BaseException, started: bool) -> Failure:
    """Describe a demo that raised."""
    what = f"{type(error).__name__}: {error}"[:300]
    if started:
        return Failure("crashed", f"It raised {what} after the answer had started, so the body is incomplete.")
    return Failure("crashed", f"It raised {what} before it answered.")

"""What a call may cost, and what a reader of a live answer may take. Enforces nothing."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.topics import Request


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may cost."""

    seconds: float = 2.0
    """Time a demo has for an answer."""
    response_bytes: int = 256 * 1024
    """Bytes of an answer that are kept."""
    concurrency: int = 16
    """Requests (to all sides) answered at the same time."""
    queue: int = 32
    """Requests that may wait."""
    followed: int = 16
    """Calls that are followed at the same time."""
    file_bytes: int = 4 * 1024 * 1024
    """Bytes that are kept of an answer in a frame, where a demo sends its own scripts and styles."""


@dataclass(frozen=True, slots=True)
class LiveLimits:
    """What one reader of a live answer may take, and how many of them there may be."""

    seconds: float = 10.0
    """Time of a stream, and how long a socket may be silent."""
    socket_seconds: float = 60.0
    """Time of a socket."""
    pieces: int = 200
    """Chunks or messages of one variant."""
    response_bytes: int = 64 * 1024
    readers: int = 32
    per_address: int = 2

    def time(self, request: Request) -> float:
        """Return the seconds that a request may take."""
        return self.socket_seconds if request.is_socket else self.seconds

"""Cuts clients that are slow or half open: heads, bodies and answers have to get on. Knows nothing of the site.

uvicorn has a time limit for idle connections between two requests only, and its limit on connections counts idle
ones, so that a silent crowd would shut everybody else out. Here a silent connection is what gives way, and after it
one that takes long over a body.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from explorer.heads import Conversation

SLOWEST = 1024
"""Bytes of a body a second: one that comes slower than this from its start on is cut."""
SPARE = 256
"""Files that connections leave free: the site's own, the database's and those of running tests."""

LINGER = 3.0
"""Seconds in which a client may still read the answer to a request that it has not ended."""
LEAST = 16
"""Connections below which a process is of no use."""
FRESH = 1.0
"""Seconds that a new connection may take for its head before it gives way to one that is newer still."""

_waiting: dict[Connection, float] = {}
"""Connections of this process on which no request runs, and since when; the one that waits longest first."""
_sending: dict[Connection, None] = {}
"""Those whose client has not sent all of a body, whether or not it is answered already; the oldest first."""


class Connection(H11Protocol):
    """One connection, with times by which something has to come or go.

    A head has `seconds` from its first byte, a body as long between two pieces, an answer as long between two pieces
    that the client takes. The timer is not set anew with each request: it looks when it fires, so it may be late.
    """

    def __init__(self, seconds: float, most: int, **uvicorn: Any) -> None:
        """Take uvicorn's arguments. With more than `most` connections the one that waits longest is cut."""
        super().__init__(**uvicorn)
        self.conn = Conversation(h11.SERVER, uvicorn["config"].h11_max_incomplete_event_size)
        self._seconds = seconds
        self._most = most
        self._timer: asyncio.TimerHandle | None = None
        self._phase: object = None
        self._began = 0.0
        self._received = 0
        self._send_by: float | None = None
        """When the client has to have sent what is missing."""
        self._take_by: float | None = None
        """When the client has to have taken some of what is left."""
        self._left = 0
        self._over = False
        """Whether the answer ended before the request did: nothing that comes now is read."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a head."""
        super().connection_made(transport)
        _waiting[self] = self.loop.time()
        if len(self.connections) > self._most:
            self._cut_another()
        self._follow(0)

    def _cut_another(self) -> None:
        """Cut the connection that waits longest, or the oldest that still sends where all others just came."""
        longest, since = next(iter(_waiting.items()))
        if _sending and self.loop.time() - since < FRESH:
            longest = next(iter(_sending))
        longest.transport.abort()
        _waiting.pop(longest, None)
        _sending.pop(longest, None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        super().connection_lost(exc)
        _waiting.pop(self, None)
        _sending.pop(self, None)
        if self._timer:
            self._timer.cancel()

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: no wish for another protocol is met here, and who sends one decides how often."""

    def data_received(self, data: bytes) -> None:
        """Expect the rest of the head or of the body, if there is one."""
        if self._over:
            return
        super().data_received(data)
        self._follow(len(data))

    def on_response_complete(self) -> None:
        """Expect a new head, which has uvicorn's own time for idle connections until it begins.

        Where the answer ended before the request, nothing is expected any more, and the client has a moment to read
        the answer: to close while more arrives would take the answer from it.
        """
        self._phase = None  # the next request may have arrived with this one
        super().on_response_complete()
        if self.conn.our_state is h11.DONE and self.conn.their_state is h11.SEND_BODY:
            self._over, self._send_by = True, None
            self.transport.write_eof()
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(LINGER, self.timeout_keep_alive_handler)
        elif self.conn.their_state is h11.IDLE:
            _waiting[self] = self.loop.time()
            self._phase = self._send_by = None
        else:
            self._follow(0)
        self._expect_taking()

    def pause_writing(self) -> None:
        """Expect that the client takes some of the answer."""
        super().pause_writing()
        self._expect_taking()

    def resume_writing(self) -> None:
        """Note that the client took some of the answer."""
        super().resume_writing()
        self._take_by = None

    def timeout_keep_alive_handler(self) -> None:
        """Expect that the client takes what is left of the answer, which is sent before the connection closes."""
        super().timeout_keep_alive_handler()
        self._expect_taking()

    def _follow(self, received: int) -> None:
        """Set the time for what the client has to send now that so many bytes came."""
        now, phase = self.loop.time(), self.conn.their_state
        if phase is not self._phase:
            self._phase, self._began, self._received = phase, now, 0
        self._received += received
        if phase is h11.IDLE:
            self._send_by = self._began + self._seconds
        else:
            _waiting.pop(self, None)
            if phase is h11.SEND_BODY:
                _sending[self] = None
            else:
                _sending.pop(self, None)
            allowed = self._began + self._seconds + self._received / SLOWEST
            self._send_by = min(now + self._seconds, allowed) if phase is h11.SEND_BODY else None
        self._set_timer()

    def _expect_taking(self) -> None:
        self._left = self.transport.get_write_buffer_size()
        self._take_by = self.loop.time() + self._seconds if self._left else None
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is None and (due := [time for time in (self._send_by, self._take_by) if time is not None]):
            self._timer = self.loop.call_at(min(due), self._look)

    def _look(self) -> None:
        """Cut the client if it is too late; wait on where it gets on, or where it is us who do not read."""
        self._timer = None
        now, left = self.loop.time(), self.transport.get_write_buffer_size()
        if self._take_by is not None and left < self._left:
            self._expect_taking()
        if self._send_by is not None and self.flow.read_paused:
            self._send_by = now + self._seconds
        if any(time is not None and time <= now for time in (self._send_by, self._take_by)):
            self.transport.abort()
        else:
            self._set_timer()


class TooFewFiles(Exception):
    """The system allows so few open files that there would be no connections; the text says the mend."""


def bounded(seconds: float, most: int) -> type[asyncio.Protocol]:
    """Return what uvicorn takes for `http`: connections with these limits, also in processes of their own.

    Raises TooFewFiles.
    """
    files = _raised_file_limit()
    if files - SPARE < LEAST:
        raise TooFewFiles(
            f"The system allows {files} open files, the site needs {SPARE + LEAST} at least. Mend: ulimit -n 4096, or "
            "--ulimit nofile=4096 for a container."
        )
    return cast("type[asyncio.Protocol]", partial(Connection, seconds, min(most, files - SPARE)))


def _raised_file_limit() -> int:
    """Raise this process's limit of open files, and that of its children, to what is allowed; return it."""
    try:
        import resource
    except ImportError:  # not a Unix: there is no such limit
        return 1 << 30
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard == resource.RLIM_INFINITY:
        hard = 1 << 20
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    return hard

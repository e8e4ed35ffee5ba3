"""A socket to a WSGI application: the client's end of a pair of sockets, whose other end the application is given.

WSGI has no WebSocket: libraries take the server's raw socket from the environ and speak the protocol themselves. The
answer becomes a transcript, as that of `connection`.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from contextlib import suppress
from typing import Any

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Ping, TextMessage
from wsproto.events import Request as Handshake
from wsproto.utilities import ProtocolError

from explorer.demos.answers import LOST, Answer, close_line, idle, message_line, timeout
from explorer.demos.connection import NORMAL, silence_of, subprotocols
from explorer.topics import Failure, Request

PAUSE = 0.15
"""Seconds that a client waits for a reply before it sends its next prepared message."""
READ = 64 * 1024
MESSAGE_BYTES = 64 * 1024
"""Bytes of one message; a longer one ends the connection."""
GOODBYE = 0.5
"""Seconds that the application has to answer a close."""

_OURS = {"upgrade", "connection", "sec-websocket-accept", "sec-websocket-extensions"}
"""Headers that belong to the connection."""


class Wire:
    """One socket to an application that runs in a thread; lives on the site's loop."""

    def __init__(self, answer: Answer, request: Request, host: str, root_path: str) -> None:
        """Open the pair and prepare the handshake."""
        self._ours, self.theirs = socket.socketpair()
        self._answer = answer
        self._prepared = deque(request.messages)
        self._connection = WSConnection(ConnectionType.CLIENT)
        self._open = self._closing = False
        self._part = ""
        protocols = subprotocols(request)
        sent = self._connection.send(Handshake(host=host, target=root_path + request.target, subprotocols=protocols))
        lines = sent.decode("latin-1").split("\r\n")[1:]
        self.headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines) if value]
        """What the handshake adds to a request's headers."""

    async def talk(self, application: asyncio.Future[None], seconds: float) -> bool:
        """Speak until either side closes or the time is over; tell whether the handshake was accepted."""
        application.add_done_callback(self._end)
        reader, writer = await asyncio.open_connection(sock=self._ours)
        self._writer, loop = writer, asyncio.get_running_loop()
        answer, watch, gone = self._answer, self._answer.watch, asyncio.Event()
        if watch:
            watch.hand = lambda text: loop.call_soon_threadsafe(self._hand, text)
            self._prepared.extend(watch.held)
            watch.on_stop(lambda: loop.call_soon_threadsafe(gone.set))
        stop: asyncio.Future[Any] = asyncio.ensure_future(gone.wait())
        self._active = loop.time()
        deadline, silence = self._active + seconds, silence_of(answer, seconds)
        chunk: asyncio.Future[bytes] = asyncio.ensure_future(reader.read(READ))
        while not (stop.done() or self._closing):
            until = min(deadline, self._active + (PAUSE if self._open and self._prepared else silence))
            if (left := until - loop.time()) <= 0 and not self._next():
                break
            await asyncio.wait({chunk, stop}, timeout=max(left, 0), return_when=asyncio.FIRST_COMPLETED)
            if chunk.done():
                self._take(chunk.result())
                chunk = asyncio.ensure_future(reader.read(READ))
        self._conclude(loop.time() >= deadline, bool(watch and watch.idle), seconds, silence)
        await self._leave(application, chunk, stop)
        return self._open

    def _end(self, application: object) -> None:
        """Close the other end as a server does when the application has returned; what was written can be read."""
        with suppress(OSError):
            self.theirs.shutdown(socket.SHUT_RDWR)
        self.theirs.close()

    def _conclude(self, late: bool, live: bool, seconds: float, silence: float) -> None:
        """Say how it ended."""
        answer = self._answer
        if self._open and not self._closing and not answer.left:
            if late:
                answer.cut(timeout(seconds, started=True))
            elif live:
                answer.failure = idle(silence)
        if self._open:
            answer.complete()

    async def _leave(self, application: asyncio.Future[None], chunk: asyncio.Future[bytes], stop: Any) -> None:
        """Close as a client does, and let the application see it."""
        stop.cancel()
        self._closing = True
        with suppress(ProtocolError, OSError):
            self._writer.write(self._connection.send(CloseConnection(NORMAL)))
        if self._open:
            await asyncio.wait({application}, timeout=GOODBYE)
        chunk.cancel()
        self._writer.close()

    def _next(self) -> bool:
        """Send the next prepared message if there is one."""
        if not (self._open and self._prepared):
            return False
        self._send(self._prepared.popleft())
        return True

    def _hand(self, text: str) -> None:
        if self._open:
            self._send(text)
        else:
            self._prepared.append(text)

    def _send(self, text: str) -> None:
        if self._open and not self._closing:
            self._active = asyncio.get_running_loop().time()
            if self._answer.watch:
                self._answer.watch.arrive(text, sent=True)
            self._writer.write(self._connection.send(TextMessage(text)))

    def _take(self, data: bytes) -> None:
        """Take what the server sent; nothing means that the connection is gone."""
        self._active = asyncio.get_running_loop().time()
        try:
            self._connection.receive_data(data or None)
            for event in self._connection.events():
                if self._closing:
                    return
                self._happen(event)
        except ProtocolError:
            self._happen(CloseConnection(LOST))

    def _happen(self, event: object) -> None:
        match event:
            case AcceptConnection():
                headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in event.extra_headers]
                if event.subprotocol:
                    headers.append(("sec-websocket-protocol", event.subprotocol))
                self._answer.start(101, [pair for pair in headers if pair[0].lower() not in _OURS])
                self._open = True
                self._next()
            case TextMessage() | BytesMessage():
                self._take_message(event)
            case Ping():
                self._writer.write(self._connection.send(event.response()))
            case CloseConnection():
                if self._open:
                    self._answer.say(close_line(event.code, event.reason))
                self._closing = True

    def _take_message(self, event: TextMessage | BytesMessage) -> None:
        self._part += message_line(bytes(event.data) if isinstance(event, BytesMessage) else event.data)
        if len(self._part) > MESSAGE_BYTES:
            self._answer.cut(Failure("endless", f"A message had more than {MESSAGE_BYTES // 1024} KiB."))
            self._closing = True
        elif event.message_finished:
            text, self._part = self._part, ""
            self._answer.say(text)
            self._closing = self._answer.unfinished
            if not self._closing:
                self._next()

"""HTTP/1.1 on one connection, a little stricter than h11 and a little more helpful. Sends and receives nothing itself.

A request of another version, or whose length is told twice, is refused; an address that names the host is taken
apart; an answer that comes before the request has ended says that the connection closes.
"""

from __future__ import annotations

import re
from typing import Any

import h11

_ABSOLUTE = re.compile(rb"https?://([^/?#]+)(.*)", re.IGNORECASE | re.DOTALL)
_VERSIONS = (b"1.1", b"1.0")
_LENGTHS = (b"content-length", b"transfer-encoding")
_SIZED = b"\r\ncontent-length: "
_CLOSE = b"Connection: close\r\n\r\n"


class Conversation(h11.Connection):
    """The server's end of a connection."""

    _head = b""
    """Of an answer whose body is on its way: the two are sent together, in one piece if they fit."""

    def next_event(self) -> Any:
        """Return the next event. Raises h11.RemoteProtocolError where two parts could read a request differently."""
        event = super().next_event()
        if not isinstance(event, h11.Request):
            return event
        if event.http_version not in _VERSIONS:
            raise h11.RemoteProtocolError("another version of HTTP")
        lengths = [name for name, _ in event.headers if name in _LENGTHS]
        if len(lengths) > 1:  # RFC 9112, 6.1: may be smuggled past a proxy; h11 leaves one of each
            raise h11.RemoteProtocolError("Content-Length and Transfer-Encoding together")
        absolute = None if event.target.startswith(b"/") else _ABSOLUTE.fullmatch(event.target)
        return _in_origin_form(event, absolute[1], absolute[2]) if absolute else event

    def send(self, event: h11.Event) -> bytes | None:  # type: ignore[override]  # one of its overloads
        """Return an event as bytes.

        The first of an answer to what has not ended says that it is the last answer. h11 is not told: it would have
        the server close at once, and what is still on its way would take the answer with it.
        """
        data = super().send(event)
        if type(event) is h11.Response and data:
            early = self.their_state is h11.SEND_BODY and self.our_state is not h11.MUST_CLOSE
            if early and b"\r\nConnection: close\r\n" not in data:
                data = data[:-2] + _CLOSE
            if _SIZED in data:  # its body comes at once; the head of a stream does not wait for the first part
                self._head, data = data, b""
        elif self._head:
            self._head, data = b"", self._head + (data or b"")
        return data


def _in_origin_form(event: h11.Request, host: bytes, target: bytes) -> h11.Request:
    """Return a request with the host that its address names, which counts more than its header (RFC 9112, 3.2.2)."""
    headers = [(name, host if name == b"host" else value) for name, value in event.headers]
    target = target if target.startswith(b"/") else b"/" + target
    return h11.Request(method=event.method, target=target, headers=headers, http_version=event.http_version)

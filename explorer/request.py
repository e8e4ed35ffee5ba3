"""One HTTP request to a demo, and its body as bytes. Sends nothing; what may be sent is decided in `web.requests`."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.parts import Part, media_type, pieces

WEBSOCKET = "WEBSOCKET"
"""What stands for a method where a request opens a socket: its body holds the messages that are sent, one a line."""
CHUNKED = ("transfer-encoding", "chunked")
"""The one header of the connection that a request may carry."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as a visitor wrote it: a relative path, never a URL."""

    method: str = "GET"
    path: str = "/"
    """Percent-encoded, starts with one slash, no query."""
    query: str = ""
    """Raw, without the question mark."""
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    """As UTF-8; surrogates stand for bytes that are none."""
    parts: tuple[Part, ...] = ()
    """Of a multipart body; then `body` is empty."""
    leave: int = 0
    """Pieces of the answer after which the client leaves; 0: it stays to the end."""

    @property
    def is_socket(self) -> bool:
        """Tell whether this opens a socket."""
        return self.method == WEBSOCKET

    @property
    def messages(self) -> tuple[str, ...]:
        """Return the messages that are sent once a socket is open."""
        return tuple(self.body.split("\n")) if self.is_socket and self.body else ()

    @property
    def content(self) -> bytes:
        """Return the bytes of the body."""
        return (
            b"".join(data * times for data, times in pieces(self.parts))
            if self.parts
            else self.body.encode(errors="surrogateescape")
        )

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Return the headers, with the type of a multipart body unless they name one."""
        if not self.parts or any(name.lower() == "content-type" for name, _ in self.headers):
            return self.headers
        return (*self.headers, ("Content-Type", media_type(self.parts)))

    @property
    def chunked(self) -> bool:
        """Tell whether the body is sent in chunks, without a Content-Length."""
        return any((name.lower(), value) == CHUNKED for name, value in self.headers)

    @property
    def target(self) -> str:
        """Return path and query as they stand in a request line."""
        return f"{self.path}?{self.query}" if self.query else self.path

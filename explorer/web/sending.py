"""Sends prepared bytes: chooses the encoding, answers conditional requests.

Works on the ASGI messages themselves: this is the path of every page and asset, and compresses nothing. What a handler
makes for each request is compressed lightly, so that it has the same validators.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from explorer.encoding import Encoded, encode
from explorer.web.headers import Headers

PAGE = b"public, max-age=0, must-revalidate"
ASSET = b"public, max-age=31536000, immutable"
QUICK = 4
"""The level of brotli for what is made for one request: a millisecond for a page."""
CODINGS_LIMIT = 256
"""Bytes of an Accept-Encoding header that are read and kept; browsers send thirty."""
VARY = (b"vary", b"Accept-Encoding")


@lru_cache(maxsize=256)
def accepted(header: bytes) -> frozenset[str]:
    """Return the content codings that an Accept-Encoding header takes; a quality of 0 refuses one."""
    qualities: dict[str, float] = {}
    for part in header.decode("latin-1").lower().split(","):
        name, _, parameter = part.strip().partition(";")
        key, _, value = parameter.strip().partition("=")
        try:
            qualities[name.strip()] = float(value) if key.strip() == "q" else 1.0
        except ValueError:
            qualities[name.strip()] = 0.0
    others = qualities.get("*", 0.0)
    return frozenset(coding for coding in ("br", "gzip") if qualities.get(coding, others) > 0)


class Answer(NamedTuple):
    """What is sent of one page to all who ask alike: the same headers in front, and its body in one coding."""

    page: Encoded
    coding: str
    etag: bytes
    unchanged: Headers
    """Of 304."""
    whole: Headers
    """Of 200."""


def prepare(page: Encoded, cache_control: bytes, header: bytes, further: Headers) -> Answer:
    """Return the answer to an Accept-Encoding header, in the best coding that it takes; `further` headers are sent too.

    A header of more than CODINGS_LIMIT bytes counts as none.
    """
    codings = accepted(header if len(header) <= CODINGS_LIMIT else b"")
    coding = next((c for c in page.bodies if c in codings), "identity")
    etag = page.etags[coding]
    unchanged = [(b"etag", etag), VARY, (b"cache-control", cache_control), *further]
    whole = [
        *unchanged,
        (b"content-type", page.media_type.encode()),
        (b"content-length", b"%d" % page.length(coding)),
    ]
    if coding != "identity":
        whole.append((b"content-encoding", coding.encode()))
    return Answer(page, coding, etag, unchanged, whole)


async def send_answer(send: Send, answer: Answer, method: str, known: bytes, first: Headers) -> tuple[int, int]:
    """Send an answer to GET or HEAD with the `first` headers before its own; 304 if If-None-Match is `known` of it.

    Return the status and the bytes of the body.
    """
    page, coding, etag, unchanged, whole = answer
    if known and _matches(known, etag):
        await send({"type": "http.response.start", "status": 304, "headers": [*first, *unchanged]})
        await send({"type": "http.response.body", "body": b""})
        return 304, 0
    await send({"type": "http.response.start", "status": 200, "headers": [*first, *whole]})
    body = b"" if method == "HEAD" else page.body(coding)
    await send({"type": "http.response.body", "body": body})
    return 200, len(body)


async def send_encoded(scope: Scope, send: Send, page: Encoded, cache_control: bytes, further: Headers) -> None:
    """Answer GET or HEAD with a page, its `further` headers among them."""
    _, codings, known = asked(scope)
    await send_answer(send, prepare(page, cache_control, codings, further), scope["method"], known, [])


def asked(scope: Scope) -> tuple[bytes, bytes, bytes]:
    """Return the values of a request's Host, Accept-Encoding and If-None-Match, empty where there is none."""
    host = codings = known = b""
    for name, value in scope["headers"]:
        if name == b"host":
            host = host or value
        elif name == b"accept-encoding":
            codings = value
        elif name == b"if-none-match":
            known = value
    return host, codings, known


class Checked(Response):
    """A page that is made for each request, with a validator: who has it already is sent nothing."""

    def __init__(self, text: str, media_type: str) -> None:
        """Take the text and its type without a charset."""
        super().__init__(text, media_type=media_type)
        self._page = encode(bytes(self.body), self.headers["content-type"], QUICK)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the page, or 304."""
        await send_encoded(scope, send, self._page, PAGE, [])


def _matches(known: bytes, etag: bytes) -> bool:
    tags = (tag.strip().removeprefix(b"W/") for tag in known.split(b","))
    return known.strip() == b"*" or etag in tags

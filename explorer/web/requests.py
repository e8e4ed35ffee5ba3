"""Reads the request a visitor wrote and refuses what cannot be sent, naming the field and the mend.

Both the form and the JSON API come through here. A URL is never accepted: only a path within the demo.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import quote, unquote

from explorer.errors import TooLarge, UnusableRequest
from explorer.parts import FORM, Part, read_part
from explorer.request import CHUNKED, Request
from explorer.topics import HEADER_NAME, HEADER_VALUE, METHODS

PATH_LIMIT = 2 * 1024
QUERY_LIMIT = 4 * 1024
HEADER_LIMIT = 50
HEADER_BYTES = 8 * 1024
PART_LIMIT = 2000
"""Parts of a multipart body, each counted as often as it is sent."""
MADE_LIMIT = 1024 * 1024
"""Bytes of content of all parts; what a recipe makes is sent to no server."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_REFUSED = frozenset(
    ("host", "connection", "te", "transfer-encoding", "content-length", "upgrade", "trailer", "keep-alive", "expect")
)
_KEPT = "/%:@!$&'()*+,;=~-._"
"""Characters of a path that stay as they are; others are percent-encoded, as a browser does."""


def usable_request(
    method: str,
    path: str,
    query: str,
    headers: Iterable[tuple[str, str]],
    body: str,
    body_limit: int,
    parts: tuple[Part, ...] = (),
    methods: Sequence[str] = METHODS,
) -> Request:
    """Return the request that is sent. Raises UnusableRequest or TooLarge, naming the field."""
    method = method.strip().upper() or "GET"
    if method not in methods:
        raise UnusableRequest("method", f"This method is not sent. Use one of {', '.join(methods)}.")
    if _SURROGATE.search(body):
        raise UnusableRequest("body", "The body holds half a surrogate pair, which is not text. Remove it.")
    if len(body.encode()) > body_limit:
        raise TooLarge(
            "body", f"The body has {len(body.encode()):,} bytes; at most {body_limit:,} are sent. Shorten it."
        )
    if body and parts:
        raise UnusableRequest("body", "A request has a body or parts. Empty one of the two.")
    path, query = _path(path.strip(), query)
    return Request(method, path, _query(query.strip().removeprefix("?")), tuple(_headers(headers)), body, parts)


def usable_parts(lines: Sequence[str], chosen: Part | None, limit: int) -> tuple[Part, ...]:
    """Return the parts that lines describe; a chosen file takes the place of the first file, or follows them.

    `limit` is for what was written or chosen, in bytes. Raises UnusableRequest or TooLarge, naming the field.
    """
    if chosen and len(chosen.data) > limit:
        raise TooLarge(
            "file", f"The file has {len(chosen.data):,} bytes; at most {limit:,} are sent. Choose a smaller one."
        )
    parts = [_part(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if chosen:
        place = next((n for n, part in enumerate(parts) if part.filename is not None), len(parts))
        name = parts[place].name if place < len(parts) else chosen.name
        parts[place : place + 1] = [replace(chosen, name=name)]
    written = sum(len(line.encode()) for line in lines)
    if written > limit:
        raise TooLarge("parts", f"The parts have {written:,} bytes; at most {limit:,} are sent. Shorten them.")
    if sum(part.times for part in parts) > PART_LIMIT:
        raise TooLarge("parts", f"At most {PART_LIMIT:,} parts are sent, each counted as often as it is sent.")
    if (made := sum(part.size for part in parts)) > MADE_LIMIT:
        raise TooLarge("parts", f"The content of the parts has {made:,} bytes; at most {MADE_LIMIT:,} are sent.")
    return tuple(parts)


def _part(number: int, line: str) -> Part:
    if _SURROGATE.search(line):
        raise UnusableRequest("parts", f"Part {number} holds half a surrogate pair, which is not text. Remove it.")
    try:
        return read_part(line)
    except ValueError as error:
        raise UnusableRequest("parts", f"Part {number} cannot be read: {error}. {FORM}") from error


def _path(path: str, query: str) -> tuple[str, str]:
    """Return path and query; a query typed into the path field moves to its own."""
    if len(path) > PATH_LIMIT:
        raise TooLarge("path", f"The path has {len(path):,} characters; at most {PATH_LIMIT:,} are sent. Shorten it.")
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", path):
        raise UnusableRequest("path", "This is a URL. Write only the path, for example /employees.")
    if path.startswith("//"):
        raise UnusableRequest("path", "A path that starts with two slashes names a host. Start it with one slash.")
    if not path.startswith("/"):
        raise UnusableRequest("path", "The path starts with a slash, for example /employees.")
    if _CONTROL.search(path) or _SURROGATE.search(path) or "\\" in path:
        raise UnusableRequest("path", "The path holds a control character or a backslash. Write it percent-encoded.")
    path = path.partition("#")[0]
    path, found, typed = path.partition("?")
    if any(unquote(segment) in (".", "..") for segment in path.split("/")):
        raise UnusableRequest(
            "path",
            "The path holds a . or .. segment, which clients resolve before they send. Write the path it leads to.",
        )
    return quote(path, safe=_KEPT), typed if found and not query else query


def _query(query: str) -> str:
    if len(query) > QUERY_LIMIT:
        raise TooLarge(
            "query", f"The query has {len(query):,} characters; at most {QUERY_LIMIT:,} are sent. Shorten it."
        )
    if _CONTROL.search(query) or _SURROGATE.search(query):
        raise UnusableRequest("query", "The query holds a control character. Write it percent-encoded.")
    return quote(query, safe=_KEPT + "?[]{}|<>^`")


def _headers(headers: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    size = 0
    for number, (name, value) in enumerate(headers, 1):
        value = value.strip(" \t")
        size += len(name) + len(value)
        if number > HEADER_LIMIT or size > HEADER_BYTES:
            raise TooLarge(
                "headers", f"At most {HEADER_LIMIT} headers of {HEADER_BYTES:,} bytes together are sent. Remove some."
            )
        if not HEADER_NAME.fullmatch(name):
            raise UnusableRequest(
                "headers", f"Header {number} has no valid name. Write `Name: value`, the name without spaces."
            )
        if not HEADER_VALUE.fullmatch(value):
            raise UnusableRequest(
                "headers",
                f"The value of header {number} holds a control character or one outside Latin-1. Remove it.",
            )
        if (name.lower(), value) == CHUNKED:
            yield name, value
            continue
        if name.lower() in _REFUSED or name.lower().startswith("proxy-"):
            raise UnusableRequest(
                "headers", f"Header {number} belongs to the connection and is set by the server. Remove it."
            )
        yield name, value


def pieces_wanted(text: str, most: int) -> int:
    """Return after how many pieces the client leaves; 0 where nothing is written. Raises UnusableRequest."""
    if not text.strip():
        return 0
    if not re.fullmatch(r"[0-9]{1,4}", text.strip()) or int(text) > most:
        raise UnusableRequest("leave", f"Write a whole number up to {most}, or leave the field empty.")
    return int(text)


def header_lines(text: str) -> list[tuple[str, str]]:
    """Return the headers of a text with one "Name: value" a line. Raises UnusableRequest naming the line."""
    headers = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if line.strip():
            name, colon, value = line.partition(":")
            if not colon:
                raise UnusableRequest("headers", f"Line {number} of the headers has no colon. Write `Name: value`.")
            headers.append((name.strip(), value))
    return headers

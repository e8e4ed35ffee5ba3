"""Which values of a request an error answer gives back.

A value counts where a string of a JSON answer equals it, or where it stands in the text as a whole word, as it is, in
JSON or in HTML spelling. Words shorter than four characters occur by chance; so does the first segment of a path,
which names a route. Both are left out.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import parse_qsl, unquote

from explorer.compare.differences import Difference, Kind, excerpts
from explorer.compare.documents import read_document
from explorer.compare.effects import effect_of
from explorer.compare.structure import Json
from explorer.topics import Exchange, Request

SHORTEST = 4
"""Characters that a word must have to be no chance."""

LONG = 32
"""Characters from which on a value is looked for anywhere, not only as a whole word.

It is no part of a longer word by chance, and the expression takes the product of both lengths, a second for 64 KiB,
in which nothing else runs.
"""

MOST = 32
"""Values that are looked for."""


def echo_differences(left: Exchange, right: Exchange) -> list[Difference]:
    """Return which values of the request the error answer of one side only gives back."""
    ours, theirs = _echoed(left), _echoed(right)
    found: list[Difference] = []
    if values := [value for value in ours if value not in theirs]:
        found.append(_difference("missing", values))
    if values := [value for value in theirs if value not in ours]:
        found.append(_difference("extra", values))
    return sorted(found, key=lambda difference: difference.left or difference.right or "")


def _difference(kind: Kind, values: list[str]) -> Difference:
    shown = "echoes " + ", ".join(json.dumps(value, ensure_ascii=False) for value in values)
    sides = (shown, None) if kind == "missing" else (None, shown)
    return Difference("body", kind, "", *excerpts(*sides), effect_of("body.echo"))


def _echoed(exchange: Exchange) -> list[str]:
    response = exchange.response
    if response is None or response.status < 400 or not response.body:
        return []
    text = response.body.decode(errors="replace")
    document = read_document(text)
    strings = {value for value in _scalars(document.data) if isinstance(value, str)} if document else set()
    values = islice(dict.fromkeys(value for value in _values(exchange.request) if value), MOST)
    return [value for value in values if value in strings or _is_word(value, text)]


def _is_word(value: str, text: str) -> bool:
    return len(value) >= SHORTEST and any(_occurs(form, text) for form in _forms(value))


def _occurs(form: str, text: str) -> bool:
    # The plain search is far quicker than the expression and nearly always says no.
    if len(form) >= LONG or form not in text:
        return form in text
    return re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) is not None


def _forms(value: str) -> set[str]:
    """Return how a value may be spelled in a body."""
    return {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], html.escape(value)}


def _values(request: Request) -> Iterator[str]:
    path = unquote(request.path)
    yield path
    yield from path.split("/")[2:]
    yield from (value for _, value in parse_qsl(request.query))
    document = read_document(request.body)
    if document:
        yield from (v if isinstance(v, str) else v.decode() for v in _scalars(document.data))
    elif "=" in request.body:
        yield from (value for _, value in parse_qsl(request.body))
    else:
        yield request.body.strip()
    for part in request.parts:
        yield from (part.text, part.filename or "")


def _scalars(data: Json) -> Iterator[str | bytes]:
    """Yield the texts and the tokens of numbers in a JSON value, which may be nested as deep as the parser allows."""
    stack = [data]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            stack += reversed(value.values())
        elif isinstance(value, list):
            stack += reversed(value)
        elif isinstance(value, str | bytes):
            yield value

"""Two bodies to differences, by form: JSON by structure, HTML and text by line, all else by size and hash.

Does not decide what counts: noise rules are named, not applied.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from explorer.compare.differences import Difference, Kind, excerpts
from explorer.compare.documents import Document, document_differences, read_document
from explorer.compare.effects import effect_of
from explorer.compare.lines import line_differences
from explorer.topics import Response

Form = Literal["", "JSON", "unreadable JSON", "HTML", "text", "bytes"]
"""What a body is; "unreadable JSON" is labelled JSON and strict readers refuse it or disagree about it."""

MOST = 200
"""Differences told of one body; where there are more, one of the whole body follows."""

_TEXT_TYPES = frozenset(
    {"", "application/xml", "application/javascript", "application/yaml", "application/x-www-form-urlencoded"}
)


@dataclass(frozen=True, slots=True)
class Body:
    """A body that was looked at."""

    response: Response
    form: Form
    text: str = ""
    document: Document | None = None

    @property
    def description(self) -> str:
        """Return form, size and, where nothing else can be said, the hash."""
        size = f"{self.response.size:,} byte{'' if self.response.size == 1 else 's'}"
        if self.form != "bytes":
            return f"{self.form}, {size}"
        digest = hashlib.sha256(self.response.body).hexdigest()
        cut = f" of the first {len(self.response.body):,}" if self.response.truncated else ""
        return f"{self.response.media_type or 'bytes'}, {size}, sha256{cut} {digest[:16]}"


def read_body(response: Response) -> Body:
    """Return what a body is. A body that was cut is bytes: its end says nothing."""
    kind = response.media_type
    if not (response.body or response.size):
        return Body(response, "")
    if response.truncated:
        return Body(response, "bytes")
    try:
        text = response.body.decode()
    except UnicodeDecodeError:
        return Body(response, "bytes")
    if kind.endswith(("/json", "+json")):
        document = read_document(text)
        return Body(response, "JSON" if document else "unreadable JSON", text, document)
    if kind in ("text/html", "application/xhtml+xml"):
        return Body(response, "HTML", text)
    readable = kind.startswith("text/") or kind.endswith("+xml") or kind in _TEXT_TYPES
    return Body(response, "text" if readable else "bytes", text)


def body_differences(left: Response, right: Response) -> list[Difference]:
    """Return how two bodies differ; equal bytes never do, whatever their media types."""
    ours, theirs = (left.body, left.size), (right.body, right.size)
    if ours == theirs:
        return []
    if ours > theirs:
        # One orientation for both directions makes the answer symmetric, ties in alignments included.
        return [difference.mirrored() for difference in body_differences(right, left)]
    return _compared(read_body(left), read_body(right))


def _compared(left: Body, right: Body) -> list[Difference]:
    if left.form != right.form or left.form == "bytes":
        return [_whole(left, right)]
    if left.document and right.document:
        try:
            return _bounded(document_differences(left.document, right.document), left, right)
        except RecursionError:
            pass
    failed = [side.response.status >= 400 for side in (left, right)]
    if left.form in ("HTML", "text") and any(failed) != all(failed):
        return [_whole(left, right)]  # a page and an error page have nothing in common that a line could tell
    aspect = "line.error" if all(failed) and left.form in ("HTML", "text") else "line.content"
    return _bounded(line_differences(left.text, right.text, markup=left.form == "HTML", aspect=aspect), left, right)


def _bounded(found: Iterator[Difference], left: Body, right: Body) -> list[Difference]:
    told = list(islice(found, MOST + 1))
    if len(told) <= MOST:
        return told
    ours, theirs = (f"{body.description}, more than {MOST} differences" for body in (left, right))
    return [*told[:MOST], Difference("body", "value", "", ours, theirs, effect_of("body.value"))]


def _whole(left: Body, right: Body) -> Difference:
    kind: Kind = "type"
    if not left.form or not right.form:
        kind = "missing" if left.form else "extra"
    elif left.form == right.form:
        kind = "value"
    ours, theirs = (body.description if body.form else None for body in (left, right))
    return Difference("body", kind, "", *excerpts(ours, theirs), effect_of(f"body.{kind}"))

"""Text bodies line by line, and the newline at the end that every readable body may have.

Lines are split at line feeds only, as the panes show them. Does not understand HTML beyond character references.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from explorer.compare.alignment import gaps, pairs
from explorer.compare.differences import Difference, Kind, excerpts
from explorer.compare.effects import effect_of

_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w{1,32});")


def newline_differences(left: str, right: str) -> Iterator[Difference]:
    """Yield whether only one text ends with a newline."""
    ours, theirs = ("a newline at the end" if text.endswith("\n") else None for text in (left, right))
    if ours != theirs:
        kind: Kind = "missing" if ours else "extra"
        yield Difference("body", kind, "", ours, theirs, effect_of("form.newline"), "trailing-newline")


def line_differences(left: str, right: str, *, markup: bool, aspect: str) -> Iterator[Difference]:
    """Yield the lines in which two texts differ; `aspect` says for its effect what a changed line is."""
    yield from newline_differences(left, right)
    ours, theirs = left.removesuffix("\n").split("\n"), right.removesuffix("\n").split("\n")
    for left_place, right_place in pairs(gaps(ours, theirs, str)):
        one = None if left_place is None else ours[left_place]
        other = None if right_place is None else theirs[right_place]
        same = _meaning(one or "", markup) == _meaning(other or "", markup)
        yield _line(one, other, left_place, right_place, "form.line" if same else aspect)


def _line(
    left: str | None, right: str | None, left_place: int | None, right_place: int | None, aspect: str
) -> Difference:
    left_line = None if left_place is None else left_place + 1
    right_line = None if right_place is None else right_place + 1
    return Difference(
        "body",
        "extra" if left is None else "missing" if right is None else "value",
        f"line {left_line or right_line}",
        *excerpts(left, right),
        effect_of(aspect),
        left_line=left_line,
        right_line=right_line,
        right_where=f"line {right_line}" if left_line and right_line and left_line != right_line else None,
    )


def _meaning(line: str, markup: bool) -> str:
    """Return a line without what only its form decides: trailing white space, in HTML any, and how a quote is written.

    References to < > and & stay: there the difference is markup against text.
    """
    if not markup:
        return line.rstrip()
    if "&" in line:
        line = _REFERENCE.sub(_resolve, line)
    return " ".join(line.split())


def _resolve(reference: re.Match[str]) -> str:
    text = html.unescape(reference[0])
    return reference[0] if text in ("<", ">", "&") else text

"""What differs between two texts, line by line and word by word.

Pure, and bounded: 256 Ki characters of any kind take two seconds at most. Where looking closer would cost more steps
than are left, lines are shown as replaced as a whole, or a line without its words marked. Nothing is lost: a diff
holds both texts whole. Knows neither Markdown nor HTML; three texts are merged in `merges`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from explorer.matching import STEPS, Steps, alike_pairs, matching_lines, similar

LINES = 10_000
"""A text of more lines is taken as one line."""

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one of the texts, with the line feed at its end if it has one."""

    number: int
    """From 1."""
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """Return the line as it stands in the text."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the left text, of the right one, or of both beside each other."""

    left: Line | None
    right: Line | None

    @property
    def kind(self) -> Literal["same", "changed", "removed", "added"]:
        """Return what happened to the line on the way from left to right."""
        if self.left is None:
            return "added"
        if self.right is None:
            return "removed"
        return "same" if self.left.text == self.right.text else "changed"


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that follow each other and are all the same, or all changed."""

    changed: bool
    rows: tuple[Row, ...]

    @property
    def left(self) -> str:
        """Return what the left text has here, with its line feeds."""
        return "".join(row.left.text for row in self.rows if row.left)

    @property
    def right(self) -> str:
        """Return what the right text has here, with its line feeds."""
        return "".join(row.right.text for row in self.rows if row.right)


@dataclass(frozen=True, slots=True)
class Diff:
    """What differs between two texts. Equal and changed blocks take turns; the texts are all blocks joined."""

    blocks: tuple[Block, ...]

    @property
    def changed(self) -> bool:
        """Tell whether the texts differ."""
        return any(block.changed for block in self.blocks)

    @property
    def left(self) -> str:
        """Return the left text."""
        return "".join(block.left for block in self.blocks)

    @property
    def right(self) -> str:
        """Return the right text."""
        return "".join(block.right for block in self.blocks)


def compare(left: str, right: str) -> Diff:
    """Return what differs between two texts. Very long ones take their time: call it in a thread."""
    a, b, steps = lines_of(left), lines_of(right), Steps(STEPS)
    blocks: list[Block] = []
    i = j = 0
    for at, to, size in [*matching_lines(a, b, steps), (len(a), len(b), 0)]:
        if at > i or to > j:
            blocks.append(Block(True, tuple(_rows(a[i:at], b[j:to], i, j, steps))))
        i, j = at + size, to + size
        if size:
            same = (Row(_whole(at + n, a[at + n], False), _whole(to + n, b[to + n], False)) for n in range(size))
            blocks.append(Block(False, tuple(same)))
    return Diff(tuple(blocks))


def lines_of(text: str) -> list[str]:
    """Return the lines of a text with their line feeds: only those end a line, whatever Unicode says."""
    if text.count("\n") > LINES:
        return [text]
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _whole(index: int, text: str, changed: bool) -> Line:
    return Line(index + 1, (Piece(text, changed),))


def _rows(a: list[str], b: list[str], i: int, j: int, steps: Steps) -> Iterator[Row]:
    """Yield the rows of a changed stretch that begins at line i on the left and j on the right."""
    at = to = 0
    for x, y in [*alike_pairs(a, b, steps), (len(a), len(b))]:
        yield from (Row(_whole(i + n, a[n], True), None) for n in range(at, x))
        yield from (Row(None, _whole(j + n, b[n], True)) for n in range(to, y))
        if x < len(a) and y < len(b):
            left, right = _words(a[x], b[y], steps)
            yield Row(Line(i + x + 1, left), Line(j + y + 1, right))
        at, to = x + 1, y + 1


def _words(left: str, right: str, steps: Steps) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return two lines as pieces, those that differ marked."""
    a, b = _TOKEN.findall(left), _TOKEN.findall(right)
    same_a, same_b = set[int](), set[int]()
    for i, j, size in similar(a, b, str.isspace, steps):
        same_a.update(range(i, i + size))
        same_b.update(range(j, j + size))
    return _pieces(a, same_a), _pieces(b, same_b)


def _pieces(tokens: list[str], same: set[int]) -> tuple[Piece, ...]:
    groups = groupby(range(len(tokens)), key=lambda n: n not in same)
    return tuple(Piece("".join(tokens[n] for n in numbers), changed) for changed, numbers in groups)

"""One typed difference between two exchanges, and the short printable texts it carries.

Finds nothing itself. Excerpts are plain text: whoever shows them escapes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explorer.compare.effects import Effect

Area = Literal["status", "header", "body"]
Kind = Literal["missing", "extra", "type", "value", "order"]
Mark = Literal["same", "near", "different"]

EXCERPT = 200
"""The longest excerpt, in characters."""

LEAD = 40
"""How much of what is equal an excerpt shows before the first difference."""

_OPPOSITE: dict[Kind, Kind] = {"missing": "extra", "extra": "missing"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, told from left to right."""

    area: Area
    kind: Kind
    """missing: on the left only; extra: on the right only."""
    where: str
    """A header's name in lower case, a JSON pointer (RFC 6901), "line 3", "failure", or "" for a status or whole body.

    It is the place on the left, for "extra" the one on the right.
    """
    left: str | None
    right: str | None
    effect: Effect
    noise: str | None = None
    """The noise rule that suppresses it, None if it counts."""
    left_line: int | None = None
    right_line: int | None = None
    """Lines of text bodies, from 1; JSON has pointers instead, for it is shown with other line breaks."""
    right_where: str | None = None
    """The place on the right where it is another one, as after an element that only one side has."""

    @property
    def left_place(self) -> str | None:
        """Return what to mark on the left, None where the left side has nothing."""
        return None if self.kind == "extra" else self.where

    @property
    def right_place(self) -> str | None:
        """Return what to mark on the right, None where the right side has nothing."""
        if self.kind == "missing":
            return None
        return self.where if self.right_where is None else self.right_where

    def mirrored(self) -> Difference:
        """Return the same difference told from right to left."""
        moved = self.right_where is not None
        return Difference(
            area=self.area,
            kind=_OPPOSITE.get(self.kind, self.kind),
            where=self.where if self.right_where is None else self.right_where,
            left=self.right,
            right=self.left,
            effect=self.effect,
            noise=self.noise,
            left_line=self.right_line,
            right_line=self.left_line,
            right_where=self.where if moved else None,
        )


def excerpts(left: str | None, right: str | None) -> tuple[str | None, str | None]:
    """Return short printable forms of two texts, cut so that both show where they begin to differ."""
    start = 0
    if left is not None and right is not None and max(len(left), len(right)) > EXCERPT:
        start = max(0, _shared(left, right) - LEAD)
    return None if left is None else _cut(left, start), None if right is None else _cut(right, start)


def _shared(left: str, right: str) -> int:
    """Return how many characters two texts share at their start, by bisection: slices compare at C speed."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _cut(text: str, start: int) -> str:
    shown = _printable(("…" if start else "") + text[start : start + EXCERPT])
    return shown if len(shown) <= EXCERPT and start + EXCERPT >= len(text) else shown[: EXCERPT - 1] + "…"


def _printable(text: str) -> str:
    """Return a text with its control, bidirectional and surrogate characters spelled out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)

"""Three texts merged into one: what two editors made of the same text, taken together as far as they agree.

By lines, never within one. Nothing is lost: where both changed the same lines somebody has to choose. Writes no text
but the marks around a conflict.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from explorer.diffs import lines_of
from explorer.matching import STEPS, Match, Steps, matching_lines

MARKS = ("<<<<<<< ", "=======", ">>>>>>> ")
"""What begins the lines around a conflict in a proposal."""

Kind = Literal["same", "mine", "theirs", "both", "conflict"]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of three texts of which two go back to the first."""

    kind: Kind
    """Who changed it; "both" made the same change, "conflict" two different ones."""
    base: str
    mine: str
    theirs: str

    @property
    def text(self) -> str | None:
        """Return what it is to be, None where somebody must choose."""
        return {"same": self.mine, "mine": self.mine, "theirs": self.theirs, "both": self.mine}.get(self.kind)


def merge(base: str, mine: str, theirs: str) -> tuple[Part, ...]:
    """Return three texts in parts: what one side changed is taken, what both changed differently is a conflict.

    The parts joined give each text again: no word of any is lost.
    """
    old, a, b, steps = lines_of(base), lines_of(mine), lines_of(theirs), Steps(STEPS)
    in_mine, in_theirs = _places(matching_lines(old, a, steps)), _places(matching_lines(old, b, steps))
    parts: list[Part] = []
    at, i, j = 0, 0, 0
    for k in [*(k for k in range(len(old)) if k in in_mine and k in in_theirs), len(old)]:
        to_i, to_j = in_mine.get(k, len(a)), in_theirs.get(k, len(b))
        if k > at or to_i > i or to_j > j:
            parts.append(_part(old[at:k], a[i:to_i], b[j:to_j]))
        if k < len(old):
            parts.append(Part("same", old[k], a[to_i], b[to_j]))
        at, i, j = k + 1, to_i + 1, to_j + 1
    return tuple(_joined(parts))


def proposal(parts: Sequence[Part], mine: str, theirs: str) -> str:
    """Return one text of merged parts; around conflicts stand marks with these names, and both texts."""
    written = []
    for part in parts:
        if part.text is None:
            above, between, below = f"{MARKS[0]}{mine}\n", f"{MARKS[1]}\n", f"{MARKS[2]}{theirs}\n"
            written += [above, _ended(part.mine), between, _ended(part.theirs), below]
        else:
            written.append(part.text)
    return "".join(written)


def marked(text: str) -> tuple[int, ...]:
    """Return the numbers of lines that are marks of a conflict, from 1; a line of = under a heading is none."""
    numbers = [n for n, line in enumerate(text.split("\n"), 1) if line.startswith((MARKS[0], MARKS[2]))]
    return tuple(numbers)


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _places(matches: list[Match]) -> dict[int, int]:
    return {i + n: j + n for i, j, size in matches for n in range(size)}


def _part(old: list[str], a: list[str], b: list[str]) -> Part:
    kind: Kind = "conflict"
    if a == b:
        kind = "same" if a == old else "both"
    elif a == old:
        kind = "theirs"
    elif b == old:
        kind = "mine"
    return Part(kind, "".join(old), "".join(a), "".join(b))


def _joined(parts: list[Part]) -> Iterator[Part]:
    """Yield parts, the same lines that follow each other as one."""
    for kind, group in groupby(parts, key=lambda part: part.kind):
        found = list(group)
        texts = ("".join(part.base for part in found), "".join(p.mine for p in found), "".join(p.theirs for p in found))
        yield Part(kind, *texts)

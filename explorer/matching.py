"""Equal stretches of two lists of lines or words, found with bounded work.

Lines that each text has exactly once are found first, then difflib looks between them. A stretch that could cost more
steps than are left is not looked into, but for its equal ends.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher

STEPS = 20_000_000
"""Comparisons that one diff may cost: about two seconds."""
CELLS = 10_000
"""In a changed stretch, lines left times lines right up to which similar lines are put beside each other."""
ALIKE = 0.4
"""The share of words that two lines must have in common to stand beside each other as one that was changed."""
BLANK = 0.01
"""How much two lines without words count that are the same: less than any words in common."""

Match = tuple[int, int, int]
"""Where equal lines or words begin on the left and on the right, and how many they are."""


class Steps:
    """What may still be spent."""

    def __init__(self, left: int) -> None:
        self._left = left

    def spend(self, steps: int) -> bool:
        """Take steps if there are as many."""
        if steps > self._left:
            return False
        self._left -= steps
        return True


def matching_lines(a: list[str], b: list[str], steps: Steps) -> list[Match]:
    """Return equal lines. Lines that each text has once are found first; between them it is looked closer."""
    found: list[Match] = []
    i = j = 0
    for at, to in [*_anchors(a, b), (len(a), len(b))]:
        gap = similar(a[i:at], b[j:to], lambda line: not line.strip(), steps)
        found += [(i + x, j + y, size) for x, y, size in gap]
        if at < len(a):
            found.append((at, to, 1))
        i, j = at + 1, to + 1
    return _runs(list(_with_pairs(a, b, found, steps)))


def _with_pairs(a: list[str], b: list[str], found: list[Match], steps: Steps) -> Iterator[Match]:
    """Yield matches, and between them equal lines that stand between lines that are alike: blank ones, mostly."""
    i = j = 0
    for at, to, size in [*found, (len(a), len(b), 0)]:
        for x, y in alike_pairs(a[i:at], b[j:to], steps):
            if a[i + x] == b[j + y]:
                yield i + x, j + y, 1
        if size:
            yield at, to, size
        i, j = at + size, to + size


def alike_pairs(a: list[str], b: list[str], steps: Steps) -> list[tuple[int, int]]:
    """Return which lines stand beside each other: those most alike, in order, and blank lines between them."""
    if len(a) * len(b) > CELLS:
        return []
    bags = [[Counter(re.findall(r"\w+", line)) for line in lines] for lines in (a, b)]
    size = sum(map(len, bags[0])) * len(b) + sum(map(len, bags[1])) * len(a)
    if not steps.spend(size):
        return []
    alike = [[_alike(left, right) for right in bags[1]] for left in bags[0]]
    if len(a) == len(b) == 1 and alike[0][0] > 0:
        return [(0, 0)]
    worth = [[weight if weight >= ALIKE else 0.0 for weight in row] for row in alike]
    for x, y in ((x, y) for x, line in enumerate(a) for y, other in enumerate(b) if line == other):
        worth[x][y] = max(worth[x][y], BLANK)
    return list(_best_row(worth, len(a), len(b)))


def _best_row(worth: list[list[float]], width: int, height: int) -> Iterator[tuple[int, int]]:
    """Yield pairs in order whose worth together is the most; of two such rows the one that begins earlier."""
    best = [[0.0] * (height + 1) for _ in range(width + 1)]
    for x in range(width - 1, -1, -1):
        for y in range(height - 1, -1, -1):
            best[x][y] = max(best[x + 1][y], best[x][y + 1], best[x + 1][y + 1] + worth[x][y])
    x = y = 0
    while best[x][y] > 0:
        if worth[x][y] and best[x][y] == best[x + 1][y + 1] + worth[x][y]:
            yield x, y
            x, y = x + 1, y + 1
        elif best[x][y] == best[x + 1][y]:
            x += 1
        else:
            y += 1


def _alike(left: Counter[str], right: Counter[str]) -> float:
    total = left.total() + right.total()
    return 2 * (left & right).total() / total if total else 0.0


def similar(a: list[str], b: list[str], empty: Callable[[str], bool], steps: Steps) -> list[Match]:
    """Return equal stretches of two lists, at least those at both ends; what is empty does not make two alike."""
    start = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest = min(len(a), len(b)) - start
    end = next((n for n in range(rest) if a[-1 - n] != b[-1 - n]), rest)
    found = [(0, 0, start)] if start else []
    middle_a, middle_b = a[start : len(a) - end], b[start : len(b) - end]
    if middle_a and middle_b and steps.spend(_cost(middle_a, middle_b, empty)):
        blocks = SequenceMatcher(empty, middle_a, middle_b, autojunk=False).get_matching_blocks()
        found += [(start + i, start + j, size) for i, j, size in blocks if size]
    if end:
        found.append((len(a) - end, len(b) - end, end))
    return found


def _runs(found: list[Match]) -> list[Match]:
    """Return matches with those that touch made one."""
    runs: list[Match] = []
    for i, j, size in found:
        if runs and (runs[-1][0] + runs[-1][2], runs[-1][1] + runs[-1][2]) == (i, j):
            i, j, size = runs[-1][0], runs[-1][1], runs.pop()[2] + size
        runs.append((i, j, size))
    return runs


def _anchors(a: list[str], b: list[str]) -> list[tuple[int, int]]:
    """Return the places of lines that both texts have exactly once: the longest row of them in the same order."""
    in_a, in_b = Counter(a), Counter(b)
    places = {line: n for n, line in enumerate(b)}
    both = [(n, places[line]) for n, line in enumerate(a) if in_a[line] == in_b[line] == 1]
    ends: list[int] = []  # by length, where on the right the row of that length ends that ends first
    last: list[int] = []  # by length, which pair that is
    before: list[int] = []
    for n, (_, j) in enumerate(both):
        length = bisect_left(ends, j)
        ends[length : length + 1] = [j]
        last[length : length + 1] = [n]
        before.append(last[length - 1] if length else -1)
    row, n = [], last[-1] if last else -1
    while n >= 0:
        row.append(both[n])
        n = before[n]
    return row[::-1]


def _cost(a: list[str], b: list[str], empty: Callable[[str], bool]) -> int:
    """Return the most that difflib can need: a look at each pair of equals for each stretch that it finds."""
    in_a, in_b = Counter(a), Counter(b)
    pairs = sum(n * in_b[item] for item, n in in_a.items() if item in in_b and not empty(item))
    return (len(a) + len(b) + pairs) * (2 * min(len(a), len(b), 2 * pairs + 1) + 1)

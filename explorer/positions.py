"""Numbers that put topics in an order, with as few of them changed as can be.

Positions have gaps: a topic that moves gets a number between those of its neighbours, and others get new ones only
where there is no room. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

GAP = 10
"""Between two topics, where nothing else is asked."""

Place = tuple[str, int]
"""A topic and its position. Of two with the same position the one whose name comes first stands first."""


def changed_positions(order: Sequence[Place], moved: str) -> dict[str, int]:
    """Return the positions that must change so that topics stand in this order.

    All but `moved` stood in this order before. A topic that is not in the answer keeps its position.
    """
    kept = _kept(order, moved)
    found: dict[str, int] = {}
    for left, right in zip([-1, *kept], [*kept, len(order)], strict=True):
        between = order[left + 1 : right]
        low = order[left][1] if left >= 0 else None
        high = order[right][1] if right < len(order) else None
        if len(between) == 1 and _inside(between[0][1], low, high):
            continue
        found |= {slug: number for (slug, _), number in zip(between, _spread(len(between), low, high), strict=True)}
    return {slug: number for slug, number in found.items() if (slug, number) not in order}


def _kept(order: Sequence[Place], moved: str) -> list[int]:
    """Return the places of the most topics that can keep their positions, with room for those between them."""
    candidates = [n for n, (slug, _) in enumerate(order) if slug != moved]
    if all(_fits(order, i, j) for i, j in pairwise(candidates)):
        return candidates
    best: dict[int, list[int]] = {}
    for j in candidates:
        before = (best[i] for i in candidates if i < j and _fits(order, i, j))
        best[j] = [*max(before, key=len, default=[]), j]
    return max(best.values(), key=len, default=[])


def _fits(order: Sequence[Place], i: int, j: int) -> bool:
    """Tell whether two topics can keep their positions with those between them in between."""
    (left, low), (right, high) = order[i], order[j]
    return (low, left) < (high, right) if j == i + 1 else high - low >= j - i


def _inside(number: int, low: int | None, high: int | None) -> bool:
    return (low is None or low < number) and (high is None or number < high)


def _spread(count: int, low: int | None, high: int | None) -> Iterator[int]:
    """Yield numbers between two others, evenly; at an end the usual gap apart."""
    if low is None and high is None:
        yield from range(GAP, GAP * (count + 1), GAP)
    elif high is None:
        assert low is not None
        first = (low // GAP + 1) * GAP
        yield from range(first, first + GAP * count, GAP)
    elif low is None and high <= count:
        yield from range(high - GAP * count, high, GAP)
    else:
        low = low or 0
        yield from (low + (high - low) * (n + 1) // (count + 1) for n in range(count))

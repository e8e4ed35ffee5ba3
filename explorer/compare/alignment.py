"""Where two sequences differ: equal ends are cut off, then elements that are unique on both sides anchor the rest.

This is patience diff: n log n a round, and the rounds are bounded, where difflib takes cubic time on sequences
that an attacker may choose. What has no unique element between two changes is told by position.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, TypeVar

T = TypeVar("T")

ROUNDS = 8
"""How often a stretch between two anchors is searched for anchors of its own."""

Gap = tuple[int, int, int, int]
"""A stretch that differs: left start, left end, right start, right end; the ends are exclusive."""

Pair = tuple[int | None, int | None]
"""Positions of two elements that stand for each other; None where one side has none."""


def gaps(left: Sequence[T], right: Sequence[T], key: Callable[[T], Hashable]) -> list[Gap]:
    """Return the stretches in which two sequences differ, in order.

    Keys must be equal exactly where elements are. They are made only for what remains between the equal ends.
    """
    start, left_end, _, right_end = _trim(left, right, (0, len(left), 0, len(right)))
    ours = [key(element) for element in left[start:left_end]]
    theirs = [key(element) for element in right[start:right_end]]
    found: list[Gap] = []
    stack = [(_trim(ours, theirs, (0, len(ours), 0, len(theirs))), ROUNDS)]
    while stack:
        gap, rounds = stack.pop()
        if gap[0] == gap[1] and gap[2] == gap[3]:
            continue
        inner = _split(ours, theirs, gap) if rounds and gap[0] < gap[1] and gap[2] < gap[3] else []
        if inner:
            stack += [(_trim(ours, theirs, part), rounds - 1) for part in reversed(inner)]
        else:
            found.append((gap[0] + start, gap[1] + start, gap[2] + start, gap[3] + start))
    return found


def pairs(differing: Sequence[Gap]) -> Iterator[Pair]:
    """Yield which elements of the differing stretches stand for each other, by position."""
    for left, left_end, right, right_end in differing:
        yield from zip_longest(range(left, left_end), range(right, right_end))


def matches(differing: Sequence[Gap], left_length: int) -> Iterator[Pair]:
    """Yield the positions of the equal elements between the differing stretches."""
    left = right = 0
    for gap in (*differing, (left_length, left_length, 0, 0)):
        yield from ((place, place - left + right) for place in range(left, gap[0]))
        left, right = gap[1], gap[3]


def _trim(left: Sequence[Any], right: Sequence[Any], gap: Gap) -> Gap:
    """Return a stretch without the equal elements at its ends."""
    left_start, left_end, right_start, right_end = gap
    while left_start < left_end and right_start < right_end and left[left_start] == right[right_start]:
        left_start += 1
        right_start += 1
    while left_start < left_end and right_start < right_end and left[left_end - 1] == right[right_end - 1]:
        left_end -= 1
        right_end -= 1
    return left_start, left_end, right_start, right_end


def _split(left: Sequence[Hashable], right: Sequence[Hashable], gap: Gap) -> list[Gap]:
    """Return what differs between the anchors of a stretch, nothing where it has no anchor."""
    parts: list[Gap] = []
    left_start, right_start = gap[0], gap[2]
    anchors = _rising(_unique(left, right, gap))
    for left_place, right_place in (*anchors, (gap[1], gap[3])) if anchors else ():
        if left_start < left_place or right_start < right_place:
            parts.append((left_start, left_place, right_start, right_place))
        left_start, right_start = left_place + 1, right_place + 1
    return parts


def _unique(left: Sequence[Hashable], right: Sequence[Hashable], gap: Gap) -> list[tuple[int, int]]:
    """Return the positions of what occurs exactly once on each side of a stretch, in the order of the left."""
    left_start, left_end, right_start, right_end = gap
    ours, theirs = Counter(left[left_start:left_end]), Counter(right[right_start:right_end])
    places = {key: place for place, key in enumerate(right[right_start:right_end], right_start) if theirs[key] == 1}
    return [
        (place, places[key])
        for place, key in enumerate(left[left_start:left_end], left_start)
        if key in places and ours[key] == 1
    ]


def _rising(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest run of points that rises on the right as well (patience sorting)."""
    places = [place for _, place in points]
    if places == sorted(places):
        return points
    tops: list[int] = []
    top_points: list[int] = []
    before: list[int] = []
    for number, place in enumerate(places):
        pile = bisect_left(tops, place)
        tops[pile : pile + 1] = [place]
        top_points[pile : pile + 1] = [number]
        before.append(top_points[pile - 1] if pile else -1)
    run: list[tuple[int, int]] = []
    number = top_points[-1] if top_points else -1
    while number >= 0:
        run.append(points[number])
        number = before[number]
    return run[::-1]

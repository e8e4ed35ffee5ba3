"""Where two sequences differ: equal ends are cut off, then elements that are unique on both sides anchor the rest.

This is patience diff. It is linear apart from one n log n step a round and the rounds are bounded, where
difflib takes cubic time on sequences that an attacker may choose. What has no unique element between two
changes is told by position.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence

ROUNDS = 8
"""How often a stretch between two anchors is searched for anchors of its own."""

Gap = tuple[int, int, int, int]
"""left start, left end, right start, right end; the ends are exclusive."""


def gaps[T](left: Sequence[T], right: Sequence[T], key: Callable[[T], Hashable]) -> list[Gap]: ...

"""JSON values by structure: names, types, values and order, each at its JSON pointer.

Works on values whose numbers are still the tokens that were sent (bytes), so that no size is a danger and Python's
own comparison is exact: 1, 1.0 and true are never equal. Iterative; does not parse and does not see spelling.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, TypeAlias

from explorer.compare.alignment import Pair, gaps, matches, pairs
from explorer.compare.differences import EXCERPT, Difference, Kind, excerpts
from explorer.compare.effects import effect_of

Json: TypeAlias = "bool | str | bytes | list[Json] | dict[str, Json] | None"
"""A parsed value; bytes are the token of a number."""

DEEPEST = 32
"""Levels that are looked into; what is nested deeper is compared as a whole. It bounds the work on hostile bodies."""

_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)

_dump = json.JSONEncoder(ensure_ascii=False).encode
_encode = json.JSONEncoder(sort_keys=True, default=lambda token: {"\ue000number": token.decode()}).encode


def structure_differences(left: Json, right: Json, reordered: set[frozenset[str]]) -> Iterator[Difference]:
    """Yield how two values differ; `reordered` are the sets of names that occur in more than one order."""
    return _Walk(set(reordered), _encode if reordered else repr).differences(left, right)


@dataclass(slots=True)
class _Spot:
    """Two values that stand for each other, with their pointers."""

    left: Json
    right: Json
    where: str = ""
    right_where: str = ""
    depth: int = 0

    def step(self, where: str, right_where: str, left: Json, right: Json) -> _Spot:
        """Return a spot inside this one."""
        return _Spot(left, right, self.where + where, self.right_where + right_where, self.depth + 1)

    def differ(self, kind: Kind, aspect: str, noise: str | None = None) -> Difference:
        """Return the difference between the two values."""
        shown = excerpts(render(self.left), render(self.right))
        moved = None if self.right_where == self.where else self.right_where
        return Difference("body", kind, self.where, *shown, effect_of(aspect), noise, right_where=moved)


@dataclass(slots=True)
class _Walk:
    """One walk through two values, depth first and in the order of the left."""

    reordered: set[frozenset[str]]
    """Names whose order is still to be told; while there are some, equal values are looked into as well."""
    key: Callable[[Json], Hashable]
    """What elements of arrays are aligned by. repr is exact and four times as fast, but it sees the order of names."""
    told: set[frozenset[str]] = field(default_factory=set)
    """Names whose order was told."""

    def differences(self, left: Json, right: Json) -> Iterator[Difference]:
        """Yield all differences between two values, looking no further than the caller reads."""
        stack: list[Iterator[Difference | _Spot]] = [iter([_Spot(left, right)])]
        while stack:
            found = next(stack[-1], None)
            if found is None:
                stack.pop()
            elif isinstance(found, Difference):
                yield found
            elif self._worth(found.left, found.right):
                stack.append(self._inside(found))

    def _worth(self, left: Json, right: Json) -> bool:
        """Tell whether two values are to be looked into."""
        return left != right or (bool(self.reordered) and isinstance(left, dict | list))

    def _inside(self, spot: _Spot) -> Iterator[Difference | _Spot]:
        """Yield the differences of a spot itself and the spots inside it."""
        left, right = spot.left, spot.right
        if spot.depth >= DEEPEST:
            if left != right:
                yield spot.differ("value", "json.value")
        elif isinstance(left, dict) and isinstance(right, dict):
            yield from self._objects(spot, left, right)
        elif isinstance(left, list) and isinstance(right, list):
            yield from self._arrays(spot, left, right)
        elif left != right:
            yield _scalars(spot)

    def _objects(self, spot: _Spot, left: dict[str, Json], right: dict[str, Json]) -> Iterator[Difference | _Spot]:
        yield from self._names(spot, left, right)
        for name, value in left.items():
            if name not in right:
                yield _lonely("missing", spot.where + _step(name), value)
            elif self._worth(value, right[name]):
                yield spot.step(_step(name), _step(name), value, right[name])
        for name in right:
            if name not in left:
                yield _lonely("extra", spot.right_where + _step(name), right[name])

    def _names(self, spot: _Spot, left: dict[str, Json], right: dict[str, Json]) -> Iterator[Difference]:
        """Yield the order of the names that both objects have, once for each set of names."""
        if [*left] == [*right]:
            return
        ours, theirs = [name for name in left if name in right], [name for name in right if name in left]
        names = frozenset(ours)
        if ours != theirs and names not in self.told:
            self.told.add(names)
            self.reordered.discard(names)
            orders = _Spot([*ours], [*theirs], spot.where, spot.right_where)
            yield orders.differ("order", "form.names", "key-order")

    def _arrays(self, spot: _Spot, left: list[Json], right: list[Json]) -> Iterator[Difference | _Spot]:
        together = self._pairs(left, right)
        if together is None:
            yield spot.differ("order", "json.order")
            return
        for ours, theirs in together:
            if theirs is None and ours is not None:
                yield _lonely("missing", f"{spot.where}/{ours}", left[ours])
            elif ours is None and theirs is not None:
                yield _lonely("extra", f"{spot.right_where}/{theirs}", right[theirs])
            elif ours is not None and theirs is not None and self._worth(left[ours], right[theirs]):
                yield spot.step(f"/{ours}", f"/{theirs}", left[ours], right[theirs])

    def _pairs(self, left: list[Json], right: list[Json]) -> list[Pair] | None:
        """Return which elements to compare, None where the same elements stand in another order."""
        key = _itself if _is_flat(left) and _is_flat(right) else self.key
        if len(left) == len(right):
            odd = [place for place, (one, other) in enumerate(zip(left, right, strict=True)) if one != other]
            # As dicts, for a Counter compares itself in Python, one key after the other.
            ours, theirs = (dict(Counter([key(side[place]) for place in odd])) for side in (left, right))
            if odd and ours == theirs:
                return None
            if ours.keys().isdisjoint(theirs):
                # No element moved, so each stands for the one at its own place.
                return [(place, place) for place in (range(len(left)) if self.reordered else odd)]
        differing = gaps(left, right, key)
        equal = matches(differing, len(left)) if self.reordered else ()
        return [*equal, *pairs(differing)]


def _itself(value: Any) -> Any:
    return value


def _is_flat(values: list[Json]) -> bool:
    return not {dict, list} & set(map(type, values))


def _lonely(kind: Kind, where: str, value: Json) -> Difference:
    shown = render(value)
    sides = (shown, None) if kind == "missing" else (None, shown)
    return Difference("body", kind, where, *excerpts(*sides), effect_of(f"json.{kind}"))


def _scalars(spot: _Spot) -> Difference:
    """Return the difference of two values that are not both objects or both arrays."""
    left, right = spot.left, spot.right
    if isinstance(left, bytes) and isinstance(right, bytes):
        whole = [token.lstrip(b"-").isdigit() for token in (left, right)]
        # Whole numbers are compared exactly, others as the doubles that nearly all readers make of them.
        same = isfinite(float(left)) and float(left) == float(right) and (not all(whole) or float(left) == 0)
        kind: Kind = "type" if any(whole) and not all(whole) else "value"
        return spot.differ(kind, "form.number" if same else f"json.{kind}")
    if isinstance(left, str) and isinstance(right, str):
        random = _UUID4.fullmatch(left) and _UUID4.fullmatch(right)
        return spot.differ("value", "json.value", "random-ids" if random else None)
    kind = "value" if type(left) is type(right) else "type"
    return spot.differ(kind, f"json.{kind}")


def _step(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def render(value: Json) -> str:
    """Return a value as JSON text, containers only as far as an excerpt reaches."""
    if not isinstance(value, dict | list):
        return value.decode() if isinstance(value, bytes) else _dump(value)
    parts: list[str] = []
    size = 0
    for piece in _pieces(value, 0):
        parts.append(piece)
        size += len(piece)
        if size > EXCERPT:
            break
    return "".join(parts)


def _pieces(value: Json, depth: int) -> Iterator[str]:
    if not isinstance(value, dict | list):
        yield render(value)
    elif depth >= DEEPEST:
        yield "…"
    else:
        named = isinstance(value, dict)
        yield "{" if named else "["
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for number, (name, element) in enumerate(inner):
            yield (", " if number else "") + (f"{_dump(name)}: " if named else "")
            yield from _pieces(element, depth + 1)
        yield "}" if named else "]"

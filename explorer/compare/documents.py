"""JSON texts: reading them safely, and comparing how they are spelled where structure sees no difference.

Decides nothing about texts that strict readers refuse or read differently (NaN, a name twice, endless depth):
`read_document` returns None for them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NoReturn

from explorer.compare.differences import Difference, excerpts
from explorer.compare.effects import effect_of
from explorer.compare.lines import newline_differences
from explorer.compare.structure import Json, structure_differences

_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\u(?!00[0-7])")
"""An escape of a character outside ASCII."""

_SPACE = re.compile(r'("(?:[^"\\]++|\\.)*+")|\s++')


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON text that was read."""

    text: str
    data: Json
    shapes: frozenset[tuple[str, ...]]
    """The names of its objects, each set in the orders in which it occurs."""


def read_document(text: str) -> Document | None:
    """Read a JSON text, None if readers may disagree about it."""
    shapes: set[tuple[str, ...]] = set()

    def members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name occurs twice")
        shapes.add(tuple(found))
        return found

    try:
        data = json.loads(
            text, object_pairs_hook=members, parse_int=str.encode, parse_float=str.encode, parse_constant=_refuse
        )
    except (ValueError, RecursionError):
        return None
    return Document(text, data, frozenset(shapes))


def document_differences(left: Document, right: Document) -> Iterator[Difference]:
    """Yield how two JSON texts differ, in what they say and in how they are spelled.

    Raises RecursionError where the values are nested deeper than Python compares.
    """
    yield from newline_differences(left.text, right.text)
    ours, theirs = left.text.removesuffix("\n"), right.text.removesuffix("\n")
    if ours == theirs:
        return
    told = False
    found = structure_differences(left.data, right.data, _reordered(left.shapes | right.shapes))
    for difference in chain(found, _spelling(ours, theirs)):
        told = True
        yield difference
    if not told:
        yield _remainder(ours, theirs)


def _reordered(shapes: frozenset[tuple[str, ...]]) -> set[frozenset[str]]:
    """Return the sets of names that occur in more than one order."""
    counts = Counter(map(frozenset, shapes))
    return {names for names, count in counts.items() if count > 1}


def _spelling(left: str, right: str) -> Iterator[Difference]:
    """Yield the habits of the two writers that differ, each once for the whole text."""
    ours, theirs = ("with white space" if _is_spaced(text) else "compact" for text in (left, right))
    if ours != theirs:
        yield Difference("body", "value", "", ours, theirs, effect_of("form.space"), "json-whitespace")
    escaped = [_is_escaped(text) for text in (left, right)]
    if escaped[0] != escaped[1] and not (right if escaped[0] else left).isascii():
        words = ("escaped beyond ASCII", "not escaped beyond ASCII")
        yield Difference("body", "value", "", *(words if escaped[0] else words[::-1]), effect_of("form.escape"))


def _remainder(left: str, right: str) -> Difference:
    """Return what still differs between texts with the same data and habits: other indentation, needless escapes."""
    space = _SPACE.sub(r"\1", left) == _SPACE.sub(r"\1", right)
    noise = "json-whitespace" if space else None
    return Difference("body", "value", "", *excerpts(left, right), effect_of("form.spelling"), noise)


def _is_spaced(text: str) -> bool:
    """Tell whether there is white space outside of strings."""
    if "\\" in text:
        text = text.replace("\\\\", "").replace('\\"', "")
    outside = "".join(text.split('"')[::2])
    return outside != "".join(outside.split())


def _is_escaped(text: str) -> bool:
    return "\\u" in text and _ESCAPE.search(text) is not None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")

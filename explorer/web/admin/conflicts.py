"""Two editors saved the same topic: what each changed, field by field, and the text that comes of the choices.

Compares and merges; saves nothing. Every character of both texts is on the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from explorer.diffs import Block, compare
from explorer.merges import Kind, Part, merge
from explorer.topics import Wording
from explorer.web.admin.typed import NOTES, Typed, field_title, notes_among, texts_of

Choice = Literal["mine", "theirs", "both"]
CHOICES: tuple[Choice, ...] = ("mine", "theirs", "both")
LINELESS = ("section", "position")
"""Fields of one value."""
FEW = 2
"""Lines that are shown around a change."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a field: the same in both texts, or a change to choose about."""

    name: str
    """Of the choice, in the form."""
    kind: Kind
    mine: str
    theirs: str
    blocks: Sequence[Block]
    """Both beside each other with the words that differ marked; mine on the left."""
    choice: Choice | None
    """What is chosen to begin with: what only one of them changed."""

    @property
    def open(self) -> bool:
        """Tell whether there is something to choose."""
        return self.mine != self.theirs

    @property
    def around(self) -> tuple[Sequence[str], int, Sequence[str]]:
        """Return of equal lines the first, how many are left out, and the last."""
        lines = self.mine.removesuffix("\n").split("\n")
        hidden = len(lines) - 2 * FEW
        return (lines[:FEW], hidden, lines[-FEW:]) if hidden > 1 else (lines, 0, ())


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form in which the two differ."""

    title: str
    lines: bool
    """Whether both changes can be kept, one below the other."""
    stretches: Sequence[Stretch]


def conflict(base: Wording | None, mine: Typed, theirs: Wording) -> list[Field]:
    """Return the fields that differ. Without the words that both began with, every difference is to be chosen.

    Takes up to some seconds for very long texts: call it in a thread.
    """
    fields = []
    for name, title, first, left, right in _fields(base, mine, theirs):
        parts = _parts(first, left, right)
        if any(part.mine != part.theirs for part in parts):
            stretches = [_stretch(f"pick.{name}.{n}", part) for n, part in enumerate(parts)]
            fields.append(Field(title, name not in LINELESS, stretches))
    return fields


def settle(base: Wording | None, mine: Typed, theirs: Wording, choices: Mapping[str, str]) -> Typed | None:
    """Return the form with each change as chosen, None if a choice is missing."""
    found: dict[str, str] = {}
    for name, _, first, left, right in _fields(base, mine, theirs):
        texts = [_chosen(choices, f"pick.{name}.{n}", part) for n, part in enumerate(_parts(first, left, right))]
        if None in texts or (name in LINELESS and texts and texts[0] not in (left, right)):
            return None
        found[name] = "".join(cast("list[str]", texts))
    notes = {name.removeprefix(NOTES): text for name, text in found.items() if name.startswith(NOTES)}
    text, takeaway, section, position = (found[name] for name in ("text", "takeaway", *LINELESS))
    return replace(mine, text=text, takeaway=takeaway, section=section, position=position, notes=notes)


def _fields(base: Wording | None, mine: Typed, theirs: Wording) -> Iterator[tuple[str, str, str | None, str, str]]:
    """Yield name, title and the three texts of each field; the first is None if it is not known."""
    first, left, right = texts_of(base) if base else None, texts_of(mine), texts_of(theirs)
    for name in ("text", "takeaway", *LINELESS, *notes_among(left, right)):
        began = None if first is None else first.get(name, "")
        yield name, field_title(name), began, left.get(name, ""), right.get(name, "")


def _parts(base: str | None, mine: str, theirs: str) -> Sequence[Part]:
    if base is not None:
        return merge(base, mine, theirs)
    blocks = compare(mine, theirs).blocks
    return [Part("conflict" if block.changed else "same", "", block.left, block.right) for block in blocks]


def _stretch(name: str, part: Part) -> Stretch:
    blocks = compare(part.mine, part.theirs).blocks if part.mine != part.theirs else ()
    choice: Choice | None = "mine" if part.kind == "mine" else "theirs" if part.kind == "theirs" else None
    return Stretch(name, part.kind, part.mine, part.theirs, blocks, choice)


def _chosen(choices: Mapping[str, str], name: str, part: Part) -> str | None:
    if part.mine == part.theirs:
        return part.mine
    choice = choices.get(name)
    if choice not in CHOICES:
        return None
    ended = part.mine if part.mine.endswith("\n") or not part.mine or not part.theirs else f"{part.mine}\n"
    return {"mine": part.mine, "theirs": part.theirs, "both": ended + part.theirs}[choice]

"""The sections of the site: read from sections.toml, and put in another order, as text and as data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace

from explorer.content.file import File
from explorer.errors import Refused
from explorer.topics import Section

NAME = "sections.toml"
_BLOCK = re.compile(r"^(?=\[\[sections\]\])", re.M)


def load_sections(file: File) -> tuple[Section, ...]:
    """Read the sections in their order. Raises ContentError."""
    rows = file.rows(file.table, "sections")
    return tuple(
        Section(file.take(row, "id", str, "[[sections]]"), file.take(row, "title", str, "[[sections]]"), position)
        for position, row in enumerate(rows, 1)
    )


def order_of(text: str) -> list[str]:
    """Return the ids in the text of a sections.toml, in their order. Raises Refused for a text that is none."""
    try:
        return [str(row["id"]) for row in tomllib.loads(text).get("sections", ())]
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Refused("The order of the sections is no text as in sections.toml: put them in order again.") from None


def in_order(text: str, order: Sequence[str]) -> str:
    """Return the text of a sections.toml with its blocks in another order; what stands in a block stays as it is.

    Ids that the text does not have are passed over; sections that the order does not name come last.
    """
    head, *blocks = _BLOCK.split(text)
    ids, rank = order_of(text), {name: place for place, name in enumerate(order)}
    places = sorted(range(len(blocks)), key=lambda n: (rank.get(ids[n], len(rank)), n))
    if places == sorted(places):
        return text
    ends = [block.rstrip("\n") for block in blocks]  # empty lines between blocks belong to no section
    gaps = [block[len(end) :] for block, end in zip(blocks, ends, strict=True)]
    return head + "".join(ends[n] + gap for n, gap in zip(places, gaps, strict=True))


def arranged(sections: Sequence[Section], order: Sequence[str]) -> tuple[Section, ...]:
    """Return sections in another order, as `in_order` does."""
    rank = {name: place for place, name in enumerate(order)}
    ordered = sorted(sections, key=lambda section: (rank.get(section.id, len(rank)), section.position))
    return tuple(replace(section, position=position) for position, section in enumerate(ordered, 1))

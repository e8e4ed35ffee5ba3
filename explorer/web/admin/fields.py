"""What differs between two versions of a topic's words, field by field, as pages show it: long equal stretches folded.

Compares; knows no request and no database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from explorer.diffs import Diff, Row, compare
from explorer.topics import Section, Wording
from explorer.web.admin.typed import field_title, texts_of

AROUND = 3
"""Equal lines that are shown before and after a change."""
FOLD = 4
"""Equal lines from which they are folded away."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of a comparison; `folded` are the same on both sides and shown when asked for."""

    folded: bool
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """What differs in one field."""

    name: str
    """Such as "text" or "notes.flask"."""
    title: str
    diff: Diff
    summary: str
    """What happened to how many lines, in words."""
    stretches: Sequence[Stretch]


@dataclass(frozen=True, slots=True)
class WordsDiff:
    """What differs between two versions."""

    fields: Sequence[FieldDiff]
    """Those that differ."""
    same: Sequence[str]
    """Titles of those that do not."""


def compare_words(left: Wording | None, right: Wording | None, sections: Sequence[Section]) -> WordsDiff:
    """Return what differs; None stands for a topic that is not there. May take seconds: call it in a thread."""
    old, new = _texts(left, sections), _texts(right, sections)
    diffs = {name: compare(old.get(name, ""), new.get(name, "")) for name in (old | new)}
    return WordsDiff(
        [_field(name, diff) for name, diff in diffs.items() if diff.changed],
        [field_title(name) for name, diff in diffs.items() if not diff.changed],
    )


def _texts(words: Wording | None, sections: Sequence[Section]) -> dict[str, str]:
    """Return the fields by name; the section by its title."""
    if words is None:
        return {}
    titles = {section.id: section.title for section in sections}
    return texts_of(words) | {"section": titles.get(words.section, words.section)}


def _field(name: str, diff: Diff) -> FieldDiff:
    kinds = Counter(row.kind for block in diff.blocks for row in block.rows if row.kind != "same")
    told = [f"{kinds[kind]} {kind}" for kind in ("changed", "removed", "added") if kinds[kind]]
    return FieldDiff(name, field_title(name), diff, f"lines: {', '.join(told)}", list(_stretches(diff)))


def _stretches(diff: Diff) -> Iterator[Stretch]:
    for number, block in enumerate(diff.blocks):
        before = AROUND if number else 0
        after = AROUND if number < len(diff.blocks) - 1 else 0
        rows, end = block.rows, len(block.rows) - after
        if block.changed or end - before < FOLD:
            yield Stretch(False, rows)
            continue
        yield from (Stretch(False, shown) for shown in [rows[:before]] if shown)
        yield Stretch(True, rows[before:end])
        yield from (Stretch(False, shown) for shown in [rows[end:]] if shown)

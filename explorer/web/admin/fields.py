"""What differs between two versions of a topic's words, field by field, as pages show it: long equal stretches folded.

Compares; knows no request and no database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from explorer.diffs import Diff, Row, compare
from explorer.topics import Section, Wording

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
    names = list(dict.fromkeys([*old, *new]))
    diffs = {name: compare(old.get(name, ("", ""))[1], new.get(name, ("", ""))[1]) for name in names}
    titles = {name: (old.get(name) or new[name])[0] for name in names}
    return WordsDiff(
        [_field(name, titles[name], diff) for name, diff in diffs.items() if diff.changed],
        [titles[name] for name, diff in diffs.items() if not diff.changed],
    )


def _texts(words: Wording | None, sections: Sequence[Section]) -> dict[str, tuple[str, str]]:
    """Return the fields by name, each with title and text."""
    if words is None:
        return {}
    section = next((section.title for section in sections if section.id == words.section), words.section)
    notes = {f"notes.{variant}": (f"Notes of {variant}", text) for variant, text in sorted(words.notes.items())}
    return {
        "text": ("Text", words.text),
        "takeaway": ("Takeaway", words.takeaway),
        "section": ("Section", section),
        "position": ("Position", str(words.position)),
    } | notes


def _field(name: str, title: str, diff: Diff) -> FieldDiff:
    kinds = Counter(row.kind for block in diff.blocks for row in block.rows if row.kind != "same")
    told = [f"{kinds[kind]} {kind}" for kind in ("changed", "removed", "added") if kinds[kind]]
    return FieldDiff(name, title, diff, f"lines: {', '.join(told)}", list(_stretches(diff)))


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

"""A proposal for words that hold both an edit and a changed shipped text, and the marks that are left in it.

Merges line by line; what both changed stands between marks, so that no line of either is lost. Saves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from explorer.diffs import compare
from explorer.errors import Complaint
from explorer.merges import marked, merge, proposal
from explorer.topics import Section, Wording
from explorer.web.admin.typed import NOTES, Typed, field_title, notes_among, texts_of

Texts = Mapping[str, str]

MINE, THEIRS = "edited", "shipped"
"""The names beside the marks."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Merged words, as a form to be looked over."""

    typed: Typed
    conflicts: int
    """How many places stand between marks."""
    undecided: Sequence[str]
    """What could not be merged and was left as edited, in words."""


def propose(base: Wording | None, mine: Wording, theirs: Wording, sections: Sequence[Section]) -> Proposal:
    """Return an edit and a shipped text in one; without a common base only equal lines are common.

    May take seconds for very long texts: call it in a thread.
    """
    first, left, right = texts_of(base) if base else None, texts_of(mine), texts_of(theirs)
    merged = {}
    for name in ("text", "takeaway", *notes_among(left, right)):
        texts = left.get(name, ""), right.get(name, "")
        merged[name] = merge(_common(*texts) if first is None else first.get(name, ""), *texts)
    written = {name: proposal(parts, MINE, THEIRS) for name, parts in merged.items()}
    titles = {section.id: section.title for section in sections}
    section, told = _pick("section", first, left, right, titles)
    position, also = _pick("position", first, left, right, {})
    notes = {name.removeprefix(NOTES): written[name] for name in notes_among(written)}
    typed = Typed(written["text"], written["takeaway"], section, position, notes)
    conflicts = sum(part.kind == "conflict" for parts in merged.values() for part in parts)
    return Proposal(typed, conflicts, [*told, *also])


def left_marks(typed: Typed, slug: str) -> Iterator[Complaint]:
    """Yield a complaint for each mark of a conflict that is left in a form."""
    folder = f"content/topics/{slug}"
    texts = {f"{folder}/topic.md": typed.text, f"{folder}/topic.toml": typed.takeaway}
    texts |= {f"{folder}/{variant}/notes.md": text for variant, text in typed.notes.items()}
    for file, text in texts.items():
        for line in marked(text):
            message = "a mark of the merge is left: both texts stand between the marks."
            yield Complaint(file, line, message, "keep what is to stay, and remove the marks.")


def _common(mine: str, theirs: str) -> str:
    """Return the lines that two texts have in common: what stands for the text that both began with."""
    return "".join(block.left for block in compare(mine, theirs).blocks if not block.changed)


def _pick(name: str, first: Texts | None, left: Texts, right: Texts, names: Texts) -> tuple[str, list[str]]:
    """Return a value that only one of the two changed; of two changes that of the edit, and a sentence about it."""
    base, mine, theirs = first[name] if first else None, left[name], right[name]
    if mine == theirs or theirs == base:
        return mine, []
    if mine == base:
        return theirs, []
    there = names.get(theirs, theirs)
    return mine, [f"{field_title(name)}: left as edited; the files have {there}."]

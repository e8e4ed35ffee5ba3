"""A proposal for words that hold both an edit and a changed shipped text, and the marks that are left in it.

Merges line by line; what both changed stands between marks, so that no line of either is lost. Saves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from explorer.diffs import compare
from explorer.errors import Complaint
from explorer.merges import marked, merge, proposal
from explorer.topics import Section, Wording
from explorer.web.admin.typed import Typed

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
    variants = sorted({*mine.notes, *theirs.notes})
    pairs = [(None if base is None else base.text, mine.text, theirs.text)]
    pairs.append((None if base is None else base.takeaway, mine.takeaway, theirs.takeaway))
    for variant in variants:
        first = None if base is None else base.notes.get(variant, "")
        pairs.append((first, mine.notes.get(variant, ""), theirs.notes.get(variant, "")))
    merged = [merge(_common(*pair[1:]) if pair[0] is None else pair[0], *pair[1:]) for pair in pairs]
    texts = [proposal(parts, MINE, THEIRS) for parts in merged]
    titles = {section.id: section.title for section in sections}
    section, told = _pick("Section", base.section if base else None, mine.section, theirs.section, titles)
    numbers = (str(base.position) if base else None, str(mine.position), str(theirs.position))
    position, also = _pick("Position", *numbers, {})
    typed = Typed(texts[0], texts[1], section, position, dict(zip(variants, texts[2:], strict=True)))
    conflicts = sum(part.kind == "conflict" for parts in merged for part in parts)
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


def _pick(title: str, base: str | None, mine: str, theirs: str, names: dict[str, str]) -> tuple[str, list[str]]:
    """Return a value that only one of the two changed; of two changes that of the edit, and a sentence about it."""
    if mine == theirs or theirs == base:
        return mine, []
    if mine == base:
        return theirs, []
    there = names.get(theirs, theirs)
    return mine, [f"{title}: left as edited; the files have {there}."]

"""Reads content/checklist.toml: the phases in which a team moves over, by sections and topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from explorer.content.file import File
from explorer.topics import Section


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase, as it is written."""

    title: str
    why: str
    """One sentence of inline Markdown."""
    sections: tuple[str, ...]
    topics: tuple[str, ...]
    """Slugs of topics that stand here whatever their section."""
    line: int


def load_checklist(root: Path, sections: Sequence[Section]) -> tuple[Phase, ...]:
    """Read the phases of a content folder, none if it has no file. Raises ContentError."""
    path = root / "checklist.toml"
    if not path.is_file():
        return ()
    file = File(path, root)
    known, phases = [section.id for section in sections], list[Phase]()
    for row in file.rows(file.table, "phases"):
        title = file.take(row, "title", str, "[[phases]]")
        where, line = f"phase {title!r}", file.line(f'title = "{title}"')
        file.only(row, ("title", "why", "sections", "topics"), where)
        named = file.texts(row, "sections", where, [])
        for name in named:
            if name not in known or any(name in phase.sections for phase in phases):
                file.fail(f"{where} names the section {name!r}.", "name each section of sections.toml once.", line)
        why = file.take(row, "why", str, where)
        phases.append(Phase(title, why, named, file.texts(row, "topics", where, []), line))
    return tuple(phases)

"""Reads content/ into topics: sides, sections, front page, shims, matrix, checklist and one folder a topic.

Checks structure only; what the words claim and what the demos answer is checked in `check`. Renders and runs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from explorer.content.checklist import Phase, load_checklist
from explorer.content.errata import Erratum, load_errata
from explorer.content.file import File
from explorer.content.home import Choice, Home, load_home
from explorer.content.known import KnownTopics
from explorer.content.matrix import Feature, load_matrix
from explorer.content.sections import NAME as SECTIONS
from explorer.content.sections import load_sections
from explorer.content.shims import load_shims
from explorer.content.topic import load_topic
from explorer.errors import Complaint, ContentError
from explorer.topics import Section, Shim, Side, Topic, in_reading_order

__all__ = ["Choice", "Content", "Feature", "Home", "KnownTopics", "load_content", "load_frame", "load_topic"]


@dataclass(frozen=True, slots=True)
class Content:
    """Everything read from a content folder. A topic that cannot be read is left out and complained about."""

    root: Path
    sides: tuple[Side, ...]
    sections: tuple[Section, ...]
    topics: tuple[Topic, ...]
    """In reading order."""
    home: Home
    shims: tuple[Shim, ...]
    features: tuple[Feature, ...]
    errata: tuple[Erratum, ...]
    phases: tuple[Phase, ...]
    """Of the checklist."""
    complaints: tuple[Complaint, ...]


def load_content(root: Path, known: KnownTopics = KnownTopics(None)) -> Content:  # noqa: B008 -- frozen
    """Read a content folder; a topic that is known is not read again.

    Raises ContentError if sides, sections or the front page cannot be read; a broken topic becomes a complaint.
    """
    content = load_frame(root)
    topics, complaints = [], []
    for folder in sorted((content.root / "topics").iterdir()):
        if not folder.is_dir() or folder.name.startswith((".", "_")):
            continue
        topic = known.find(folder, content.sides, content.sections)
        try:
            if topic is None:
                topic = load_topic(folder, content.root, content.sides, content.sections)
                known.keep(topic, content.sides, content.sections)
            topics.append(topic)
        except ContentError as error:
            complaints.append(error.complaint)
    return replace(content, topics=in_reading_order(topics), complaints=tuple(complaints))


def load_frame(root: Path) -> Content:
    """Read everything but the topics. Raises ContentError."""
    root = root.resolve()
    sides, sections = _sides(File(root / "sides.toml", root)), load_sections(File(root / SECTIONS, root))
    if not (root / "topics").is_dir():
        mend = "add it, with a folder for each topic."
        raise ContentError(Complaint(f"{root.name}/topics", 1, "the folder is missing.", mend))
    return Content(
        root=root,
        sides=sides,
        sections=sections,
        topics=(),
        home=load_home(root),
        shims=load_shims(root, sides),
        features=load_matrix(root, sides),
        errata=load_errata(root),
        phases=load_checklist(root, sections),
        complaints=(),
    )


def _sides(file: File) -> tuple[Side, ...]:
    fields = ("id", "title", "abbreviation", "interface", "package", "documentation")
    sides = []
    for position, row in enumerate(file.rows(file.table, "sides"), 1):
        file.only(row, fields, "[[sides]]")
        if row.get("interface") not in ("wsgi", "asgi"):
            file.fail(
                "`interface` of a side is neither wsgi nor asgi.", "write one of the two.", file.line("interface")
            )
        sides.append(Side(position=position, **{name: file.take(row, name, str, "[[sides]]") for name in fields}))
    return tuple(sides)

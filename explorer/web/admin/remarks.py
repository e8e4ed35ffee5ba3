"""What is wrong with words, as the editor lists it: beside which field, on which line, and how to mend it.

Finds nothing itself: `candidates` does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from explorer.candidates import Level, Remark
from explorer.errors import Complaint
from explorer.web.admin.typed import NOTES


@dataclass(frozen=True, slots=True)
class Row:
    """One remark in the editor's list."""

    level: Level
    field: str
    """The id of the field it is about."""
    place: str
    line: int
    """In that field; 0 where a line says nothing."""
    message: str
    mend: str


def rows(remarks: Iterable[Remark], slug: str) -> list[Row]:
    """Return remarks as rows, errors first, in the order of fields and lines."""
    found = [_row(remark, slug) for remark in remarks]
    fields = [row.field for row in found]
    return sorted(found, key=lambda row: (row.level != "error", fields.index(row.field), row.line))


def mark_of(remarks: Iterable[Remark]) -> str:
    """Return a mark that stands for exactly these warnings, nothing if there are none."""
    told = "\n".join(str(remark.complaint) for remark in remarks if remark.level == "warning")
    return hashlib.sha256(told.encode()).hexdigest() if told else ""


def error(complaint: Complaint) -> Remark:
    """Return a remark that stands in the way of publishing."""
    return Remark("error", complaint)


def _row(remark: Remark, slug: str) -> Row:
    complaint = remark.complaint
    field, place, line = _place(complaint.file.removeprefix(f"content/topics/{slug}/"), complaint.line)
    message = complaint.message[:1].upper() + complaint.message[1:]
    return Row(remark.level, field, place, line, message, complaint.mend[:1].upper() + complaint.mend[1:])


def _place(file: str, line: int) -> tuple[str, str, int]:
    """Return a file or field as field, its name, and the line in it."""
    if file == "topic.md":
        return "text", f"Text, line {line}", line
    if file.endswith("/notes.md"):
        variant = file.removesuffix("/notes.md")
        return f"{NOTES}{variant}", f"Notes of {variant}, line {line}", line
    if file == "topic.toml":
        return "takeaway", "Takeaway", 0
    return file, file.capitalize(), 0

"""Reads content/errata.toml: what the source article says that no longer holds or never did, and what is true."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from explorer.content.file import File, Table
from explorer.content.located import Located, take_located

VERDICTS = ("holds", "incomplete", "outdated", "wrong", "broken")


@dataclass(frozen=True, slots=True)
class Erratum:
    """One statement of the article."""

    number: int
    says: str
    """In our own words, inline Markdown."""
    verdict: str
    truth: str
    """Inline Markdown."""
    evidence: Located


def load_errata(root: Path) -> tuple[Erratum, ...]:
    """Read the errata of a content folder, nothing if it has none. Raises ContentError."""
    path = root / "errata.toml"
    if not path.is_file():
        return ()
    file = File(path, root)
    return tuple(_erratum(file, row) for row in file.rows(file.table, "errata"))


def _erratum(file: File, row: Table) -> Erratum:
    number = file.take(row, "number", int, "[[errata]]")
    where, line = f"erratum {number}", file.line(f"number = {number}")
    file.only(row, ("number", "says", "verdict", "truth", "evidence"), where)
    verdict = file.take(row, "verdict", str, where)
    if verdict not in VERDICTS:
        file.fail(f"{where} has the verdict {verdict!r}.", f"use one of {', '.join(VERDICTS)}.", line)
    says, truth = file.take(row, "says", str, where), file.take(row, "truth", str, where)
    return Erratum(number, says, verdict, truth, take_located(file, row, where, line))

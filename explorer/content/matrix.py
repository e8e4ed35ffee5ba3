"""Reads content/matrix.toml: feature by feature what each side has, with the evidence that each cell names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from explorer.content.file import File
from explorer.content.located import Located, take_located
from explorer.topics import Side

HAS = ("yes", "ext", "no")


@dataclass(frozen=True, slots=True)
class Cell:
    """What one side has of a feature, as it is written."""

    side: str
    has: str
    how: str
    note: str
    evidence: Located


@dataclass(frozen=True, slots=True)
class Feature:
    """One row, as it is written."""

    group: str
    title: str
    cells: tuple[Cell, ...]


def load_matrix(root: Path, sides: Sequence[Side]) -> tuple[Feature, ...]:
    """Read the matrix of a content folder, nothing if it has none. Raises ContentError."""
    path = root / "matrix.toml"
    if not path.is_file():
        return ()
    file = File(path, root)
    features = []
    for row in file.rows(file.table, "features"):
        title = file.take(row, "title", str, "[[features]]")
        where = f"feature {title!r}"
        file.only(row, ("group", "title", *(side.id for side in sides)), where)
        cells = tuple(
            _cell(file, file.take(row, side.id, dict, where), side, title) for side in sides if side.id in row
        )
        features.append(Feature(file.take(row, "group", str, where), title, cells))
    return tuple(features)


def _cell(file: File, row: Mapping[str, object], side: Side, title: str) -> Cell:
    where, line = f"feature {title!r}, {side.id}", file.line(f'title = "{title}"')
    file.only(row, ("has", "how", "note", "evidence"), where)
    has = file.take(row, "has", str, where)
    if has not in HAS:
        file.fail(f"{where} has {has!r}.", f"use one of {', '.join(HAS)}.", line)
    how, note = file.take(row, "how", str, where), file.take(row, "note", str, where, "")
    return Cell(side.id, has, how, note, take_located(file, row, where, line))

"""Reads content/shims.toml and the shims' files. Installs and proves nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from explorer.content.file import File, read_text
from explorer.topics import Proof, Shim, Side


def load_shims(root: Path, sides: Sequence[Side]) -> tuple[Shim, ...]:
    """Read the shims of a content folder, none if it has no shims.toml. Raises ContentError."""
    path = root / "shims.toml"
    if not path.is_file():
        return ()
    file = File(path, root)
    return tuple(_shim(file, row, root, sides) for row in file.rows(file.table, "shims"))


def _shim(file: File, row: Mapping[str, object], root: Path, sides: Sequence[Side]) -> Shim:
    identifier = file.take(row, "id", str, "[[shims]]")
    where, line = f"shim {identifier!r}", file.line(f'id = "{identifier}"')
    file.only(row, ("id", "side", "title", "summary", "proofs"), where)
    side = next((s for s in sides if s.id == row.get("side")), None)
    if side is None:
        file.fail(f"{where} belongs to no side.", f"use one of {', '.join(s.id for s in sides)}.", line)
    path = root / "shims" / side.id / f"{identifier.replace('-', '_')}.py"
    if not path.is_file():
        file.fail(f"{where} has no file.", f"add {path.relative_to(root.parent)}.", line)
    proofs = file.rows(row, "proofs", where)
    fields = ("topic", "scenario", "removes")
    return Shim(
        id=identifier,
        side=side,
        title=file.take(row, "title", str, where),
        summary=file.take(row, "summary", str, where),
        file=path,
        text=read_text(path, root).rstrip("\n"),
        proofs=tuple(Proof(*(file.take(proof, name, str, where) for name in fields)) for proof in proofs),
    )

"""Writes a topic's words into its folder, changing nothing but what differs.

A file whose words are the same is not touched. In topic.toml only the values of section, position and takeaway are
replaced: comments, order and layout stay. Line ends and a byte order mark stay as each file has them. Makes and
removes no demo, and never removes a topic.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from explorer.content.sections import NAME, in_order
from explorer.errors import Complaint, ContentError
from explorer.topics import Wording

FIELDS = ("section", "position", "takeaway")


def write_wording(folder: Path, words: Wording, root: Path) -> tuple[Path, ...]:
    """Write words into a topic's folder below a content folder, made if need be; return the files that changed.

    Raises ContentError for notes of a variant that has no folder, and for a topic.toml that cannot be read.
    """
    found = {path.name for path in folder.iterdir() if path.is_dir()} if folder.is_dir() else set()
    for variant in words.notes:
        if variant not in found:
            name = f"{root.name}/topics/{folder.name}/{variant}"
            mend = "add the demo first, or remove its notes."
            raise ContentError(Complaint(name, 1, "there are notes for a variant without demo.", mend))
    fields = {name: getattr(words, name) for name in FIELDS}
    table = folder / "topic.toml"
    wanted: dict[Path, str] = {folder / "topic.md": words.text, table: _table(table, fields, root)}
    wanted |= {folder / variant / "notes.md": words.notes.get(variant, "") for variant in sorted(found)}
    return tuple(path for path, text in wanted.items() if _write(path, text))


def write_sections(root: Path, order: Sequence[str]) -> bool:
    """Put the sections of a content folder in an order, by their ids; tell whether the file changed."""
    path = root / NAME
    return _write(path, in_order(_read(path) or "", order))


def replace_values(text: str, values: Mapping[str, str | int]) -> str:
    """Return TOML with other values of top-level keys; everything else stays to the letter.

    A key that is missing is put in front. Raises ValueError for a text that is not TOML.
    """
    old = tomllib.loads(text)
    missing = []
    for key, value in values.items():
        if key not in old:
            missing.append(f"{key} = {_literal(value)}\n")
        elif old[key] != value:
            start, end = _extent(text, key, old[key])
            text = f"{text[:start]}{_literal(value)}{text[end:]}"
    return "".join(missing) + text


def _extent(text: str, key: str, value: object) -> tuple[int, int]:
    """Return where the value of a top-level key begins and ends.

    The end is the first place at which what stands before it reads as that value and the line holds no more of it.
    """
    head = re.compile(rf'^[ \t]*(?:{key}|"{key}"|\'{key}\')[ \t]*=[ \t]*', re.M)
    for match in head.finditer(text):
        if not _stands_alone(text[: match.start()], key):
            continue
        for end in range(match.end() + 1, len(text) + 1):
            if _reads(text[match.start() : end]) == {key: value} and _REST.match(text, end):
                return match.end(), end
    raise ValueError(f"{key} is not written as `{key} = …` on a line of its own")


_REST = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
"""What may follow a value on its line."""


def _stands_alone(before: str, key: str) -> bool:
    """Tell whether what follows a text is a top-level line of TOML, not part of a text of several lines."""
    read = _reads(before)
    return read is not None and key not in read


def _reads(text: str) -> dict[str, object] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _literal(value: str | int) -> str:
    """Return a value as TOML: JSON's escapes are TOML's, but for one character."""
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _table(path: Path, values: Mapping[str, str | int], root: Path) -> str:
    text = _read(path) or ""
    try:
        return replace_values(text, values)
    except ValueError as error:
        name = path.relative_to(root.parent).as_posix()
        raise ContentError(Complaint(name, 1, f"not valid TOML: {error}.", "correct the syntax.")) from None


def _read(path: Path) -> str | None:
    """Return a file's text with line feeds and without byte order mark, None if there is no file."""
    if not path.is_file():
        return None
    return _plain(path.read_bytes().decode())


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _write(path: Path, text: str) -> bool:
    """Write a file if its words are others, with the line ends it has; tell whether it changed.

    An empty text removes the file or does not make it. Never leaves half a file.
    """
    before = _read(path)
    if before == text or (not before and not text):
        return False
    if not text:
        path.unlink()
        return True
    if path.is_file():
        raw = path.read_bytes().decode()
        text = text.replace("\n", "\r\n") if "\r\n" in raw else text
        text = f"\ufeff{text}" if raw.startswith("\ufeff") else text
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(text.encode())
    if path.is_file():
        new.chmod(path.stat().st_mode & 0o777)
    os.replace(new, path)  # noqa: PTH105
    return True

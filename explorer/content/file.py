"""One TOML file of the content folder, read so that every complaint names file, line, field and the mend."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from explorer.errors import Complaint, ContentError

Table = Mapping[str, Any]


def read_text(path: Path, root: Path) -> str:
    """Return the text of a file of the content folder. Raises ContentError."""
    name = path.relative_to(root.parent).as_posix()
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        mend = "add it; docs/content-format.md says what it holds."
        raise ContentError(Complaint(name, 1, "the file is missing.", mend)) from None
    except UnicodeDecodeError:
        raise ContentError(Complaint(name, 1, "the file is not UTF-8.", "save it as UTF-8.")) from None


class File:
    """One TOML file with its text, so that a complaint can name the line."""

    def __init__(self, path: Path, root: Path) -> None:
        self.name = path.relative_to(root.parent).as_posix()
        self.text = read_text(path, root)
        try:
            self.table: Table = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            line = int(match[1]) if (match := re.search(r"line (\d+)", str(error))) else 1
            self.fail(f"not valid TOML: {error}.", "correct the syntax.", line)

    def line(self, needle: str) -> int:
        """Return the number of the first line that holds a text, 1 if none does.

        A text like "scenario 'missing'" stands for the line with that id or title.
        """
        name = re.search(r"'(.+?)'", needle)
        needles = (needle, f'id = "{name[1]}"', f'title = "{name[1]}"') if name else (needle,)
        lines = self.text.split("\n")
        return next((n for text in needles for n, line in enumerate(lines, 1) if text in line), 1)

    def fail(self, message: str, mend: str, line: int = 1) -> NoReturn:
        """Raise ContentError for this file."""
        raise ContentError(Complaint(self.name, line, message, mend))

    def take(self, table: Table, key: str, kind: type, where: str = "", default: Any = ...) -> Any:
        """Return a field of the right type; a missing one without default, or another type, is a complaint."""
        value = table.get(key, default)
        if value is ...:
            self.fail(f"{where or 'the file'} has no `{key}`.", f"add `{key} = …`.", self.line(where or key))
        if key in table and (not isinstance(value, kind) or (isinstance(value, bool) and kind is int)):
            message = f"`{key}` of {where or 'the file'} is not of type {kind.__name__}."
            self.fail(message, "correct its value.", self.line(where or key))
        return value

    def rows(self, table: Table, key: str, where: str = "", default: Any = ...) -> list[Table]:
        """Return a field that holds tables, as those under [[key]]."""
        return self._all(dict, "tables", table, key, where, default)

    def texts(self, table: Table, key: str, where: str = "", default: Any = ...) -> tuple[str, ...]:
        """Return a field that holds a list of texts."""
        return tuple(self._all(str, "texts", table, key, where, default))

    def named_texts(self, table: Table, key: str, where: str = "", default: Any = ...) -> dict[str, str]:
        """Return a field that holds a table of texts."""
        named: dict[str, Any] = self.take(table, key, dict, where, default)
        for name in named:
            self.take(named, name, str, where or key)
        return named

    def _all(self, kind: type, what: str, table: Table, key: str, where: str, default: Any) -> list[Any]:
        values: list[Any] = self.take(table, key, list, where, default)
        if not all(isinstance(value, kind) for value in values):
            where, line = where or "the file", self.line(where or key)
            self.fail(f"`{key}` of {where} holds something else than {what}.", "correct its values.", line)
        return values

    def only(self, table: Table, allowed: Sequence[str], where: str) -> None:
        """Complain about fields that nothing reads: they are spelling mistakes."""
        for key in table:
            if key not in allowed:
                self.fail(f"{where} has an unknown field `{key}`.", f"use one of {', '.join(allowed)}.", self.line(key))

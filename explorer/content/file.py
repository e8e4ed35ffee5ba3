"""One TOML file of the content folder, read so that every complaint names file, line, field and the mend."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from explorer.errors import Complaint, ContentError

Table = Mapping[str, Any]


class File:
    """One TOML file with its text, so that a complaint can name the line."""

    def __init__(self, path: Path, root: Path) -> None:
        self.name = path.relative_to(root.parent).as_posix()
        try:
            self.text = path.read_text(encoding="utf-8")
            self.table: Table = tomllib.loads(self.text)
        except FileNotFoundError:
            self.text = ""
            self.fail("the file is missing.", "add it; docs/content-format.md says what it holds.")
        except UnicodeDecodeError:
            self.text = ""
            self.fail("the file is not UTF-8.", "save it as UTF-8.")
        except tomllib.TOMLDecodeError as error:
            line = int(match[1]) if (match := re.search(r"line (\d+)", str(error))) else 1
            self.fail(f"not valid TOML: {error}.", "correct the syntax.", line)

    def line(self, needle: str) -> int:
        """Return the number of the first line that holds a text, 1 if none does."""
        return next((n for n, line in enumerate(self.text.split("\n"), 1) if needle in line), 1)

    def fail(self, message: str, mend: str, line: int = 1) -> NoReturn:
        """Raise ContentError for this file."""
        raise ContentError(Complaint(self.name, line, message, mend))

    def take(self, table: Table, key: str, kind: type, where: str = "", default: Any = ...) -> Any:
        """Return a field of the right type; a missing one without default, or another type, is a complaint."""
        value = table.get(key, default)
        line = self.line(where or key)
        if value is ...:
            self.fail(f"{where or 'the file'} has no `{key}`.", f"add `{key} = …`.", line)
        if key in table and (not isinstance(value, kind) or (isinstance(value, bool) and kind is int)):
            self.fail(f"`{key}` of {where or 'the file'} is not of type {kind.__name__}.", "correct its value.", line)
        return value

    def only(self, table: Table, allowed: Sequence[str], where: str) -> None:
        """Complain about fields that nothing reads: they are spelling mistakes."""
        for key in table:
            if key not in allowed:
                self.fail(f"{where} has an unknown field `{key}`.", f"use one of {', '.join(allowed)}.", self.line(key))

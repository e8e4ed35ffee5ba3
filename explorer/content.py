"""Reads content/ into topics: sides.toml, sections.toml and one folder a topic.

Checks structure only: that files are there, fields have the right type and ids exist. What the words claim
and what the demos answer is checked in `check`. Renders nothing and runs nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, cast

from explorer.errors import Complaint, ContentError
from explorer.topics import (
    KINDS,
    METHODS,
    CodeFile,
    Expectation,
    Kind,
    Request,
    Scenario,
    Section,
    Side,
    Topic,
    Variant,
)

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SHOWN = {".py", ".html", ".css", ".js", ".txt", ".toml", ".sql", ".json", ".svg"}
"""Endings of demo files that are shown as tabs."""

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """One column of "How to choose": words of content/home.toml."""

    title: str
    side: str | None
    lines: tuple[str, ...]
    """Inline Markdown with links to topics."""


@dataclass(frozen=True, slots=True)
class Home:
    """What the front page shows besides the topic map."""

    topic: str
    scenarios: tuple[str, ...]
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """Everything read from a content folder. A topic that cannot be read is left out and complained about."""

    root: Path
    sides: tuple[Side, ...]
    sections: tuple[Section, ...]
    topics: tuple[Topic, ...]
    """In reading order."""
    home: Home
    complaints: tuple[Complaint, ...]


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


def load_content(root: Path) -> Content:
    """Read a content folder.

    Raises ContentError if sides, sections or the front page cannot be read; a broken topic becomes a complaint.
    """
    root = root.resolve()
    sides, sections = _sides(File(root / "sides.toml", root)), _sections(File(root / "sections.toml", root))
    topics, complaints = [], []
    for folder in sorted((root / "topics").iterdir()):
        if not folder.is_dir() or folder.name.startswith((".", "_")):
            continue
        try:
            topics.append(load_topic(folder, root, sides, sections))
        except ContentError as error:
            complaints.append(error.complaint)
    topics.sort(key=lambda t: (t.section.position, t.position, t.slug))
    home = _home(File(root / "home.toml", root))
    return Content(root, sides, sections, tuple(topics), home, tuple(complaints))


def _sides(file: File) -> tuple[Side, ...]:
    fields = ("id", "title", "abbreviation", "interface", "package", "documentation")
    sides = []
    for position, row in enumerate(file.take(file.table, "sides", list), 1):
        file.only(row, fields, "[[sides]]")
        if row.get("interface") not in ("wsgi", "asgi"):
            file.fail(
                "`interface` of a side is neither wsgi nor asgi.", "write one of the two.", file.line("interface")
            )
        sides.append(Side(position=position, **{name: file.take(row, name, str, "[[sides]]") for name in fields}))
    return tuple(sides)


def _sections(file: File) -> tuple[Section, ...]:
    rows = file.take(file.table, "sections", list)
    return tuple(
        Section(file.take(row, "id", str, "[[sections]]"), file.take(row, "title", str, "[[sections]]"), position)
        for position, row in enumerate(rows, 1)
    )


def _home(file: File) -> Home:
    hero = file.take(file.table, "hero", dict)
    choices = [
        Choice(
            file.take(row, "title", str, "[[choices]]"),
            file.take(row, "side", str, "[[choices]]", None),
            tuple(file.take(row, "lines", list, "[[choices]]")),
        )
        for row in file.take(file.table, "choices", list, "", [])
    ]
    topic = file.take(hero, "topic", str, "[hero]")
    return Home(topic, tuple(file.take(hero, "scenarios", list, "[hero]")), tuple(choices))


def load_topic(folder: Path, root: Path, sides: Sequence[Side], sections: Sequence[Section]) -> Topic:
    """Read one topic's folder. Raises ContentError that names file, line, field and the mend."""
    file = File(folder / "topic.toml", root)
    table = file.table
    if not SLUG.fullmatch(folder.name):
        file.fail(f"the folder's name {folder.name!r} is not a slug.", "use a-z, 0-9 and single hyphens.")
    file.only(table, ("section", "position", "takeaway", "focus", "idioms", "variants", "scenarios"), "topic.toml")
    section_id = file.take(table, "section", str)
    section = next((s for s in sections if s.id == section_id), None)
    if section is None:
        names = ", ".join(s.id for s in sections)
        file.fail(f"section {section_id!r} is not in sections.toml.", f"use one of {names}.", file.line("section"))
    title, summary, body, body_line = _words(folder / "topic.md", root)
    return Topic(
        slug=folder.name,
        section=section,
        position=file.take(table, "position", int),
        title=title,
        summary=summary,
        takeaway=file.take(table, "takeaway", str),
        body=body,
        body_line=body_line,
        variants=_variants(folder, file, sides),
        scenarios=_scenarios(file),
        idioms=dict(file.take(table, "idioms", dict, "", {})),
        focus=tuple(file.take(table, "focus", list, "", [])),
        folder=folder,
    )


def _words(path: Path, root: Path) -> tuple[str, str, str, int]:
    """Return title, summary, body and the line on which the body starts."""
    name = path.relative_to(root.parent).as_posix()
    if not path.is_file():
        raise ContentError(Complaint(name, 1, "the file is missing.", "add it; docs/content-format.md says how."))
    text = path.read_text(encoding="utf-8").replace("\r\n", "\n").removeprefix("\ufeff")
    match = re.match(r"\s*# +(?P<title>.+?) *\n\s*(?P<summary>[^\s#`].*?)(?:\n\s*\n|\Z)", text, re.S)
    if not match:
        mend = "start with `# Title`, an empty line and one paragraph."
        raise ContentError(Complaint(name, 1, "title or summary is missing.", mend))
    summary = " ".join(match["summary"].split())
    return match["title"], summary, text[match.end() :], text[: match.end()].count("\n") + 1


def _variants(folder: Path, file: File, sides: Sequence[Side]) -> tuple[Variant, ...]:
    titles = file.take(file.table, "variants", dict, "", {})
    found = []
    for path in sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith((".", "_"))):
        side = next((s for s in sides if s.id == path.name.partition("+")[0]), None)
        if side is None:
            names = ", ".join(s.id for s in sides)
            file.fail(f"folder {path.name!r} belongs to no side.", f"name it <side> or <side>+<variant>: {names}.")
        title = side.title
        if path.name != side.id:
            title = file.take(file.take(titles, path.name, dict, "[variants]"), "title", str, f"variant {path.name}")
        notes = path / "notes.md"
        words = notes.read_text(encoding="utf-8") if notes.is_file() else ""
        found.append(Variant(path.name, side, title, path, _files(path), words))
    return tuple(sorted(found, key=lambda v: (v.side.position, not v.is_default, v.id)))


def _files(folder: Path) -> tuple[CodeFile, ...]:
    """Return the demo's files that are shown, app.py first."""
    paths = [
        p
        for p in folder.rglob("*")
        if p.is_file() and p.suffix in SHOWN and not any(part[0] in "._" for part in p.relative_to(folder).parts)
    ]
    names = sorted((p.relative_to(folder).as_posix() for p in paths), key=lambda n: (n != "app.py", n))
    return tuple(CodeFile(name, (folder / name).read_text(encoding="utf-8").rstrip("\n")) for name in names)


def _scenarios(file: File) -> tuple[Scenario, ...]:
    scenarios: list[Scenario] = []
    for row in file.take(file.table, "scenarios", list, "", []):
        scenario = _scenario(file, row)
        if any(scenario.id == other.id for other in scenarios):
            file.fail(f"scenario {scenario.id!r} occurs twice.", "give each an id of its own.", scenario.line)
        scenarios.append(scenario)
    return tuple(scenarios)


def _scenario(file: File, row: Table) -> Scenario:
    identifier = file.take(row, "id", str, "[[scenarios]]")
    where, line = f"scenario {identifier!r}", file.line(f'id = "{identifier}"')
    fields = ("id", "kind", "title", "why", "method", "path", "query", "headers", "body", "expect")
    file.only(row, fields, where)
    kind = file.take(row, "kind", str, where)
    method = file.take(row, "method", str, where, "GET")
    if kind not in KINDS:
        file.fail(f"{where} has the kind {kind!r}.", f"use one of {', '.join(KINDS)}.", line)
    if method not in METHODS:
        file.fail(f"{where} has the method {method!r}.", f"use one of {', '.join(METHODS)}.", line)
    headers = file.take(row, "headers", list, where, [])
    if not all(isinstance(h, list) and len(h) == 2 and all(isinstance(x, str) for x in h) for h in headers):
        file.fail(f"`headers` of {where} are not pairs.", 'write [["Name", "value"], …].', line)
    request = Request(
        method=method,
        path=file.take(row, "path", str, where),
        query=file.take(row, "query", str, where, ""),
        headers=tuple((name, value) for name, value in headers),
        body=file.take(row, "body", str, where, ""),
    )
    expect = {
        side: _expectation(file, value, f"{where}, expect.{side}")
        for side, value in file.take(row, "expect", dict, where).items()
    }
    title, why = file.take(row, "title", str, where), file.take(row, "why", str, where)
    return Scenario(identifier, cast(Kind, kind), title, why, request, expect, line)


def _expectation(file: File, row: Table, where: str) -> Expectation:
    file.only(row, ("status", "headers", "absent", "json", "body", "contains"), where)
    return Expectation(
        status=file.take(row, "status", int, where),
        headers=file.take(row, "headers", dict, where, {}),
        absent=tuple(file.take(row, "absent", list, where, [])),
        json=file.take(row, "json", str, where, None),
        body=file.take(row, "body", str, where, None),
        contains=tuple(file.take(row, "contains", list, where, [])),
    )

"""Reads one topic's folder: topic.toml, topic.md and the folder of each variant.

Checks structure only: that files are there, fields have the right type and ids exist. Renders and runs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import cast
from urllib.parse import unquote

from explorer.content.file import File, Table, read_text
from explorer.content.recordings import load_timeline, take_recording
from explorer.errors import Complaint, ContentError
from explorer.fingerprints import folder_state
from explorer.parts import FORM, Part, read_part
from explorer.timeline import Recording
from explorer.topics import (
    HEADER_NAME,
    HEADER_VALUE,
    KINDS,
    METHODS,
    WEBSOCKET,
    CodeFile,
    Expectation,
    Frame,
    Kind,
    Request,
    Scenario,
    Section,
    Side,
    Step,
    Topic,
    Variant,
)

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
FIELDS = (
    *("section", "position", "takeaway", "focus", "idioms", "variants", "scenarios", "frames"),
    *("log", "live", "tests", "recordings"),
)
REQUEST_FIELDS = ("method", "path", "query", "headers", "body", "parts", "messages", "leave")
_PATH = re.compile(r"/(?!/)(?:(?![?#])[!-~])*")
_QUERY = re.compile(r"(?:(?!#)[!-~])*")
FRAME_TITLE = 24
"""Characters of a frame's title: it stands in a row beside others."""
SHOWN = {".py", ".html", ".css", ".js", ".txt", ".toml", ".sh", ".sql", ".json", ".svg"}
"""Endings of demo files that are shown as tabs."""
NAMED = {"Dockerfile", ".dockerignore", "Procfile"}
"""Files without an ending that are shown as well."""


def load_topic(folder: Path, root: Path, sides: Sequence[Side], sections: Sequence[Section]) -> Topic:
    """Read one topic's folder. Raises ContentError that names file, line, field and the mend."""
    file = File(folder / "topic.toml", root)
    table = file.table
    if not SLUG.fullmatch(folder.name):
        file.fail(f"the folder's name {folder.name!r} is not a slug.", "use a-z, 0-9 and single hyphens.")
    file.only(table, FIELDS, "topic.toml")
    section_id = file.take(table, "section", str)
    section = next((s for s in sections if s.id == section_id), None)
    if section is None:
        names = ", ".join(s.id for s in sections)
        file.fail(f"section {section_id!r} is not in sections.toml.", f"use one of {names}.", file.line("section"))
    title, summary, body, body_line = _words(folder / "topic.md", root)
    variants = _variants(folder, root, file, sides)
    variant_ids = [variant.id for variant in variants]
    log = _name(file, "log", r"[a-z_]+", "the name of a list in app.py")
    live = file.take(table, "live", bool, "", False)
    return Topic(
        slug=folder.name,
        section=section,
        position=file.take(table, "position", int),
        title=title,
        summary=summary,
        takeaway=file.take(table, "takeaway", str),
        body=body,
        body_line=body_line,
        variants=variants,
        scenarios=_scenarios(file, log, live),
        idioms=file.named_texts(table, "idioms", "", {}),
        focus=file.texts(table, "focus", "", []),
        folder=folder,
        fingerprint=folder_state(folder),
        frames=_frames(file, variant_ids),
        log=log,
        live=live,
        tests=_tests(file, variants),
        recordings=_recordings(file, variant_ids),
        timeline=load_timeline(folder, root),
    )


def _name(file: File, key: str, form: str, what: str) -> str:
    name: str = file.take(file.table, key, str, "", "")
    if name and not re.fullmatch(form, name):
        file.fail(f"`{key}` is {name!r}.", f"write {what}.", file.line(key))
    return name


def _tests(file: File, variants: Sequence[Variant]) -> str:
    name = _name(file, "tests", r"test_[a-z_]+\.py", "the name of a file, as test_app.py")
    for variant in variants:
        if name and variant.is_default and all(other.path != name for other in variant.files):
            file.fail(f"{variant.id}/{name} is missing.", "add it, or correct `tests`.", file.line("tests"))
    return name


def _words(path: Path, root: Path) -> tuple[str, str, str, int]:
    """Return title, summary, body and the line on which the body starts."""
    return split_text(read_text(path, root).removeprefix("\ufeff"), path.relative_to(root.parent).as_posix())


def split_text(text: str, name: str) -> tuple[str, str, str, int]:
    """Return title, summary, body and the line on which the body starts. Raises ContentError for the file `name`."""
    match = re.match(r"\s*# +(?P<title>.+?) *\n\s*(?P<summary>[^\s#`].*?)(?:\n\s*\n|\Z)", text, re.S)
    if not match:
        mend = "start with `# Title`, an empty line and one paragraph."
        raise ContentError(Complaint(name, 1, "title or summary is missing.", mend))
    summary = " ".join(match["summary"].split())
    return match["title"], summary, text[match.end() :], text[: match.end()].count("\n") + 1


def _variants(folder: Path, root: Path, file: File, sides: Sequence[Side]) -> tuple[Variant, ...]:
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
        words = read_text(notes, root) if notes.is_file() else ""
        found.append(Variant(path.name, side, title, path, _files(path, root), words))
    return tuple(sorted(found, key=lambda v: (v.side.position, not v.is_default, v.id)))


def _files(folder: Path, root: Path) -> tuple[CodeFile, ...]:
    """Return the demo's files that are shown, app.py first."""
    paths = [
        p
        for p in folder.rglob("*")
        if p.is_file() and (p.name in NAMED or (p.suffix in SHOWN and not _hidden(p.relative_to(folder))))
    ]
    names = sorted((p.relative_to(folder).as_posix() for p in paths), key=lambda n: (n != "app.py", n))
    return tuple(CodeFile(name, read_text(folder / name, root).rstrip("\n")) for name in names)


def _hidden(path: Path) -> bool:
    return any(part[0] in "._" for part in path.parts)


def _scenarios(file: File, log: str, live: bool) -> tuple[Scenario, ...]:
    scenarios: list[Scenario] = []
    for row in file.rows(file.table, "scenarios", "", []):
        scenario = _scenario(file, row)
        if any(scenario.id == other.id for other in scenarios):
            file.fail(f"scenario {scenario.id!r} occurs twice.", "give each an id of its own.", scenario.line)
        if not log and any(expectation.log is not None for expectation in scenario.expect.values()):
            mend = 'name the list of the demos: log = "log".'
            file.fail(f"scenario {scenario.id!r} expects a log, and the topic has none.", mend, scenario.line)
        if not live and (scenario.request.is_socket or scenario.request.leave):
            message = f"scenario {scenario.id!r} opens a socket or leaves early, and the topic is not live."
            file.fail(message, "write live = true.", scenario.line)
        scenarios.append(scenario)
    return tuple(scenarios)


def _scenario(file: File, row: Table) -> Scenario:
    identifier = file.take(row, "id", str, "[[scenarios]]")
    where, line = f"scenario {identifier!r}", file.line(f'id = "{identifier}"')
    file.only(row, ("id", "kind", "title", "why", *REQUEST_FIELDS, "before", "expect"), where)
    kind = file.take(row, "kind", str, where)
    if kind not in KINDS:
        file.fail(f"{where} has the kind {kind!r}.", f"use one of {', '.join(KINDS)}.", line)
    declared = file.take(row, "expect", dict, where)
    expect = {
        side: _expectation(file, file.take(declared, side, dict, f"{where}, expect"), f"{where}, expect.{side}")
        for side in declared
    }
    return Scenario(
        id=identifier,
        kind=cast(Kind, kind),
        title=file.take(row, "title", str, where),
        why=file.take(row, "why", str, where),
        request=_request(file, row, where, line),
        expect=expect,
        line=line,
        before=tuple(_step(file, step, f"{where}, before", line) for step in file.rows(row, "before", where, [])),
    )


def _step(file: File, row: Table, where: str, line: int) -> Step:
    file.only(row, (*REQUEST_FIELDS, "save"), where)
    return Step(_request(file, row, where, line), file.named_texts(row, "save", where, {}))


def _request(file: File, row: Table, where: str, line: int) -> Request:
    method = file.take(row, "method", str, where, "GET")
    if method not in (*METHODS, WEBSOCKET):
        file.fail(f"{where} has the method {method!r}.", f"use one of {', '.join((*METHODS, WEBSOCKET))}.", line)
    leave = file.take(row, "leave", int, where, 0)
    if leave < 0:
        file.fail(f"`leave` of {where} is {leave}.", "write after how many chunks or messages the client leaves.", line)
    path = _path(file, row, where, line)
    query = file.take(row, "query", str, where, "")
    if not _QUERY.fullmatch(query):
        file.fail(f"the query of {where} is not sent.", "percent-encode it, and leave the question mark out.", line)
    body = _messages(file, row, where, line) if method == WEBSOCKET else file.take(row, "body", str, where, "")
    parts = _parts(file, row, where, line)
    if body and parts:
        file.fail(f"{where} has a body and parts.", "leave one of them out.", line)
    return Request(method, path, query, _headers(file, row, where, line), body, parts, leave)


def _parts(file: File, row: Table, where: str, line: int) -> tuple[Part, ...]:
    parts = []
    for number, text in enumerate(file.texts(row, "parts", where, []), 1):
        try:
            parts.append(read_part(text))
        except ValueError as error:
            file.fail(f"part {number} of {where} cannot be read: {error}.", FORM, line)
    return tuple(parts)


def _messages(file: File, row: Table, where: str, line: int) -> str:
    """Return the messages that a scenario sends as the body of its request: one a line."""
    messages = file.texts(row, "messages", where, [])
    if "body" in row or any("\n" in message for message in messages):
        file.fail(f"{where} has a body or a message of several lines.", 'write messages = ["one", "two"].', line)
    return "\n".join(messages)


def _path(file: File, row: Table, where: str, line: int) -> str:
    path: str = file.take(row, "path", str, where)
    if not _PATH.fullmatch(path) or any(unquote(segment) in (".", "..") for segment in path.split("/")):
        file.fail(f"the path of {where} is not sent.", "start it with one slash, percent-encoded, no query.", line)
    return path


def _headers(file: File, row: Table, where: str, line: int) -> tuple[tuple[str, str], ...]:
    headers = file.take(row, "headers", list, where, [])
    if not all(isinstance(h, list) and len(h) == 2 and all(isinstance(x, str) for x in h) for h in headers):
        file.fail(f"`headers` of {where} are not pairs.", 'write [["Name", "value"], …].', line)
    for name, value in headers:
        if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
            mend = "write a name without spaces and a value in Latin-1."
            file.fail(f"the header {name!r} of {where} is not sent.", mend, line)
    return tuple((name, value) for name, value in headers)


def _expectation(file: File, row: Table, where: str) -> Expectation:
    file.only(row, ("status", "headers", "absent", "json", "body", "contains", "log", "broken"), where)
    return Expectation(
        status=file.take(row, "status", int, where),
        headers=file.named_texts(row, "headers", where, {}),
        absent=file.texts(row, "absent", where, []),
        json=file.take(row, "json", str, where, None),
        body=file.take(row, "body", str, where, None),
        contains=file.texts(row, "contains", where, []),
        log=file.texts(row, "log", where, []) if "log" in row else None,
        broken=file.take(row, "broken", str, where, ""),
    )


def _frames(file: File, variants: Sequence[str]) -> tuple[Frame, ...]:
    frames: list[Frame] = []
    for row in file.rows(file.table, "frames", "", []):
        title = file.take(row, "title", str, "[[frames]]")
        where, line = f"frame {title!r}", file.line(f'title = "{title}"')
        file.only(row, ("variant", "path", "title", "why"), where)
        if not 1 <= len(title) <= FRAME_TITLE or any(title == other.title for other in frames):
            mend = f"give it a title of its own with at most {FRAME_TITLE} characters."
            file.fail(f"{where} has a title that is too long or taken.", mend, line)
        variant = file.take(row, "variant", str, where)
        if variant not in variants:
            file.fail(f"{where} shows {variant!r}, which is no variant.", f"use one of {', '.join(variants)}.", line)
        frames.append(Frame(variant, _path(file, row, where, line), title, file.take(row, "why", str, where)))
    return tuple(frames)


def _recordings(file: File, variants: Sequence[str]) -> tuple[Recording, ...]:
    recordings: list[Recording] = []
    for row in file.rows(file.table, "recordings", "", []):
        where = f"recording {row.get('id')!r}"
        target = _request(file, row, where, file.line(where)).target
        recordings.append(take_recording(file, row, target, variants, [other.id for other in recordings]))
    return tuple(recordings)

"""Reads what a topic declares to be recorded; reads and writes the file of what was seen: timeline.json.

Checks structure only: that the file is one that a recorder writes. Whether it still fits what the topic declares is
checked in `check`. Starts no server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from explorer.content.file import File, Table, read_text
from explorer.errors import Complaint, ContentError
from explorer.timeline import PORT, Recording, Timeline

FIELDS = ("id", "title", "variant", "path", "query", "server", "requests")
NAME = "timeline.json"
TITLE_LIMIT = 28
REQUESTS = 12
"""As many as a recording sends unless it says so."""
MOST_REQUESTS = 100

_FORM = TypeAdapter(Timeline)
_FLIGHT = re.compile(r'\{\s+("sent": [^,]+),\s+("answered": \S+)\s+\}')


def take_recording(file: File, row: Table, target: str, variants: Sequence[str], taken: Sequence[str]) -> Recording:
    """Return what a row of [[recordings]] declares. `target` is its path and query. Raises ContentError."""
    identifier = file.take(row, "id", str, "[[recordings]]")
    where, line = f"recording {identifier!r}", file.line(f'id = "{identifier}"')
    file.only(row, FIELDS, where)
    if identifier in taken:
        file.fail(f"{where} occurs twice.", "give each an id of its own.", line)
    title = file.take(row, "title", str, where)
    if not 1 <= len(title) <= TITLE_LIMIT:
        file.fail(f"the title of {where} is empty or too long.", f"use at most {TITLE_LIMIT} characters.", line)
    variant = file.take(row, "variant", str, where)
    if variant not in variants:
        file.fail(f"{where} is of {variant!r}, which is no variant.", f"use one of {', '.join(variants)}.", line)
    server = file.take(row, "server", str, where)
    if server.count(PORT) != 1 or server.startswith(PORT):
        file.fail(f"`server` of {where} has no place for the port.", f"write {PORT} once: --port {PORT}.", line)
    requests = file.take(row, "requests", int, where, REQUESTS)
    if not 1 <= requests <= MOST_REQUESTS:
        file.fail(f"`requests` of {where} is {requests}.", f"use 1 to {MOST_REQUESTS}.", line)
    return Recording(identifier, title, variant, target, server, requests)


def load_timeline(folder: Path, root: Path) -> Timeline | None:
    """Read what was recorded of a topic, None if nothing was. Raises ContentError that names file and field."""
    path = folder / NAME
    if not path.is_file():
        return None
    name = path.relative_to(root.parent).as_posix()
    try:
        timeline = _FORM.validate_json(read_text(path, root), strict=True, extra="forbid")
        problem = next(timeline.problems(), None)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        problem = ".".join(map(str, first["loc"])) or "the file", first["msg"]
    if problem is None:
        return timeline
    mend = f"it is not edited by hand: remove it and run `explorer record {folder.name}`."
    raise ContentError(Complaint(name, 1, f"{problem[0]}: {problem[1]}.", mend))


def timeline_text(timeline: Timeline) -> str:
    """Return the text of timeline.json: one line for each request."""
    return _FLIGHT.sub(r"{\1, \2}", json.dumps(asdict(timeline), indent=2, ensure_ascii=False)) + "\n"

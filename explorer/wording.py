"""What an editor may change of a topic, as plain values.

Read from a folder and put into a topic by `content`, kept by the database. Knows neither.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Wording:
    """What an editor may change of a topic, as it is written: Markdown and plain values.

    The source of a topic's words. `words.Words` is what it becomes when it is rendered; a database keeps this,
    `content.wording` reads it from a topic's folder and puts it into a Topic, `content.writing` writes it back.
    Lines end with a line feed and there is no byte order mark, whatever the file has.
    """

    text: str
    """topic.md: the first heading is the title, the first paragraph the summary."""
    takeaway: str
    section: str
    """The id of a section."""
    position: int
    notes: Mapping[str, str] = field(default_factory=dict)
    """Variant id to its notes.md; a variant without notes is left out."""

    def as_dict(self) -> dict[str, object]:
        """Return the fields by name, ready for JSON; `read_kept` is the way back."""
        return {**asdict(self), "notes": dict(self.notes)}

    @property
    def fingerprint(self) -> str:
        """Return a hash that is the same for the same words only."""
        return hashlib.sha256(json.dumps(self.as_dict(), sort_keys=True).encode()).hexdigest()


def read_kept(kept: object) -> tuple[Wording, tuple[str, ...]]:
    """Return words as a database kept them, and the names of fields that cannot be read: those are empty.

    Another version of the site may have written them, or a hand: a field may be missing, or be no text.
    """
    empty: dict[str, Any] = {"text": "", "takeaway": "", "section": "", "position": 0, "notes": {}}
    found = kept if isinstance(kept, Mapping) else {}
    read = {name: found[name] for name, value in empty.items() if type(found.get(name)) is type(value)}
    if not all(isinstance(text, str) for text in read.get("notes", {}).values()):
        del read["notes"]
    return Wording(**(empty | read)), tuple(name for name in empty if name not in read)

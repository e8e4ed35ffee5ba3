"""Topics as they were read at an earlier start: to read a thousand TOML files takes ten seconds.

Found by the files, by what else a topic is made of and by our own code. A folder that cannot be used costs time and
nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic import dataclasses as checked

from explorer.fingerprints import folder_state, versions
from explorer.topics import Section, Side, Topic
from explorer.whole_files import keep_whole


@checked.dataclass(frozen=True, slots=True, config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))
class Read:
    """One topic."""

    key: str
    topic: Topic


_READ = TypeAdapter(Read)


@dataclass(frozen=True, slots=True)
class KnownTopics:
    """A folder of topics, one file for each."""

    folder: Path | None
    """None keeps nothing."""

    def find(self, folder: Path, sides: Sequence[Side], sections: Sequence[Section]) -> Topic | None:
        """Return the topic of a folder if these very files were read before, None otherwise."""
        if self.folder is None:
            return None
        with suppress(OSError, ValidationError):
            read = _READ.validate_json((self.folder / f"{folder.name}.json").read_bytes())
            if read.key == _key(folder, folder_state(folder), sides, sections):
                return read.topic
        return None

    def keep(self, topic: Topic, sides: Sequence[Side], sections: Sequence[Section]) -> None:
        """Keep a topic for the next start. A reader never sees half a file."""
        if self.folder is None:
            return
        read = Read(_key(topic.folder, topic.fingerprint, sides, sections), topic)
        keep_whole(self.folder / f"{topic.slug}.json", _READ.dump_json(read), "what was read")


def _key(folder: Path, fingerprint: str, sides: Sequence[Side], sections: Sequence[Section]) -> str:
    made_of = f"{versions()}\n{folder}\n{sides!r}\n{sections!r}\n{fingerprint}"
    return hashlib.sha256(made_of.encode()).hexdigest()

"""Keeps what the demos answered and the checks found, for the next start with the same files and the same versions.

Only results that are as declared are kept: what failed is run again. Runs nothing; a folder that cannot be used costs
time and nothing else, and a file that cannot be read is as good as none.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic import dataclasses as checked

from explorer.compare.differences import Mark
from explorer.demos import CheckResult
from explorer.fingerprints import versions
from explorer.topics import Exchange, Topic
from explorer.whole_files import keep_whole

EACH = 3
"""Files that are kept of one topic: it may be served from several folders in turn."""

END = b"\n"
"""What a whole file ends with."""


@checked.dataclass(frozen=True, slots=True, config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))
class Kept:
    """What one topic's evidence showed."""

    exchanges: Mapping[str, tuple[Exchange, ...]]
    """By scenario, in the order of the topic's variants."""
    checks: tuple[CheckResult, ...]


@checked.dataclass(frozen=True, slots=True)
class Summary:
    """What a menu says of one topic's evidence: the first line of its file, so that a start need not read the rest."""

    marks: Mapping[str, Mark]
    """Of the scenarios that both sides answer."""
    ran_at: datetime


_KEPT, _SUMMARY = TypeAdapter(Kept), TypeAdapter(Summary)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of results, one file a topic and state of its files."""

    folder: Path | None
    """None keeps nothing."""
    shipped: Path | None = None
    """A folder of results that came with the program, read only."""

    def summary(self, topic: Topic) -> Summary | None:
        """Return in short what these very files showed with these very versions, None if it is not known."""
        for path in self._files(topic):
            with suppress(OSError, ValidationError), path.open("rb") as file:
                summary = _SUMMARY.validate_json(file.readline())
                file.seek(-len(END), os.SEEK_END)
                if file.read() == END:
                    return summary
        return None

    def find(self, topic: Topic) -> Kept | None:
        """Return what these very files showed with these very versions, None if it is not known."""
        for path in self._files(topic):
            with suppress(OSError, ValidationError):
                return _KEPT.validate_json(path.read_bytes().partition(b"\n")[2])
        return None

    def keep(self, topic: Topic, summary: Summary, kept: Kept) -> bool:
        """Keep results for the next start and tell whether it worked."""
        if self.folder is None:
            return False
        body = _SUMMARY.dump_json(summary) + b"\n" + _KEPT.dump_json(kept) + END
        if not keep_whole(self.folder / file_name(topic), body, "results"):
            return False
        with suppress(OSError):
            older = sorted(self.folder.glob(f"{topic.slug}.*.json"), key=lambda path: path.stat().st_mtime)
            for path in older[:-EACH]:
                path.unlink(missing_ok=True)
        return True

    def _files(self, topic: Topic) -> list[Path]:
        """Return where a topic's results may stand."""
        folders = [folder for folder in (self.folder, self.shipped) if folder]
        name = file_name(topic) if folders else ""
        return [folder / name for folder in folders]


def file_name(topic: Topic) -> str:
    """Return the name of the file that holds what these very files showed with these very versions."""
    sides = [(variant.id, variant.side) for variant in topic.variants]  # they are declared outside of the folder
    state = hashlib.sha256(f"{versions()}\n{sides!r}\n{topic.fingerprint}".encode())
    return f"{topic.slug}.{state.hexdigest()[:32]}.json"

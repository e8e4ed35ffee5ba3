"""Keeps what the demos answered and the checks found, for the next start with the same files and the same versions.

Only results that are as declared are kept: what failed is run again. Runs nothing; a folder that cannot be used costs
time and nothing else, and a file that cannot be read is as good as none.
"""

from __future__ import annotations

import hashlib
import logging
import os
import platform
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic import dataclasses as checked

from explorer.demos import CheckResult
from explorer.topics import Exchange, Topic

logger = logging.getLogger("explorer")

EACH = 3
"""Files that are kept of one topic: it may be served from several folders in turn."""


@checked.dataclass(frozen=True, slots=True, config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))
class Kept:
    """What one topic's evidence showed."""

    exchanges: Mapping[str, tuple[Exchange, ...]]
    """By scenario, in the order of the topic's variants."""
    checks: tuple[CheckResult, ...]
    ran_at: datetime


_KEPT = TypeAdapter(Kept)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of results, one file a topic and state of its files."""

    folder: Path | None
    """None keeps nothing."""

    def find(self, topic: Topic) -> Kept | None:
        """Return what these very files showed with these very versions, None if it is not known."""
        if self.folder is None:
            return None
        try:
            return _KEPT.validate_json(self._file(topic).read_bytes())
        except (OSError, ValidationError):
            return None

    def keep(self, topic: Topic, kept: Kept) -> None:
        """Keep results for the next start. A reader never sees half a file."""
        if self.folder is None:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".", delete=False) as file:
                file.write(_KEPT.dump_json(kept))
            Path(file.name).replace(self._file(topic))
            older = sorted(self.folder.glob(f"{topic.slug}.*.json"), key=lambda path: path.stat().st_mtime)
            for path in older[:-EACH]:
                path.unlink(missing_ok=True)
        except OSError as error:
            logger.warning("results cannot be kept in %s: %s", self.folder, error.strerror)

    def _file(self, topic: Topic) -> Path:
        assert self.folder is not None
        sides = [(variant.id, variant.side) for variant in topic.variants]  # they are declared outside of the folder
        state = hashlib.sha256(f"{_versions()}\n{sides!r}".encode())
        for path in sorted(topic.folder.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                state.update(f"{path.relative_to(topic.folder)}\0".encode())
                state.update(hashlib.sha256(path.read_bytes()).digest())
        return self.folder / f"{topic.slug}.{state.hexdigest()[:32]}.json"


@cache
def _versions() -> str:
    """Return a text that is another one wherever Python, an installed package or our own code is."""
    ours = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        ours.update(path.read_bytes())
    installed = {
        entry.name
        for place in sys.path
        if Path(place).is_dir()
        for entry in os.scandir(place)
        if entry.name.endswith(".dist-info")
    }
    return "\n".join([sys.version, platform.platform(), ours.hexdigest(), *sorted(installed)])

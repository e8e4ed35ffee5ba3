"""Texts that are others wherever what they stand for is: a folder's files, the versions that run.

Keys of what is kept between starts are made of them. Keeps nothing.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path


def folder_state(folder: Path) -> str:
    """Return a text that is another one wherever a file of a folder is; where the folder lies does not matter."""
    state = hashlib.sha256()
    for name, path in sorted(_files(str(folder), "")):
        with open(path, "rb") as file:  # noqa: PTH123 -- a thousand topics are read at a start
            state.update(f"{name}\0".encode() + hashlib.sha256(file.read()).digest())
    return state.hexdigest()


def _files(folder: str, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in os.scandir(folder):
        if entry.is_dir():
            yield from _files(entry.path, f"{prefix}{entry.name}/")
        elif not entry.name.endswith(".pyc"):
            yield prefix + entry.name, entry.path


@cache
def versions() -> str:
    """Return a text that is another one wherever Python, an installed package or our own code is."""
    installed = {
        entry.name
        for place in sys.path
        if Path(place).is_dir()
        for entry in os.scandir(place or ".")  # the working folder, under `python -c`
        if entry.name.endswith(".dist-info")
    }
    own_code = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        own_code.update(path.read_bytes())
    return "\n".join([sys.version, platform.machine(), own_code.hexdigest(), *sorted(installed)])

"""Whether a folder can be written to: asked by writing, since rights alone tell neither a full nor a broken disk."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path

LEAST = 64 * 1024 * 1024
"""Bytes that should be free: SQLite's log may grow so long before it is put back."""

_WORDS = {
    errno.ENOSPC: "its disk is full",
    errno.EDQUOT: "its quota is used up",
    errno.EROFS: "it is read-only",
    errno.EACCES: "this user may not write there",
    errno.EPERM: "this user may not write there",
    errno.EIO: "its disk gives errors",
    errno.ENOTDIR: "it is not a folder",
}


def folder_problem(folder: Path) -> str | None:
    """Return in words what is wrong with a folder, None if nothing is or there is no such folder yet. Blocks."""
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            file.write(b"\0" * 4096)
        free = shutil.disk_usage(folder).free
    except FileNotFoundError:
        return None
    except OSError as error:
        why = _WORDS.get(error.errno or 0) or os.strerror(error.errno or 0)
        return f"The folder {folder} cannot be written to: {why}."
    return f"The disk of the folder {folder} has {free // 1024**2} MiB left." if free < LEAST else None

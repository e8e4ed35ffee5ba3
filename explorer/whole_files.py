"""Files that are kept to save time, whole or not at all. A folder that cannot be used costs time, nothing else."""

from __future__ import annotations

import logging
import tempfile
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger("explorer")


def keep_whole(path: Path, body: bytes, what: str) -> bool:
    """Write a file, with the folders it needs, and tell whether it worked; a reader never sees half of it.

    `what` stands in the log where it cannot be written: "results".
    """
    made = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            made = Path(file.name)
            file.write(body)
        made.replace(path)
    except OSError as error:
        if made:
            with suppress(OSError):
                made.unlink(missing_ok=True)
        logger.warning("%s cannot be kept in %s: %s", what, path.parent, error.strerror)
        return False
    return True

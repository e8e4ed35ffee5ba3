"""Keeps what a demo's own thread raises out of this site's standard error: a reader sees it as lines that are missing.

Everything else that a thread raises goes where it went before.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection
from types import TracebackType


class Silence:
    """The hook for exceptions that end a thread, while demos are loaded."""

    def __init__(self) -> None:
        """Put the hook in place."""
        self._names: Counter[str] = Counter()
        self._next = threading.excepthook
        threading.excepthook = self._hook

    def add(self, names: Collection[str]) -> None:
        """Add the names of a demo's modules."""
        self._names.update(names)

    def remove(self, names: Collection[str]) -> None:
        """Remove the names of a forgotten demo's modules; others may have modules of the same name."""
        for name in names:
            self._names[name] -= 1
            if self._names[name] <= 0:
                del self._names[name]

    def close(self) -> None:
        """Take the hook away, unless something else was put on top of it."""
        if threading.excepthook == self._hook:
            threading.excepthook = self._next

    def _hook(self, args: threading.ExceptHookArgs) -> None:
        if not self._is_theirs(args.exc_traceback):
            self._next(args)

    def _is_theirs(self, traceback: TracebackType | None) -> bool:
        while traceback:
            if traceback.tb_frame.f_globals.get("__name__") in self._names:
                return True
            traceback = traceback.tb_next
        return False

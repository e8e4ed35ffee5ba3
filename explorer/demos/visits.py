"""What one visitor's use of a mounted demo leaves behind: its state and cookies, bounded and for a while.

Kept in the memory of this process and nowhere else. Knows no request; who holds the key is the visitor.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from explorer.demos.state import Snapshot
from explorer.demos.steps import Memory

VISITS = 256
"""Visits that are kept; the least recent one goes first."""
VISIT_BYTES = 128 * 1024
"""What one visit may keep; a bigger one starts over."""
VISIT_SECONDS = 15 * 60.0
"""How long a visit is kept after its last request."""

Key = tuple[str, str, str]
"""Topic, variant, token."""


@dataclass(slots=True)
class Visit:
    """One visitor at one demo."""

    snapshot: Snapshot | None = None
    """None: as after import."""
    memory: Memory = field(default_factory=Memory)
    used: float = 0.0

    @property
    def size(self) -> int:
        """Return about how many bytes it takes."""
        cookies = sum(len(name) + len(value) for name, value in self.memory.cookies.items())
        return cookies + (self.snapshot.size if self.snapshot else 0)


class Visits:
    """All visits of one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without visits. `clock` returns seconds."""
        self.clock = clock
        self._visits: OrderedDict[Key, Visit] = OrderedDict()

    def find(self, key: Key) -> Visit:
        """Return a visit, a fresh one if there is none or it expired."""
        visit = self._visits.get(key)
        if visit is None or self.clock() - visit.used > VISIT_SECONDS:
            return Visit()
        return visit

    def keep(self, key: Key, visit: Visit) -> None:
        """Keep a visit after a request, within the limits."""
        self.forget(key)
        if visit.size > VISIT_BYTES:
            return
        visit.used = self.clock()
        self._visits[key] = visit
        while len(self._visits) > VISITS or self.clock() - next(iter(self._visits.values())).used > VISIT_SECONDS:
            self._visits.popitem(last=False)

    def forget(self, key: Key) -> None:
        """Let a visit start over."""
        self._visits.pop(key, None)

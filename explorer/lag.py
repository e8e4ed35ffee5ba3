"""How late the event loop is: a sleeper that is woken late tells that everybody waits.

Measures and warns; what blocks the loop it does not know.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable

logger = logging.getLogger("explorer")

EVERY = 0.25
"""Seconds between two samples."""
LONG = 1.0
"""Seconds from which it is worth a warning."""
MINUTE = 60.0
"""Seconds between two warnings at least, and for which a sample counts."""


class LoopLag:
    """The lag of one process's event loop."""

    def __init__(self, observe: Callable[[float], None]) -> None:
        """Hand each sample, in seconds, to `observe`."""
        self._observe = observe
        self._long: deque[tuple[float, float]] = deque(maxlen=int(MINUTE / LONG) + 1)
        self._warned = -MINUTE

    @property
    def worst(self) -> float:
        """Return the longest lag of the last minute if it was long, else 0. Seconds."""
        since = time.monotonic() - MINUTE
        return max((lag for at, lag in self._long if at > since), default=0.0)

    async def watch(self) -> None:
        """Sample until cancelled."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(EVERY)
            self.take(time.monotonic() - before - EVERY)

    def take(self, lag: float) -> None:
        """Take one sample, in seconds."""
        self._observe(max(lag, 0.0))
        if lag < LONG:
            return
        now = time.monotonic()
        self._long.append((now, lag))
        if now - self._warned >= MINUTE:
            self._warned = now
            logger.warning("the event loop stood still for %.1f seconds: every reader waited", lag)

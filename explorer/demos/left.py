"""What a call leaves running after the answer: threads that it started, jobs in the demo's pools.

Waits for it, since Python cannot end a thread. A thread is the demo's if code of its modules is on the thread's stack,
or if it has not come further than its start; one that runs a library's function alone is not noticed.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import FrameType

TICK = 0.01
"""Seconds between two looks at what still runs."""


class Left:
    """What is running that was not when this was made."""

    def __init__(self, modules: Collection[str] = (), pools: Sequence[ThreadPoolExecutor] = ()) -> None:
        """Note which threads run now: make it before the call. `modules` and `pools` are those of the demo."""
        self._before = set(threading.enumerate())
        self._modules = frozenset(modules)
        self._pools = pools
        self._jobs: list[Future[int]] | None = None

    @property
    def working(self) -> bool:
        """Tell whether a thread or a job has not ended."""
        if self._jobs is None:
            self._jobs = [job for pool in self._pools for job in _last_jobs(pool)]
        self._jobs = [job for job in self._jobs if not job.done()]
        return bool(self._jobs) or self._has_thread()

    def _has_thread(self) -> bool:
        new = {thread.ident for thread in threading.enumerate() if thread not in self._before}
        frames = (frame for ident, frame in sys._current_frames().items() if ident in new) if new else ()
        for frame in frames:
            names = set(_modules(frame))
            if names <= {"threading"} or names & self._modules:
                return True
        return False

    async def ended(self, seconds: float) -> bool:
        """Wait `seconds` at most; tell whether all of it has ended."""
        deadline = asyncio.get_running_loop().time() + seconds
        while working := self.working:
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(TICK)
        return not working


def _modules(frame: FrameType | None) -> Iterator[str]:
    while frame:
        yield frame.f_globals.get("__name__", "")
        frame = frame.f_back


def _last_jobs(pool: ThreadPoolExecutor) -> list[Future[int]]:
    """Hand one job to each thread of a pool; each waits for the others, so all earlier jobs are over when they are."""
    size = pool._max_workers  # a pool tells its size nowhere else
    meeting = threading.Barrier(size)
    try:
        return [pool.submit(meeting.wait, 5) for _ in range(size)]
    except RuntimeError:  # shut down
        return []

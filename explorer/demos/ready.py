"""One demo that is ready: its turn, its calls, and the work that it does after an answer.

A demo that keeps state answers one request at a time, and a request is over when its work is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from explorer.demos import loading
from explorer.demos.answers import Answer, Watch
from explorer.demos.lifespans import Lifespan
from explorer.demos.state import StateLost
from explorer.topics import Failure, Request

AFTER_SECONDS = 5.0
"""How long work after the answer may go on while the demo's turn is held for it."""

FAILED_SECONDS = 0.3
"""The same where there was no complete answer."""


class Caller(Protocol):
    """Calls one application."""

    @property
    def working(self) -> bool:
        """Tell whether the last call's work goes on after its answer."""

    async def rest(self, seconds: float) -> bool:
        """Wait for the end of that work; tell whether it has ended."""

    async def call(self, request: Request, answer: Answer, seconds: float, host: str, root_path: str) -> None:
        """Send a request and fill the answer."""


@dataclass(slots=True)
class Ready:
    """A loaded demo with what calls it; `lock` is there if it keeps state."""

    demo: loading.Demo
    caller: Caller
    lock: asyncio.Lock | None
    lifespan: Lifespan | None = None
    late: bool = False
    """The last call's work had not ended when its time was over."""

    @asynccontextmanager
    async def turn(self, seconds: float) -> AsyncIterator[None]:
        """Hold the demo if it keeps state. Raises Refused if it is not free in time."""
        if self.lock is None:
            yield
            return
        try:
            async with asyncio.timeout(seconds):
                await self.lock.acquire()
        except TimeoutError:
            failure = Failure("busy", "An earlier request still occupies this demo. Try again soon.")
            raise Refused(failure) from None
        try:
            if self.caller.working:
                failure = Failure("busy", "Work of an earlier request has not ended at this demo. Try again soon.")
                raise Refused(failure)
            yield
        finally:
            self.lock.release()

    @asynccontextmanager
    async def life(self, seconds: float) -> AsyncIterator[None]:
        """Run the lifespan, if there is one, around what is called meanwhile. Raises Refused if its startup fails."""
        try:
            if failure := self.lifespan and await self.lifespan.begin(seconds):
                raise Refused(failure)
            yield
        finally:
            await self._end()

    async def _end(self) -> None:
        if self.lifespan:
            await self.lifespan.end()

    async def call(
        self,
        request: Request,
        seconds: float,
        limit: int,
        host: str,
        root_path: str = "",
        watch: Watch | None = None,
        last: bool = False,
    ) -> Answer:
        """Send a request and return the answer, `limit` bytes of it, once the work after it is done too.

        The `last` one of a life waits for its end as well.
        """
        answer = Answer(limit, watch, request.leave)
        await self.caller.call(request, answer, seconds, host, root_path)
        if self.lock:
            self.late = not await self.caller.rest(FAILED_SECONDS if answer.failure else AFTER_SECONDS)
        if last:
            await self._end()
        return answer


class Refused(Exception):
    """A demo was not called; the failure says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


def failure_of(error: Refused | StateLost) -> Failure:
    """Return why a demo was not called."""
    if isinstance(error, Refused):
        return error.failure
    return Failure("unavailable", f"What this demo keeps could not be put back: {error}.")

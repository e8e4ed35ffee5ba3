"""The life of an ASGI application around a call: startup before its first request, shutdown after its work.

A demo that keeps state is put back before each call, as if its process began anew; so its lifespan begins anew too.
Sends no request. An application without a lifespan is left alone, as a server would.
"""

from __future__ import annotations

import asyncio
from typing import Any

from explorer.demos.answers import timeout
from explorer.demos.asgi import DemoLoop
from explorer.demos.work import ENDING, Application, Message, Work
from explorer.topics import Failure

END_SECONDS = 1.0
"""Time that a shutdown has; one that takes longer is cancelled."""
GRACE = 0.3
"""Seconds after which a loop that does not answer counts as stuck."""


class Lifespan:
    """The lifespan of one application on the demos' loop: one life at a time."""

    def __init__(self, app: Application, loop: DemoLoop, state: dict[str, Any]) -> None:
        """Prepare the lives of `app`; what a startup yields is put into `state`."""
        self._app = app
        self._loop = loop
        self._state = state
        self._life: _Life | None = None

    async def begin(self, seconds: float) -> Failure | None:
        """Run the startup within `seconds`; return why no request can follow, None if one can."""
        self._state.clear()
        life = self._life = _Life(self._state)
        done = self._loop.submit(life.begin(self._app, seconds))
        await asyncio.wait({asyncio.wrap_future(done)}, timeout=seconds + GRACE)
        if done.cancelled():
            return Failure("busy", "Another demo blocked the event loop that this one ran on. Try again.")
        if done.done():
            return done.result()
        await self._loop.replace_if_stuck()
        return timeout(seconds, started=False)

    async def end(self) -> None:
        """Run the shutdown of the life that is open, if any. What it raises is the demo's own affair."""
        life, self._life = self._life, None
        if life and life.loop is self._loop.current:
            done = self._loop.submit(life.end(END_SECONDS))
            await asyncio.wait({asyncio.wrap_future(done)}, timeout=END_SECONDS + GRACE)
            if not done.done():
                await self._loop.replace_if_stuck()


class _Life:
    """One run of a lifespan, on the demos' loop."""

    def __init__(self, state: dict[str, Any]) -> None:
        self._state = state
        self.loop: asyncio.AbstractEventLoop | None = None
        self._inbox = asyncio.Queue[Message]()
        self._told = asyncio.Queue[Message]()
        self._task: asyncio.Task[None] | None = None

    async def begin(self, app: Application, seconds: float) -> Failure | None:
        """Send the startup and wait until the application says what came of it."""
        self.loop = asyncio.get_running_loop()
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        self._task, _ = Work().start(app, scope, self._inbox.get, self._told.put)
        said = await self._answer("startup", seconds)
        if said is None and not self._task.done():
            self._task.cancel()
            return timeout(seconds, started=False)
        if said and said["type"] == "lifespan.startup.failed":
            reason = (str(said.get("message", "")).strip().splitlines() or ["no reason given"])[-1]
            return Failure("crashed", f"Its startup failed, and a server would end here: {reason}"[:300])
        return None

    async def end(self, seconds: float) -> None:
        """Send the shutdown and wait for its end."""
        if self._task and not self._task.done():
            await self._answer("shutdown", seconds)
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=ENDING)

    async def _answer(self, event: str, seconds: float) -> Message | None:
        """Return what the application says to an event; None if it ends or its time does."""
        assert self._task
        self._inbox.put_nowait({"type": f"lifespan.{event}"})
        said = asyncio.ensure_future(self._told.get())
        await asyncio.wait({said, self._task}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if said.done():
            return said.result()
        said.cancel()
        return self._told.get_nowait() if not self._told.empty() else None

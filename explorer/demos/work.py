"""What an ASGI application does for one call, as a task on the demos' loop: until its answer, and after it.

Knows neither requests nor sockets. The task runs in an empty context, so nothing leaks either way.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

ENDING = 0.1
"""Seconds that an application has to clean up once it was told that the client is gone."""

Message = MutableMapping[str, Any]
Application = Callable[..., Awaitable[None]]

_unfinished: set[asyncio.Task[None]] = set()


class Work:
    """The task of one call."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._task: asyncio.Task[None] | None = None
        self._complete: asyncio.Future[None] | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    def start(
        self,
        app: Application,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> tuple[asyncio.Task[None], asyncio.Future[None]]:
        """Run the application on this loop; return its task and a future that `answered` ends."""
        self.loop = asyncio.get_running_loop()

        async def application() -> None:
            try:
                await app(scope, receive, send)
            except (SystemExit, KeyboardInterrupt) as error:  # asyncio would end the loop with them
                raise RuntimeError(f"{type(error).__name__}: {error}") from error

        self._complete = self.loop.create_future()
        self._task = self.loop.create_task(application(), context=contextvars.Context())
        _unfinished.add(self._task)
        self._task.add_done_callback(_reap)
        return self._task, self._complete

    def answered(self) -> None:
        """Say that the answer is complete, or that nobody waits for more of it."""
        if self._complete and not self._complete.done():
            self._complete.set_result(None)

    def end_soon(self) -> None:
        """Do the same from another thread."""
        if self.loop and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.answered)

    async def leave(self) -> None:
        """Give the application a moment to see that the client is gone, then cancel it."""
        if self._task:
            await asyncio.wait({self._task}, timeout=ENDING)
        self.cancel()

    def cancel(self) -> None:
        """Cancel the application."""
        if self._task:
            self._task.cancel()

    @property
    def error(self) -> BaseException:
        """Return what ended the task: what it raised, or that it returned too early."""
        task = self._task
        if task is None or task.cancelled():
            return asyncio.CancelledError()
        return task.exception() or RuntimeError("the application returned without a complete answer")

    @property
    def working(self) -> bool:
        """Tell whether it goes on; on a loop that was left behind it ends with the loop."""
        return bool(self._task and self.loop and not self._task.done() and self.loop.is_running())

    async def rest(self, seconds: float) -> bool:
        """Wait for its end and cancel it after `seconds`; tell whether it came in time. Runs on the task's loop."""
        if self._task:
            await asyncio.wait({self._task}, timeout=seconds)
            if self._task.cancel():
                await asyncio.wait({self._task}, timeout=ENDING)
                return False
        return True


def _reap(task: asyncio.Task[None]) -> None:
    _unfinished.discard(task)
    if not task.cancelled():
        task.exception()  # retrieved, so that asyncio does not log it as never retrieved

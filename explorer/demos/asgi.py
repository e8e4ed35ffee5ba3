"""Calls an ASGI application in process, on an event loop of its own thread.

A view that blocks the loop blocks other ASGI demos at worst, never the site; a stuck loop is replaced.
Builds the scope by hand; each call runs in a fresh task with an empty context, so nothing leaks either way.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote

from explorer.demos.answers import Answer, crash, timeout
from explorer.demos.hosts import name_and_port
from explorer.topics import Failure, Request

STUCK_LIMIT = 8
"""Loops that may be stuck at the same time before ASGI demos are refused."""
CHUNK = 64 * 1024
"""Bytes of a chunked body that arrive at once, as uvicorn hands them on."""
ENDING = 0.1
"""Seconds in which the calls on a loop that ends may clean up."""

T = TypeVar("T")
Message = MutableMapping[str, Any]
Application = Callable[..., Awaitable[None]]


class DemoLoop:
    """The event loop on which ASGI demos run, in a thread that can be left behind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stuck: list[threading.Thread] = []
        self._start()

    def _start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=_run, args=(self._loop,), name="demo-asgi", daemon=True)
        self._thread.start()

    @property
    def current(self) -> asyncio.AbstractEventLoop:
        """Return the loop that runs demos now."""
        return self._loop

    @property
    def overloaded(self) -> bool:
        """Tell whether too many abandoned loops are still blocked."""
        self._stuck = [thread for thread in self._stuck if thread.is_alive()]
        return len(self._stuck) >= STUCK_LIMIT

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine on the loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    async def replace_if_stuck(self) -> None:
        """Start a new loop if the current one does not answer within 0.2 s."""
        loop, alive = self._loop, Future[None]()
        loop.call_soon_threadsafe(alive.set_result, None)
        await asyncio.wait({asyncio.wrap_future(alive)}, timeout=0.2)
        with self._lock:
            if not alive.done() and loop is self._loop:
                loop.call_soon_threadsafe(loop.stop)
                self._stuck.append(self._thread)
                self._start()

    def close(self) -> None:
        """Stop the loop; calls that still run are dropped."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(1)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """Run a loop until it is stopped, and close it: also one that was left behind, once it is free again."""
    loop.run_forever()
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks, timeout=ENDING))
    loop.close()


class AsgiCaller:
    """Calls one ASGI application within a time and size limit."""

    def __init__(self, app: Application, loop: DemoLoop) -> None:
        self._app = app
        self._loop = loop
        self._last = Work()

    @property
    def working(self) -> bool:
        """Tell whether the last call's application still runs after its answer."""
        return self._last.working

    async def rest(self, seconds: float) -> bool:
        """Wait until the last call's application has returned, and end it where it is late; tell whether it has."""
        if self.working and self._last.loop is self._loop.current:
            done = self._loop.submit(self._last.rest(seconds))
            await asyncio.wait({asyncio.wrap_future(done)}, timeout=seconds + 0.5)
            if done.done():
                return done.result()
            await self._loop.replace_if_stuck()
        return not self.working

    async def call(self, request: Request, answer: Answer, seconds: float, host: str, root_path: str) -> None:
        """Send a request and fill `answer`. `seconds` is the time limit; never raises for what the demo does."""
        if self._loop.overloaded:
            answer.failure = Failure("busy", "Earlier requests still block the demos' event loops. Try again soon.")
            return
        # the loop's thread may outlive the call: it must not touch what was handed back
        private = Answer(answer.limit, answer.watch)
        call = _Call(private, request)
        self._last = call.work
        done = self._loop.submit(call.run(self._app, _scope(request, host, root_path), seconds))
        await asyncio.wait({asyncio.wrap_future(done)}, timeout=seconds + 0.3)
        if not done.done():
            answer.failure = timeout(seconds, started=False)
            await self._loop.replace_if_stuck()
            return
        done.result()
        answer.take(private)


@dataclass(slots=True)
class Work:
    """What an application does for one call: until its answer, and after it."""

    task: asyncio.Task[None] | None = None
    loop: asyncio.AbstractEventLoop | None = None

    @property
    def working(self) -> bool:
        """Tell whether it goes on; on a loop that was left behind it ends with the loop."""
        return bool(self.task and self.loop and not self.task.done() and self.loop.is_running())

    async def rest(self, seconds: float) -> bool:
        """Wait for its end and cancel it after `seconds`; tell whether it came in time. Runs on the task's loop."""
        if self.task:
            await asyncio.wait({self.task}, timeout=seconds)
            if self.task.cancel():
                await asyncio.wait({self.task}, timeout=0.1)
                return False
        return True


class _Call:
    """One request on the demos' loop."""

    def __init__(self, answer: Answer, request: Request) -> None:
        self._answer = answer
        self._waiting = _pieces(request.content, CHUNK if request.chunked else None)
        self._complete: asyncio.Future[None] | None = None
        self._gone = asyncio.Event()
        self.work = Work()

    async def run(self, app: Application, scope: Message, seconds: float) -> None:
        """Run the application until the answer is complete, too long or late. Work after the answer may go on."""
        loop = asyncio.get_running_loop()

        async def application() -> None:
            try:
                await app(scope, self._receive, self._send)
            except (SystemExit, KeyboardInterrupt) as error:  # asyncio would end the loop with them
                raise RuntimeError(f"{type(error).__name__}: {error}") from error

        complete = self._complete = loop.create_future()
        task = loop.create_task(application(), context=contextvars.Context())
        self.work.task, self.work.loop = task, loop
        await asyncio.wait({task, complete}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        answer = self._answer
        if complete.done():
            if answer.truncated:
                task.cancel()
        elif task.done():
            error = asyncio.CancelledError() if task.cancelled() else task.exception()
            error = error or RuntimeError("the application returned without a complete answer")
            answer.cut(crash(error, started=bool(answer.status)))
        else:
            answer.cut(timeout(seconds, started=bool(answer.status)))
            task.cancel()
        self._gone.set()
        _unfinished.add(task)
        task.add_done_callback(_reap)

    async def _receive(self) -> Message:
        if self._waiting:
            body = self._waiting.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(self._waiting)}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message.get("more_body", False):
            # A stream that never waits would otherwise hold the loop and outlive its cancellation.
            await asyncio.sleep(0)
        if self._gone.is_set():
            return
        if message["type"] == "http.response.start":
            headers = message.get("headers", ())
            self._answer.start(message["status"], ((k.decode("latin-1"), v.decode("latin-1")) for k, v in headers))
        elif message["type"] == "http.response.body" and (
            not self._answer.add(message.get("body", b"")) or not message.get("more_body", False)
        ):
            self._finish()

    def _finish(self) -> None:
        self._answer.complete()
        if self._complete and not self._complete.done():
            self._complete.set_result(None)


def _pieces(body: bytes, size: int | None) -> list[bytes]:
    """Return a body in pieces of `size` bytes, in one if there is none; an empty one is a piece too."""
    return [body[start : start + size] for start in range(0, len(body), size)] or [body] if size else [body]


_unfinished: set[asyncio.Task[None]] = set()


def _reap(task: asyncio.Task[None]) -> None:
    _unfinished.discard(task)
    if not task.cancelled():
        task.exception()  # retrieved, so that asyncio does not log it as never retrieved


def _scope(request: Request, host: str, root_path: str) -> Message:
    """Return the scope that uvicorn would build, less what belongs to a connection."""
    headers = [(b"host", host.encode("latin-1"))]
    headers += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request.fields]
    if not request.chunked and (size := len(request.content)):
        headers.append((b"content-length", str(size).encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": root_path + unquote(request.path),
        "raw_path": (root_path + request.path).encode("ascii"),
        "query_string": request.query.encode("ascii"),
        "root_path": root_path,
        "headers": headers,
        "client": ("127.0.0.1", 0),
        "server": name_and_port(host),
        "state": {},
    }

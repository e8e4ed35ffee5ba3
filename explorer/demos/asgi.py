"""Calls an ASGI application in process, on an event loop of its own thread.

A view that blocks the loop blocks other ASGI demos at worst, never the site; a stuck loop is replaced.
Builds the scope by hand; each call runs in a fresh task with an empty context, so nothing leaks either way.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar
from urllib.parse import unquote

from explorer.demos.answers import Answer, crash, timeout
from explorer.demos.connection import Connection, subprotocols
from explorer.demos.hosts import name_and_port
from explorer.demos.work import ENDING, Application, Message, Work
from explorer.topics import Failure, Request

STUCK_LIMIT = 8
"""Loops that may be stuck at the same time before ASGI demos are refused."""
CHUNK = 64 * 1024
"""Bytes of a chunked body that arrive at once, as uvicorn hands them on."""
T = TypeVar("T")
KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
"""The same in each handshake, so that each answer is the same."""


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
        self.state: dict[str, Any] = {}
        """What the application's lifespan yielded; each request gets a copy."""

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
        private = Answer(answer.limit, answer.watch, answer.leave)
        call = Connection(private, request.messages) if request.is_socket else _Call(private, request)
        self._last = call.work
        scope: Message = {**_scope(request, host, root_path), "state": dict(self.state)}
        done = self._loop.submit(call.run(self._app, scope, seconds))
        await asyncio.wait({asyncio.wrap_future(done)}, timeout=seconds + 0.3 + ENDING)
        if not done.done():
            answer.failure = timeout(seconds, started=False)
            await self._loop.replace_if_stuck()
            return
        if done.cancelled():
            answer.failure = Failure("busy", "Another demo blocked the event loop that this one ran on. Try again.")
            return
        done.result()
        answer.take(private)


class _Call:
    """One request on the demos' loop."""

    def __init__(self, answer: Answer, request: Request) -> None:
        self._answer = answer
        self._waiting = _pieces(request.content, CHUNK if request.chunked else None)
        self._gone = asyncio.Event()
        self.work = Work()

    async def run(self, app: Application, scope: Message, seconds: float) -> None:
        """Run the application until the answer is complete, too long or late. Work after the answer may go on."""
        task, complete = self.work.start(app, scope, self._receive, self._send)
        if self._answer.watch:
            self._answer.watch.on_stop(self.work.end_soon)
        await asyncio.wait({task, complete}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        answer = self._answer
        late = False
        if answer.watch and answer.watch.stopped:
            answer.complete()
        elif task.done() and not complete.done():
            answer.cut(crash(self.work.error, started=bool(answer.status)))
        elif not complete.done():
            late = True
            answer.cut(timeout(seconds, started=bool(answer.status)))
        self._gone.set()
        if answer.left:
            await self.work.leave()
        elif late or answer.truncated:
            self.work.cancel()

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
            not self._answer.add(message.get("body", b""))
            or self._answer.unfinished
            or not message.get("more_body", False)
        ):
            self._answer.complete()
            self.work.answered()


def _pieces(body: bytes, size: int | None) -> list[bytes]:
    """Return a body in pieces of `size` bytes, in one if there is none; an empty one is a piece too."""
    return [body[start : start + size] for start in range(0, len(body), size)] or [body] if size else [body]


def _scope(request: Request, host: str, root_path: str) -> Message:
    """Return the scope that uvicorn would build, less what belongs to a connection."""
    headers = [(b"host", host.encode("latin-1"))]
    headers += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request.fields]
    if request.is_socket:
        headers += [(b"upgrade", b"websocket"), (b"connection", b"Upgrade")]
        headers += [(b"sec-websocket-key", KEY), (b"sec-websocket-version", b"13")]
    elif not request.chunked and (size := len(request.content)):
        headers.append((b"content-length", str(size).encode()))
    kind = {"type": "websocket", "scheme": "ws", "subprotocols": subprotocols(request)} if request.is_socket else {}
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
        **kind,
    }

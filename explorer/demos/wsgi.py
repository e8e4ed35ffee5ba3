"""Calls a WSGI application in process, on a thread of its own pool.

Builds the environ by hand as a server would from the bytes of a request. Each call runs in an empty context, so
that nothing leaks through the thread. Python threads cannot be killed: a view that hangs keeps its thread until it
returns, so each demo may occupy a few threads only.
"""

from __future__ import annotations

import asyncio
import contextvars
import io
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import unquote_to_bytes

from explorer.demos.answers import Answer, crash, timeout
from explorer.demos.hosts import name_and_port
from explorer.demos.left import Left
from explorer.demos.wire import Wire
from explorer.topics import Failure, Request

SLACK = 1.0
"""Seconds that a live stream gets after its time: it ends at its next chunk."""
THREADS_PER_DEMO = 4
THREADS = 32

Environ = dict[str, Any]


class WsgiCaller:
    """Calls one WSGI application within a time and size limit."""

    def __init__(
        self,
        app: Callable[..., Any],
        threads: Executor,
        modules: Collection[str] = (),
        pools: Sequence[ThreadPoolExecutor] = (),
    ) -> None:
        """Call `app` on `threads`. The demo's `modules` and `pools` tell what it leaves running."""
        self._app = app
        self._threads = threads
        self._demo = (modules, pools)
        self._slots = threading.BoundedSemaphore(THREADS_PER_DEMO)
        self._left = Left()

    @property
    def working(self) -> bool:
        """Tell whether threads that the last call started, or jobs it handed to a pool, still run."""
        return self._left.working

    async def rest(self, seconds: float) -> bool:
        """Wait until what the last call started has ended, `seconds` at most; tell whether it has."""
        return await self._left.ended(seconds)

    async def call(self, request: Request, answer: Answer, seconds: float, host: str, root_path: str) -> None:
        """Send a request and fill `answer`. `seconds` is the time limit; never raises for what the demo does."""
        if not self._slots.acquire(blocking=False):
            answer.failure = Failure(
                "busy", "Earlier requests still occupy all of this demo's threads. Try again soon."
            )
            return
        given_up = threading.Event()
        # the thread may outlive the call: it must not touch what was handed back
        private = Answer(answer.limit, None if request.is_socket else answer.watch, answer.leave)
        self._left = Left(*self._demo)
        environ = _environ(request, host, root_path)
        wire = Wire(answer, request, host, root_path) if request.is_socket else None
        if wire:
            environ |= _headers(wire.headers) | {"gunicorn.socket": wire.theirs}
        loop = asyncio.get_running_loop()
        run, deadline = contextvars.Context().run, time.monotonic() + seconds
        future = loop.run_in_executor(self._threads, run, self._run, environ, private, deadline, seconds, given_up)
        if wire and await wire.talk(future, seconds):
            given_up.set()
            return
        await asyncio.wait({future}, timeout=seconds + (SLACK if answer.watch and answer.watch.most else 0.1))
        if not future.done():
            given_up.set()
            answer.failure = timeout(seconds, started=False)
            return
        future.result()
        answer.take(private)
        if wire:
            answer.complete()

    def _run(
        self, environ: Environ, answer: Answer, deadline: float, seconds: float, given_up: threading.Event
    ) -> None:
        def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:
            answer.start(int(status.split(" ", 1)[0]), headers)
            return answer.add

        chunks: Any = None
        try:
            if given_up.is_set():  # it waited for a thread for too long, and another call may have the demo's state
                return
            chunks = self._app(environ, start_response)
            for chunk in chunks:
                if not answer.add(chunk):
                    break
                if given_up.is_set() or time.monotonic() > deadline:
                    answer.cut(timeout(seconds, started=True))
                    break
            if not answer.status:
                raise RuntimeError("start_response was not called")
            answer.complete()
        except BaseException as error:  # whatever a demo raises is a result; SystemExit would end the site
            if not answer.chunks:
                answer.status = 0  # a server sends the status with the first piece of the body
            answer.cut(crash(error, started=bool(answer.status)))
        finally:
            with suppress(BaseException):  # the answer is complete: a server would only log this
                if hasattr(chunks, "close"):
                    chunks.close()
            self._slots.release()


def _environ(request: Request, host: str, root_path: str) -> Environ:
    """Return the environ that gunicorn would build, less what belongs to a connection."""
    body = b"" if request.is_socket else request.content
    name, port = name_and_port(host)
    environ: Environ = {
        "REQUEST_METHOD": "GET" if request.is_socket else request.method,
        "SCRIPT_NAME": root_path,
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query,
        "RAW_URI": root_path + request.target,
        "SERVER_NAME": name,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if body and not request.chunked:
        environ["CONTENT_LENGTH"] = str(len(body))
    return environ | _headers(request.fields)


def _headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    environ: dict[str, str] = {}
    for name, value in headers:
        if "_" in name:
            continue  # gunicorn drops them: Content_Type would become Content-Type
        if name.lower() == "content-type":
            environ["CONTENT_TYPE"] = value
        else:
            key = f"HTTP_{name.upper().replace('-', '_')}"
            environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


Job = tuple["Future[Any]", Callable[..., Any], tuple[Any, ...]]


class DaemonThreads(Executor):
    """A few threads that never keep the process alive, unlike those of concurrent.futures.

    A demo that hangs would otherwise hold up SIGTERM for as long as it hangs.
    """

    def __init__(self, most: int = THREADS, idle: float | None = None) -> None:
        """Start no thread yet, and never more than `most`. One without a job ends after `idle` seconds, if given."""
        self._most = most
        self._rest = idle
        self._counting = threading.Lock()
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._started = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a function on an idle thread, on a new one, or once one is free."""
        future: Future[Any] = Future()
        self._jobs.put((future, fn, args))
        with self._counting:
            if not self._idle.acquire(blocking=False) and self._started < self._most:
                self._started += 1
                threading.Thread(target=self._work, name=f"demo-wsgi-{self._started}", daemon=True).start()
        return future

    def _next(self) -> Job | None:
        """Return the next job, None where there will be none or none came in time."""
        while True:
            try:
                return self._jobs.get(timeout=self._rest)
            except Empty:
                with self._counting:
                    if self._jobs.empty() and self._idle.acquire(blocking=False):
                        self._started -= 1
                        return None

    def _work(self) -> None:
        while (job := self._next()) is not None:
            future, fn, args = job
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(fn(*args))
                except BaseException as error:
                    future.set_exception(error)
            del future, fn, args, job
            self._idle.release()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let idle threads end; a thread that hangs is left to the end of the process."""
        for _ in range(self._started):
            self._jobs.put(None)

"""Facts that no request to the demos shows: two requests at once, and which thread runs what."""

import asyncio
import logging
import sys
import threading
import time
from collections.abc import MutableMapping
from inspect import signature
from typing import Annotated, Any
from unittest.mock import Mock

import anyio.from_thread
import anyio.to_thread
import uvicorn
from fastapi import Depends, FastAPI
from fastapi.concurrency import run_in_threadpool
from flask import Flask
from uvicorn._compat import asyncio_run
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

Message = MutableMapping[str, Any]


async def _get(app: FastAPI, path: str, done: list[str] | None = None) -> None:
    """Send a GET request as an ASGI server would, and note its path when the answer is complete."""

    async def receive() -> Message:
        await asyncio.sleep(10)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body") and done is not None:
            done.append(path)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
    await app({**scope, "asgi": {"spec_version": "2.4"}}, receive, send)


async def _both(app: FastAPI, *paths: str, done: list[str] | None = None) -> None:
    """Send requests at the same time."""
    await asyncio.gather(*(_get(app, path, done) for path in paths))


def _service() -> FastAPI:
    app = FastAPI()

    @app.get("/ping")
    async def ping() -> str:
        await asyncio.sleep(0.02)
        return "pong"

    @app.get("/plain")
    def plain() -> None:
        time.sleep(0.2)

    @app.get("/blocking")
    async def blocking() -> None:
        time.sleep(0.2)

    return app


def check_two_requests() -> None:
    """A short request that came second is answered first beside a `def` that blocks, last beside an `async def`."""
    for slow, order in (("/plain", ["/ping", "/plain"]), ("/blocking", ["/blocking", "/ping"])):
        done: list[str] = []
        asyncio.run(_both(_service(), slow, "/ping", done=done))
        assert done == order


def check_threads_of_fastapi() -> None:
    """`def` endpoints and `def` dependencies run on threads of a pool, `async def` ones on the loop's thread."""
    app, loop, on_loop = FastAPI(), threading.current_thread(), dict[str, bool]()

    def note(name: str) -> None:
        on_loop[name] = threading.current_thread() is loop

    def needed() -> None:
        note("def dependency")

    async def awaited() -> None:
        note("async dependency")

    @app.get("/a", dependencies=[Depends(needed)])
    async def endpoint() -> None:
        note("async endpoint")

    @app.get("/b", dependencies=[Depends(awaited)])
    def plain() -> None:
        note("def endpoint")

    asyncio.run(_both(app, "/a", "/b"))
    assert {name for name, there in on_loop.items() if there} == {"async dependency", "async endpoint"}
    assert {name for name, there in on_loop.items() if not there} == {"def dependency", "def endpoint"}


def check_threads_of_flask() -> None:
    """A `def` view runs on the server's thread, an `async def` view on another; a thread-local value stays behind."""
    app, here, local = Flask(__name__), threading.current_thread(), threading.local()
    seen: list[tuple[bool, bool]] = []

    @app.before_request
    def set_value() -> None:
        local.user = "Ada"

    def note() -> str:
        seen.append((threading.current_thread() is here, hasattr(local, "user")))
        return "ok"

    @app.get("/async")
    async def awaited() -> str:
        return note()

    app.get("/plain")(note)
    client = app.test_client()
    assert [client.get(path).status_code for path in ("/plain", "/async")] == [200, 200]
    assert seen == [(True, True), (False, False)]


def check_lost_update() -> None:
    """Two `def` requests that read before either writes lose one; between two awaits nothing comes in between."""
    app, together, counts = FastAPI(), threading.Barrier(2, timeout=5), {"def": 0, "async def": 0}

    @app.get("/plain")
    def plain() -> None:
        count = counts["def"]
        together.wait()
        counts["def"] = count + 1

    @app.get("/awaited")
    async def awaited() -> None:
        count = counts["async def"]
        time.sleep(0.01)
        counts["async def"] = count + 1

    asyncio.run(_both(app, "/plain", "/plain", "/awaited", "/awaited"))
    assert counts == {"def": 1, "async def": 2}


def check_await_lets_in() -> None:
    """An `await` between reading and writing loses an update in `async def`, too."""
    app, counts = FastAPI(), {"count": 0}

    @app.get("/")
    async def awaited() -> None:
        count = counts["count"]
        await asyncio.sleep(0.01)
        counts["count"] = count + 1

    asyncio.run(_both(app, "/", "/"))
    assert counts == {"count": 1}


def check_debug_mode() -> None:
    """In debug mode asyncio logs that a step of uvicorn's took longer than 0.1 s, and names no endpoint."""
    here, lines = threading.get_ident(), list[str]()

    def keep(record: logging.LogRecord) -> bool:
        if record.thread != here:
            return True
        lines.append(f"{record.levelname} {record.getMessage()}")
        return False

    app = FastAPI()

    @app.get("/")
    async def blocking() -> None:
        time.sleep(0.15)

    async def serve() -> bytes:
        asyncio.get_running_loop().set_debug(True)
        config = uvicorn.Config(app, log_config=None, access_log=False)
        config.load()
        connection, transport = H11Protocol(config, ServerState(), {}), Mock(asyncio.Transport)
        transport.get_extra_info.return_value = None
        transport.is_closing.return_value = False
        connection.connection_made(transport)
        connection.data_received(b"GET / HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n")
        await asyncio.gather(*connection.tasks)
        return b"".join(call.args[0] for call in transport.write.call_args_list)

    logger = logging.getLogger("asyncio")
    logger.addFilter(keep)
    try:
        assert asyncio.run(serve()).startswith(b"HTTP/1.1 200 ")
    finally:
        logger.removeFilter(keep)
    (slow,) = [line for line in lines if "took 0." in line]
    assert slow.startswith("WARNING Executing ")
    assert "RequestResponseCycle.run_asgi()" in slow
    assert "check_debug_mode" not in slow
    assert "checks.py" not in slow


def check_debug_variable() -> None:
    """Uvicorn's runner switches debug mode off on Python 3.11; from 3.12 on it leaves it to the environment."""
    assert signature(asyncio_run).parameters["debug"].default is (False if sys.version_info < (3, 12) else None)


def check_pool() -> None:
    """A `def` dependency and a `def` endpoint take a thread of one pool, 40 unless its limit is set."""
    app, seen = FastAPI(), list[tuple[float, int]]()

    async def limits() -> tuple[float, int]:
        limiter = anyio.to_thread.current_default_thread_limiter()
        return limiter.total_tokens, limiter.borrowed_tokens

    def needed() -> None:
        seen.append(anyio.from_thread.run(limits))

    @app.get("/", dependencies=[Depends(needed)])
    def plain() -> None:
        seen.append(anyio.from_thread.run(limits))

    async def run() -> None:
        await _get(app, "/")
        anyio.to_thread.current_default_thread_limiter().total_tokens = 100
        await _get(app, "/")

    asyncio.run(run())
    assert seen == [(40, 1), (40, 1), (100, 1), (100, 1)]


def check_two_pools() -> None:
    """`asyncio.to_thread` uses a pool of Python's, `run_in_threadpool` the one of the `def` endpoints."""
    app, names = FastAPI(), list[str]()

    def note() -> None:
        names.append(threading.current_thread().name)

    @app.get("/")
    async def view(plain: Annotated[None, Depends(note)]) -> None:
        await run_in_threadpool(note)
        await asyncio.to_thread(note)

    asyncio.run(_get(app, "/"))
    assert names[0] == names[1] == "AnyIO worker thread"
    assert names[2].startswith("asyncio_")

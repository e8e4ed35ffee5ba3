"""Facts that no request to the demos shows: what runs at a start, at an end, and what does not."""

import asyncio
import subprocess
import sys
import threading
import warnings
from collections.abc import AsyncIterator, Callable, Coroutine, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from flask import Flask
from gunicorn.config import Config

Message = MutableMapping[str, Any]

FORK = """
import os, socket
ours, theirs = socket.socketpair()
child = os.fork()
ours.send(b"x")
if child:
    os.waitpid(child, 0)
    print(theirs.recv(9))
"""
ATEXIT = "import atexit, os, signal; atexit.register(print, 'closed'); {}"


def _printed(program: str) -> str:
    """Run a program in a Python of its own and return what it printed."""
    return subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True).stdout


async def _send(app: FastAPI, scope: Message, *events: Message) -> list[Message]:
    """Send events as an ASGI server would, and return what the application sent."""
    sent, waiting = list[Message](), list(events)

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


def _get(app: FastAPI, path: str = "/", **more: Any) -> Coroutine[Any, Any, list[Message]]:
    """Send a GET request as an ASGI server would."""
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [], **more}
    return _send(app, {**scope, "asgi": {"spec_version": "2.4"}}, {"type": "http.request"})


def _live(app: FastAPI, *paths: str) -> list[str]:
    """Start an application, send GET requests, end it, and return what it said to start and end."""

    async def live() -> list[Message]:
        state: dict[str, Any] = {}
        sent, started, ended = list[Message](), asyncio.Event(), asyncio.Event()
        events = iter(("lifespan.startup", "lifespan.shutdown"))

        async def receive() -> Message:
            event = next(events)
            if event == "lifespan.shutdown":
                await ended.wait()
            return {"type": event}

        async def send(message: Message) -> None:
            sent.append(message)
            started.set()

        life = asyncio.create_task(app({"type": "lifespan", "asgi": {}, "state": state}, receive, send))
        await started.wait()
        for path in paths:
            await _get(app, path, state=dict(state))
        ended.set()
        await asyncio.wait({life})
        return sent + ([{"type": str(life.exception())}] if life.exception() else [])

    return [message["type"] for message in asyncio.run(live())]


def _telling(steps: list[str], name: str = "") -> Callable[[object], Any]:
    """Return a lifespan that writes down its start and its end."""

    @asynccontextmanager
    async def lifespan(app: object) -> AsyncIterator[None]:
        steps.append(f"{name}start")
        yield
        steps.append(f"{name}end")

    return lifespan


def check_no_hook() -> None:
    """Flask has no hook for start or end; `before_first_request` is gone."""
    words = ("startup", "shutdown", "lifespan", "before_first", "before_serving", "while_serving")
    assert not [name for name in dir(Flask) if any(word in name for word in words)]
    assert [name for name in dir(Flask) if name.startswith("before_")] == ["before_request"]


def check_once() -> None:
    """The part before `yield` runs once before the first request, the part after it once after the last."""
    steps = list[str]()
    app = FastAPI(lifespan=_telling(steps))
    app.get("/")(lambda: steps.append("request"))
    assert _live(app, "/", "/") == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert steps == ["start", "request", "request", "end"]


def check_without_a_server() -> None:
    """A request to an app that nobody started starts nothing."""
    steps = list[str]()
    app = FastAPI(lifespan=_telling(steps))
    app.get("/")(lambda: steps.append("request"))
    asyncio.run(_get(app))
    assert steps == ["request"]


def check_import() -> None:
    """Importing a module with `load_rates()` at its end loads the rates; importing a lifespan loads nothing."""
    steps = list[str]()
    exec("def load_rates():\n    steps.append('start')\n\nload_rates()", {"steps": steps})
    assert steps == ["start"]
    steps.clear()
    FastAPI(lifespan=_telling(steps))
    assert steps == []


def check_failed_start() -> None:
    """An exception before `yield` is told to the server as `lifespan.startup.failed`, and no request follows."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        raise RuntimeError("no rates")
        yield

    assert _live(FastAPI(lifespan=lifespan)) == ["lifespan.startup.failed", "no rates"]


def check_mounted() -> None:
    """The lifespan of an app that is mounted in another one never runs; that of an included router does."""
    steps = list[str]()
    app = FastAPI(lifespan=_telling(steps, "app "))
    app.mount("/sub", FastAPI(lifespan=_telling(steps, "sub ")))
    app.include_router(APIRouter(lifespan=_telling(steps, "router ")))
    _live(app)
    assert steps == ["app start", "router start", "router end", "app end"]


def check_on_event() -> None:
    """`on_event` is deprecated, and does nothing in an app that has a lifespan."""
    steps = list[str]()
    app = FastAPI(lifespan=_telling(steps))
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        app.on_event("startup")(lambda: steps.append("event"))
    assert {type(warning.message) for warning in seen} == {DeprecationWarning}
    _live(app)
    assert steps == ["start", "end"]


def check_state() -> None:
    """What the lifespan yields is in `request.state`; a request gets a copy of the dict, not of what is in it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        yield {"rates": {"EUR": 100}, "count": 0}

    app, seen = FastAPI(lifespan=lifespan), list[Any]()

    @app.get("/")
    def view(request: Request) -> None:
        request.state.count += 1
        request.state.rates["CHF"] = 95
        seen.append((request.state.count, len(request.state.rates)))

    _live(app, "/", "/")
    assert seen == [(1, 2), (1, 2)]


def check_atexit() -> None:
    """`atexit` functions run at the normal end of a process, not at a SIGTERM that nobody handles."""
    assert _printed(ATEXIT.format("")) == "closed\n"
    assert _printed(ATEXIT.format("os.kill(os.getpid(), signal.SIGTERM)")) == ""


def check_preload() -> None:
    """With `--preload` gunicorn loads the app before it forks; hooks run after a fork and when a worker ends."""
    settings = Config().settings
    assert settings["preload_app"].cli == ["--preload"]
    assert "before the worker processes are forked" in settings["preload_app"].desc
    assert settings["preload_app"].get() is False
    assert "just after a worker has been forked" in settings["post_fork"].desc
    assert "in the worker process" in settings["worker_exit"].desc


def check_forked() -> None:
    """A connection that was open before a fork is one and the same in both processes."""
    assert _printed(FORK) == "b'xx'\n"


def check_loaded_twice() -> None:
    """Two first requests on two threads both find nothing loaded and both load."""
    rates, loads, together = dict[str, int](), list[str](), threading.Barrier(2)

    def get_rates() -> dict[str, int]:
        if not rates:
            together.wait(1)
            loads.append("load")
            rates.update(EUR=100)
        return rates

    threads = [threading.Thread(target=get_rates) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loads == ["load", "load"]

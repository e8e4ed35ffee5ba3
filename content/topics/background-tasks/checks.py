"""Facts that no request to the demos shows: what is left of work when the process ends, and where errors go."""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import fastapi
import flask
from fastapi import BackgroundTasks, FastAPI
from fastapi.responses import PlainTextResponse
from flask import Flask, Response, request

Message = MutableMapping[str, Any]

LATE = "import threading, time; threading.Thread(target=lambda: (time.sleep(0.2), print('done')), daemon={}).start()"


def _printed(program: str) -> str:
    """Run a program in a Python of its own and return what it printed."""
    return subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True).stdout


async def _get(app: FastAPI, sent: list[Message]) -> None:
    """Send a GET request as an ASGI server would, and collect what is sent back."""

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    await app({**scope, "asgi": {"spec_version": "2.4"}}, receive, send)


def check_built_in() -> None:
    """FastAPI's package has a name for tasks after the answer, Flask's has none."""
    assert [name for name in dir(fastapi) if "task" in name.lower()] == ["BackgroundTasks"]
    assert not [name for name in dir(flask) if "task" in name.lower()]


def check_daemon() -> None:
    """A daemon thread ends with the process, in the middle of its work; Python waits for one that is none."""
    assert _printed(LATE.format(True)) == ""
    assert _printed(LATE.format(False)) == "done\n"


def check_context() -> None:
    """`request` in a thread raises RuntimeError: the context belongs to the view's thread."""
    app = Flask(__name__)
    seen: list[object] = []

    def work() -> None:
        try:
            seen.append(request.args)
        except RuntimeError as error:
            seen.append(error)

    @app.get("/")
    def view() -> str:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(work).result()
        return "ok"

    app.test_client().get("/")
    assert isinstance(seen[0], RuntimeError)
    assert "outside of request context" in str(seen[0])


def check_pool_keeps_errors() -> None:
    """An exception in a job of a pool is kept in the future that `submit` returned, and printed nowhere."""
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(int, "ten")
    assert isinstance(job.exception(), ValueError)


def check_raised_after() -> None:
    """What a task raises comes out of the app after the answer is complete: the server logs it."""
    app = FastAPI()

    @app.get("/")
    def view(tasks: BackgroundTasks) -> str:
        tasks.add_task(int, "ten")
        return "ok"

    sent: list[Message] = []
    try:
        asyncio.run(_get(app, sent))
    except ValueError:
        assert [m.get("body") for m in sent] == [None, b'"ok"']
        assert not sent[-1].get("more_body")
    else:
        raise AssertionError("nothing was raised")


def check_worker_is_held() -> None:
    """What `call_on_close` registered runs in `close()`, on the thread that served the answer."""
    app = Flask(__name__)
    seen: list[str] = []

    @app.get("/")
    def view() -> Response:
        answer = Response("ok")
        answer.call_on_close(lambda: seen.append("closed"))
        return answer

    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_NAME": "a", "SERVER_PORT": "80"}
    body = app({**environ, "wsgi.url_scheme": "http"}, lambda status, headers, error=None: lambda data: None)
    assert b"".join(body) == b"ok"
    assert seen == []
    body.close()  # type: ignore[attr-defined]
    assert seen == ["closed"]


def check_own_response() -> None:
    """FastAPI's tasks run with a `Response` of your own too, unless it brings a `background` itself."""
    seen: list[str] = []

    async def run(background: BackgroundTasks | None) -> None:
        app = FastAPI()

        @app.get("/")
        def view(tasks: BackgroundTasks) -> PlainTextResponse:
            tasks.add_task(seen.append, "injected")
            return PlainTextResponse("ok", background=background)

        await _get(app, [])

    asyncio.run(run(None))
    assert seen == ["injected"]
    seen.clear()
    own = BackgroundTasks()
    own.add_task(seen.append, "own")
    asyncio.run(run(own))
    assert seen == ["own"]


def check_where_tasks_run() -> None:
    """Tasks run one after the other: a `def` on a thread of the pool, an `async def` on the event loop's thread."""
    seen: list[tuple[str, bool]] = []

    def note(name: str) -> None:
        seen.append((name, threading.current_thread() is threads[0]))

    def slow() -> None:
        time.sleep(0.05)
        note("def")

    async def quick() -> None:
        note("async def")

    app = FastAPI()

    @app.get("/")
    async def view(tasks: BackgroundTasks) -> str:
        tasks.add_task(slow)
        tasks.add_task(quick)
        return "ok"

    threads = [threading.current_thread()]
    asyncio.run(_get(app, []))
    assert seen == [("def", False), ("async def", True)]

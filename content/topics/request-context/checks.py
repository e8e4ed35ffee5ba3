"""Facts that no request to the demos shows: outside of a request, in a stream, in middleware, in two at once."""

import asyncio
import json
from collections.abc import Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from functools import partial
from threading import Barrier, Thread
from typing import Any

from fastapi import BackgroundTasks, Depends, FastAPI, Request
from fastapi.responses import StreamingResponse
from flask import Flask, copy_current_request_context, current_app, g, request, stream_with_context, url_for
from werkzeug.test import create_environ

Message = MutableMapping[str, Any]


async def _get(app: FastAPI, path: str = "/") -> bytes:
    """Send a GET request as an ASGI server would, and return the body."""
    sent = b""

    async def receive() -> Message:
        await asyncio.sleep(10)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal sent
        sent += message.get("body", b"")

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
    await app({**scope, "asgi": {"spec_version": "2.4"}}, receive, send)
    return sent


def _error(call: Callable[..., object]) -> Exception:
    """Return what a call raises."""
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError(f"{call} raised nothing")


def check_outside() -> None:
    """Outside of a request `request` and `g` raise RuntimeError; an application context is enough for `g`."""
    app = Flask(__name__)
    assert "Working outside of request context" in str(_error(lambda: request.path))
    assert "Working outside of application context" in str(_error(lambda: g.user))
    assert "Working outside of application context" in str(_error(lambda: current_app.name))
    with app.app_context():
        g.user = 7
        assert (g.user, current_app.name) == (7, app.name)
        assert "Working outside of request context" in str(_error(lambda: request.path))
    with app.test_request_context("/orders"):
        assert request.path == "/orders"


def check_address_needs_a_server() -> None:
    """`url_for` in an application context raises RuntimeError without SERVER_NAME."""
    app = Flask(__name__)
    app.get("/orders")(lambda: "ok")
    with app.app_context():
        assert "Unable to build URLs outside an active request without 'SERVER_NAME'" in str(
            _error(lambda: url_for("static", filename="a"))
        )


def check_stream() -> None:
    """A generator runs when Flask's view is over: `g` raises unless it is wrapped in `stream_with_context`."""
    app = Flask(__name__)

    def rows() -> Iterator[str]:
        yield f"hello {g.user}"

    @app.before_request
    def read_user() -> None:
        g.user = 7

    app.add_url_rule("/bare", "bare", rows)
    app.add_url_rule("/kept", "kept", lambda: stream_with_context(rows()))

    def answer(path: str) -> bytes:
        return b"".join(app(create_environ(path), lambda status, headers, exc_info=None: lambda data: None))

    assert "Working outside of application context" in str(_error(lambda: answer("/bare")))
    assert answer("/kept") == b"hello 7"


def _with_user(dependency: Callable[..., Any], user: ContextVar[int]) -> FastAPI:
    """Return an application with a stream at /stream, which reads what a dependency of the app has set."""
    app = FastAPI(dependencies=[Depends(dependency)])

    @app.get("/stream")
    def stream(request: Request) -> StreamingResponse:
        return StreamingResponse(f"{user.get()} {request.state.user}" for _ in range(1))

    return app


def check_stream_of_fastapi() -> None:
    """In FastAPI a generator that runs after the endpoint still reads `request.state`, and the context variable."""
    user: ContextVar[int] = ContextVar("user", default=0)

    async def read_user(request: Request) -> None:
        request.state.user = 7
        user.set(7)

    assert asyncio.run(_get(_with_user(read_user, user), "/stream")) == b"7 7"


def check_background() -> None:
    """A background task reads a context variable that an `async def` dependency has set."""
    user: ContextVar[int] = ContextVar("user", default=0)
    seen: list[int] = []

    async def read_user() -> None:
        user.set(7)

    app = FastAPI(dependencies=[Depends(read_user)])

    @app.get("/")
    def view(tasks: BackgroundTasks) -> None:
        tasks.add_task(lambda: seen.append(user.get()))

    asyncio.run(_get(app))
    assert seen == [7]


def check_middleware() -> None:
    """What middleware sets before `call_next` reaches a `def` endpoint; back comes `request.state` alone."""
    user: ContextVar[int] = ContextVar("user", default=0)
    app, back = FastAPI(), list[int]()

    @app.middleware("http")
    async def read_user(request: Request, call_next: Any) -> Any:
        user.set(7)
        response = await call_next(request)
        back.extend([user.get(), request.state.user])
        return response

    @app.get("/")
    async def view(request: Request) -> int:
        found = user.get()
        user.set(8)
        request.state.user = 8
        return found

    @app.get("/plain")
    def plain(request: Request) -> int:
        request.state.user = 8
        return user.get()

    assert asyncio.run(_get(app)) == b"7"
    assert back == [7, 8]
    assert asyncio.run(_get(app, "/plain")) == b"7"


def check_copied_request() -> None:
    """`copy_current_request_context` takes `request` into a thread and an empty `g`; `copy_context` takes both."""
    app = Flask(__name__)

    def read() -> list[str | None]:
        return [request.path, g.get("user")]

    @app.get("/")
    def view() -> list[list[str | None]]:
        g.user = "ada"
        jobs = (copy_current_request_context(read), partial(copy_context().run, read))
        with ThreadPoolExecutor(1) as pool:
            return [pool.submit(job).result() for job in jobs]

    assert app.test_client().get("/").json == [["/", None], ["/", "ada"]]


def check_no_default() -> None:
    """A context variable without a default raises LookupError in a thread that started without the context."""
    user: ContextVar[int] = ContextVar("user")
    user.set(7)
    with ThreadPoolExecutor(1) as pool:
        assert type(pool.submit(user.get).exception()) is LookupError


def check_two_at_once() -> None:
    """Two requests at the same time see their own value: in `g`, in `request.state`, in a context variable."""
    app, together, seen = Flask(__name__), Barrier(2, timeout=5), dict[str, str]()

    @app.get("/<user>")
    def view(user: str) -> str:
        g.user = user
        together.wait()
        return str(g.user)

    def fetch(user: str) -> None:
        seen[user] = app.test_client().get(f"/{user}").text

    threads = [Thread(target=fetch, args=(user,)) for user in ("ada", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {"ada": "ada", "bob": "bob"}

    new, variable = FastAPI(), ContextVar[str]("user")

    @new.get("/{user}")
    async def endpoint(user: str, request: Request) -> list[str]:
        request.state.user = user
        variable.set(user)
        await asyncio.sleep(0.02)
        return [request.state.user, variable.get()]

    async def both() -> list[bytes]:
        return await asyncio.gather(_get(new, "/ada"), _get(new, "/bob"))

    assert [json.loads(body) for body in asyncio.run(both())] == [["ada", "ada"], ["bob", "bob"]]


def check_missing_name() -> None:
    """A name that nobody set is an AttributeError in `g` and in `request.state`; `g.get` returns None."""
    old, new, seen = Flask(__name__), FastAPI(), list[Exception]()

    @old.get("/")
    def view() -> str:
        assert g.get("user") is None
        seen.append(_error(lambda: g.user))
        return "ok"

    @new.get("/")
    def endpoint(request: Request) -> None:
        seen.append(_error(lambda: request.state.user))

    assert old.test_client().get("/").status_code == 200
    asyncio.run(_get(new))
    assert [type(error) for error in seen] == [AttributeError, AttributeError]


def check_the_application() -> None:
    """The application itself is `current_app` in Flask and `request.app` in FastAPI."""
    old, new = Flask("shop"), FastAPI(title="shop")
    old.get("/")(lambda: current_app.name)

    @new.get("/")
    def endpoint(request: Request) -> str:
        return str(request.app.title)

    assert old.test_client().get("/").text == "shop"
    assert asyncio.run(_get(new)) == b'"shop"'

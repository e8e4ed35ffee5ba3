"""Facts that no request to the demos shows."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, MutableMapping
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response, WebSocket
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, StreamingResponse
from flask import Flask, abort
from starlette.datastructures import MutableHeaders
from werkzeug.wrappers import Response as FlaskResponse
from werkzeug.wsgi import ClosingIterator

Message = MutableMapping[str, Any]
App = Callable[[Message, Callable[..., Awaitable[Any]], Callable[..., Awaitable[Any]]], Awaitable[None]]
Next = Callable[[Request], Awaitable[Response]]

ORIGIN = {"origin": "https://example.org"}


def _answer(app: App, path: str = "/", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of the answer to a GET request."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "query_string": b"", "asgi": {"spec_version": "2.4"}}

    async def call() -> None:
        with suppress(Exception):  # after a 500 the error goes on to the server
            await app({**scope, "path": path, "headers": pairs}, receive, send)

    asyncio.run(call())
    start, *rest = sent
    fields = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], fields, b"".join(message.get("body", b"") for message in rest)


def _error(call: Callable[..., object], *arguments: Any) -> Exception:
    """Return what a call raises."""
    try:
        call(*arguments)
    except Exception as error:
        return error
    raise AssertionError(f"{call} raised nothing")


def _marked() -> FastAPI:
    """Return an application whose middleware adds a header, and whose view crashes."""
    app = FastAPI()

    @app.middleware("http")
    async def mark(request: Request, call_next: Next) -> Response:
        response = await call_next(request)
        response.headers["X-Mark"] = "yes"
        return response

    @app.get("/crash")
    async def crash() -> None:
        raise RuntimeError

    return app


class Quiet(Flask):
    """An application that logs no exceptions: a check crashes it on purpose."""

    def log_exception(self, *information: Any) -> None:
        """Say nothing."""


class ServedBy:
    """An ASGI class that adds a header to every answer."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Served-By"] = "demo"
            await send(message)

        await self.app(scope, receive, add)


def check_not_a_response() -> None:
    """A middleware that returns a dictionary instead of a response is a 500."""
    app = FastAPI()

    @app.middleware("http")
    async def refuse(request: Request, call_next: Next) -> Any:
        return {"detail": "no"}

    assert _answer(app)[0] == 500


def check_handler_outside() -> None:
    """A handler for `Exception` makes the 500, and middleware adds nothing to it."""
    app = _marked()

    @app.exception_handler(Exception)
    async def apologize(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": "sorry"}, 500)

    assert _answer(app, "/docs")[1]["x-mark"] == "yes"
    status, headers, body = _answer(app, "/crash")
    assert (status, body) == (500, b'{"detail":"sorry"}')
    assert "x-mark" not in headers


def check_last_byte_wsgi() -> None:
    """A WSGI class that returns a `ClosingIterator` is told when the body has ended."""
    app, log = Flask(__name__), list[str]()

    @app.get("/")
    def stream() -> Iterator[str]:
        yield "text"
        log.append("stream")

    class Timed:
        def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
            self.app = app

        def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            return ClosingIterator(self.app(environ, start_response), lambda: log.append("class"))

    @app.after_request
    def hook(response: FlaskResponse) -> FlaskResponse:
        log.append("hook")
        return response

    app.wsgi_app = Timed(app.wsgi_app)  # type: ignore[method-assign]
    with app.test_client().get("/") as answer:
        assert answer.data == b"text"
    assert log == ["hook", "stream", "class"]


def check_last_byte_asgi() -> None:
    """An ASGI class sees the last piece of the body: the message without `more_body`."""
    app, log = FastAPI(), list[str]()

    async def pieces() -> AsyncIterator[str]:
        yield "text"
        log.append("stream")

    @app.middleware("http")
    async def function(request: Request, call_next: Next) -> Response:
        response = await call_next(request)
        log.append("function")
        return response

    class Timed:
        def __init__(self, app: App) -> None:
            self.app = app

        async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
            async def watch(message: Message) -> None:
                if message["type"] == "http.response.body" and not message.get("more_body"):
                    log.append("class")
                await send(message)

            await self.app(scope, receive, watch)

    app.get("/")(lambda: StreamingResponse(pieces()))
    app.add_middleware(Timed)
    assert _answer(app)[2] == b"text"
    assert log == ["function", "stream", "class"]


def check_docs_too() -> None:
    """Middleware runs for the pages that FastAPI adds."""
    assert _answer(_marked(), "/docs")[1]["x-mark"] == "yes"


def check_websockets() -> None:
    """A function for `@app.middleware("http")` is not called for a WebSocket."""
    app, called = FastAPI(), list[str]()

    @app.middleware("http")
    async def note(request: Request, call_next: Next) -> Response:
        called.append(request.url.path)
        return await call_next(request)

    @app.websocket("/socket")
    async def greet(socket: WebSocket) -> None:
        await socket.accept()
        called.append("socket")

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        pass

    scope = {"type": "websocket", "path": "/socket", "headers": [], "query_string": b""}
    asyncio.run(app(scope, receive, send))
    assert called == ["socket"]


def check_raise_inside() -> None:
    """An `HTTPException` that middleware raises is a 500."""
    app = FastAPI()

    @app.middleware("http")
    async def refuse(request: Request, call_next: Next) -> Response:
        raise HTTPException(403)

    assert _answer(app)[0] == 500


def check_abort_in_hook() -> None:
    """`abort(403)` in a `before_request` function is a 403."""
    app = Flask(__name__)
    app.before_request(lambda: abort(403))
    assert app.test_client().get("/").status_code == 403


def check_order() -> None:
    """Flask: first registered, first before the view and last after it. FastAPI: the last one added is outermost."""
    old, new, log = Flask(__name__), FastAPI(), list[str]()

    def hooks(name: str) -> None:
        @old.after_request
        def after(response: FlaskResponse) -> FlaskResponse:
            log.append(f"after {name}")
            return response

        old.before_request(lambda: log.append(f"before {name}"))

    hooks("1")
    hooks("2")
    old.get("/")(lambda: "")
    old.test_client().get("/")
    assert log == ["before 1", "before 2", "after 2", "after 1"]
    log.clear()

    def named(name: str) -> Callable[[Request, Next], Awaitable[Response]]:
        async def middleware(request: Request, call_next: Next) -> Response:
            log.append(f"before {name}")
            response = await call_next(request)
            log.append(f"after {name}")
            return response

        return middleware

    new.middleware("http")(named("1"))
    new.middleware("http")(named("2"))
    _answer(new)
    assert log == ["before 2", "before 1", "after 1", "after 2"]


def check_around_the_app() -> None:
    """A class around the whole app adds its header to the 500 of a crash; given to `add_middleware` it does not."""
    status, headers, _ = _answer(ServedBy(_marked()), "/crash")
    assert (status, headers["x-served-by"]) == (500, "demo")
    inside = _marked()
    inside.add_middleware(ServedBy)
    assert _answer(inside, "/docs")[1]["x-served-by"] == "demo"
    status, headers, _ = _answer(inside, "/crash")
    assert status == 500
    assert "x-served-by" not in headers


def check_debug() -> None:
    """In debug mode and in tests, a crash goes on to the caller and `after_request` is not called."""
    for setting in ("DEBUG", "TESTING"):
        app, called = Flask(__name__), list[int]()
        app.config[setting] = True
        app.get("/")(lambda: str(1 // 0))

        @app.after_request
        def count(response: FlaskResponse, called: list[int] = called) -> FlaskResponse:
            called.append(1)
            return response

        assert isinstance(_error(app.test_client().get, "/"), ZeroDivisionError)
        assert called == []


def check_fails_twice() -> None:
    """An `after_request` function that fails makes a 500, and all of them run again for it."""
    app, called = Quiet(__name__), list[str]()
    app.get("/")(lambda: "fine")

    @app.after_request
    def fail(response: FlaskResponse) -> FlaskResponse:
        called.append("fail")
        if called.count("fail") == 1:
            raise RuntimeError
        return response

    @app.after_request
    def count(response: FlaskResponse) -> FlaskResponse:
        called.append("count")
        return response

    assert app.test_client().get("/").status_code == 500
    assert called == ["count", "fail", "count", "fail"]


def check_late() -> None:
    """Neither side takes another hook or middleware once it has answered a request."""
    old, new = Flask(__name__), FastAPI()
    old.test_client().get("/")
    assert isinstance(_error(old.before_request, lambda: None), AssertionError)
    _answer(new)
    error = _error(new.add_middleware, ServedBy)
    assert isinstance(error, RuntimeError)
    assert str(error) == "Cannot add middleware after an application has started"


def check_context() -> None:
    """A context variable set by a view is lost on its way to middleware; an ASGI class sees it after `async def`."""
    app, user, seen = FastAPI(), ContextVar("user", default="unset"), list[str]()

    @app.get("/async")
    async def awaited() -> None:
        user.set("Ada")

    @app.get("/def")
    def threaded() -> None:
        user.set("Ada")

    class Watch:
        def __init__(self, app: App) -> None:
            self.app = app

        async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
            await self.app(scope, receive, send)
            seen.append(user.get())

    app.add_middleware(Watch)
    _answer(app, "/async")
    _answer(app, "/def")
    assert seen == ["Ada", "unset"]
    seen.clear()
    function = FastAPI()

    @function.middleware("http")
    async def look(request: Request, call_next: Next) -> Response:
        response = await call_next(request)
        seen.append(user.get())
        return response

    function.get("/")(awaited)
    assert _answer(function)[0] == 200
    assert seen == ["unset"]


def check_state() -> None:
    """What a view puts into `request.state` is there after `call_next`."""
    app, seen = FastAPI(), list[str]()

    @app.middleware("http")
    async def look(request: Request, call_next: Next) -> Response:
        response = await call_next(request)
        seen.append(request.state.user)
        return response

    @app.get("/")
    def view(request: Request) -> None:
        request.state.user = "Ada"

    assert _answer(app)[0] == 200
    assert seen == ["Ada"]


def check_no_body() -> None:
    """The response that `call_next` returns has no `body`, only a `body_iterator`."""
    app, seen = FastAPI(), list[tuple[bool, bool]]()

    @app.middleware("http")
    async def look(request: Request, call_next: Next) -> Response:
        response = await call_next(request)
        seen.append((hasattr(response, "body"), hasattr(response, "body_iterator")))
        return response

    app.get("/")(lambda: JSONResponse({"hello": "world"}))
    assert _answer(app)[2] == b'{"hello":"world"}'
    assert seen == [(False, True)]


def check_cors() -> None:
    """The 500 of a crash has no CORS headers, other answers have them."""
    app = _marked()
    app.add_middleware(CORSMiddleware, allow_origins=["*"])
    assert _answer(app, "/docs", **ORIGIN)[1]["access-control-allow-origin"] == "*"
    status, headers, _ = _answer(app, "/crash", **ORIGIN)
    assert status == 500
    assert "access-control-allow-origin" not in headers


def check_timing_example() -> None:
    """A function called `add_process_time_header` that prints the time adds no header; one that sets it does."""
    times: list[float] = []
    plain, named = FastAPI(), FastAPI()

    @plain.middleware("http")
    async def add_process_time_header(request: Request, call_next: Next) -> Response:
        start = time.perf_counter()
        response = await call_next(request)
        times.append(time.perf_counter() - start)  # the article prints it
        return response

    @named.middleware("http")
    async def add_header(request: Request, call_next: Next) -> Response:
        response = await call_next(request)
        response.headers["X-Process-Time"] = "0.1"
        return response

    for app in (plain, named):
        app.get("/")(lambda: None)
    assert "x-process-time" not in _answer(plain)[1]
    assert len(times) == 1
    assert _answer(named)[1]["x-process-time"] == "0.1"

"""Facts that no request to the demos shows: the order of routes, what both apps share, and what hides what."""

import asyncio
import json
import threading
import warnings
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.util import find_spec
from runpy import run_path
from threading import Event
from typing import Any
from unittest.mock import Mock

import uvicorn
from a2wsgi import ASGIMiddleware, WSGIMiddleware
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from flask import Flask, Response, request, session, url_for
from starlette.middleware.sessions import SessionMiddleware
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import create_environ

Message = MutableMapping[str, Any]
Headers = list[tuple[bytes, bytes]]


def _get(app: FastAPI, path: str, *headers: tuple[bytes, bytes]) -> tuple[Headers, str]:
    """Send a GET request as an ASGI server would, and return headers and body."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": list(headers)}
    more = {"http_version": "1.1", "scheme": "http", "server": ("demo", 80), "root_path": ""}
    asyncio.run(app({**scope, **more, "asgi": {"spec_version": "2.4"}}, receive, send))
    return sent[0]["headers"], b"".join(message.get("body", b"") for message in sent).decode()


def _served(app: FastAPI, start: str, body: bytes = b"", leave: Event | None = None) -> tuple[int, bytes]:
    """Send a request through uvicorn's protocol, and return status and body; leave after the first bytes."""

    async def serve() -> bytes:
        config = uvicorn.Config(app, log_config=None, access_log=False)
        config.load()
        connection, transport = H11Protocol(config, ServerState(), {}), Mock(asyncio.Transport)
        transport.get_extra_info.return_value = None
        transport.is_closing.return_value = False
        connection.connection_made(transport)
        connection.data_received(f"{start}\r\nHost: demo\r\nConnection: close\r\n\r\n".encode() + body)
        running = asyncio.gather(*connection.tasks)
        if leave:
            while not transport.write.called:
                await asyncio.sleep(0.001)
            connection.connection_lost(None)
            leave.set()
        await running
        return b"".join(call.args[0] for call in transport.write.call_args_list)

    head, _, content = asyncio.run(serve()).partition(b"\r\n\r\n")
    return int(head.split()[1]), content


def _flask(view: Callable[[], Any], path: str = "/") -> Flask:
    app = Flask(__name__)
    app.secret_key = "secret"
    app.add_url_rule(path, "view", view)
    return app


@contextmanager
def _behind_flask(new: FastAPI) -> Iterator[DispatcherMiddleware]:
    """Give /new of a Flask application to FastAPI, on a loop that ends with the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield DispatcherMiddleware(_flask(lambda: "Flask"), {"/new": ASGIMiddleware(new, loop=loop)})
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _status(app: DispatcherMiddleware, path: str) -> str:
    """Call a WSGI application as a server would, and return the status; the path's characters are bytes."""
    statuses: list[str] = []
    environ = {**create_environ("/"), "PATH_INFO": path}
    b"".join(app(environ, lambda status, headers, exc_info=None: statuses.append(status)))
    return statuses[0]


def check_order() -> None:
    """Routes are asked in the order of their registration: after a mount at / none of them is reached."""
    late, early = FastAPI(), FastAPI()
    late.mount("/", WSGIMiddleware(_flask(lambda: "Flask", "/hello")))
    late.get("/hello")(lambda: "FastAPI")
    early.get("/hello")(lambda: "FastAPI")
    early.mount("/", WSGIMiddleware(_flask(lambda: "Flask", "/hello")))
    assert _get(late, "/hello")[1] == "Flask"
    assert _get(early, "/hello")[1] == '"FastAPI"'


def check_middleware() -> None:
    """FastAPI's middleware runs for what Flask answers as well, also when Flask answers a crash."""

    def crash() -> str:
        raise KeyError

    old = _flask(lambda: "Flask")
    old.log_exception = lambda info: None  # type: ignore[method-assign]
    old.add_url_rule("/crash", "crash", crash)
    app = FastAPI()

    @app.middleware("http")
    async def version(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers["X-Version"] = "2"
        return response

    app.mount("/", WSGIMiddleware(old))
    assert (b"x-version", b"2") in _get(app, "/")[0]
    headers, body = _get(app, "/crash")
    assert (b"x-version", b"2") in headers
    assert "500 Internal Server Error" in body


def check_cors() -> None:
    """`CORSMiddleware` replaces Flask's `Access-Control-Allow-Origin` for an origin it allows, and for no other."""
    old = _flask(lambda: ("Flask", 200, {"Access-Control-Allow-Origin": "https://old.example"}))
    app = FastAPI()
    app.add_middleware(CORSMiddleware, allow_origins=["https://new.example"])
    app.mount("/", WSGIMiddleware(old))
    for origin in (b"https://new.example", b"https://old.example"):
        headers, _ = _get(app, "/", (b"origin", origin))
        assert [value for name, value in headers if name == b"access-control-allow-origin"] == [origin]


def check_context() -> None:
    """A context variable that FastAPI's middleware sets is read in a Flask view behind it."""
    request_id: ContextVar[str] = ContextVar("request_id", default="none")
    app = FastAPI()

    @app.middleware("http")
    async def set_id(request: Request, call_next: Any) -> Any:
        request_id.set("r-1")
        return await call_next(request)

    app.mount("/", WSGIMiddleware(_flask(lambda: request_id.get())))
    assert _get(app, "/")[1] == "r-1"


def check_addresses() -> None:
    """Behind a mount at /old, `url_for` in Flask builds addresses with that prefix."""
    app = FastAPI()
    app.mount("/old", WSGIMiddleware(_flask(lambda: f"{request.path} {url_for('view')}", "/hello")))
    assert _get(app, "/old/hello")[1] == "/hello /old/hello"


def check_head_later() -> None:
    """HEAD and OPTIONS of a moved route are 404 where the mounted Flask has no view for it, 405 without a mount."""
    alone, both = FastAPI(), FastAPI()
    for app in (alone, both):
        app.get("/hello")(lambda: "FastAPI")
    both.mount("/", WSGIMiddleware(_flask(lambda: "Flask")))
    starts = [f"{method} /hello HTTP/1.1" for method in ("HEAD", "OPTIONS")]
    assert [_served(both, start)[0] for start in starts] == [404, 404]
    assert [_served(alone, start)[0] for start in starts] == [405, 405]


def _reader(*, ends: bool = False) -> FastAPI:
    """Return FastAPI in front of a Flask app that says how long a body is and what `X-User` says."""
    old, new = _flask(lambda: f"{len(request.get_data())} {request.headers.get('X-User')}"), FastAPI()
    old.add_url_rule("/", "post", old.view_functions["view"], methods=["POST"])
    inner = old.wsgi_app

    def ended(environ: dict[str, Any], start_response: Any) -> Any:
        environ["wsgi.input_terminated"] = True
        return inner(environ, start_response)

    if ends:
        old.wsgi_app = ended  # type: ignore[method-assign]
    new.mount("/", WSGIMiddleware(old))
    return new


def check_chunked() -> None:
    """A body in chunks is empty in a mounted Flask, and whole once the environment says that it ends."""
    start, body = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked", b"5\r\nhello\r\n0\r\n\r\n"
    assert _served(_reader(), start, body)[1] == b"0 None"
    assert _served(_reader(ends=True), start, body)[1] == b"5 None"
    assert _served(_reader(), "POST / HTTP/1.1\r\nContent-Length: 5", b"hello")[1] == b"5 None"


def check_underscores() -> None:
    """Uvicorn passes a header `X_User` on, and a mounted Flask reads it as `X-User`."""
    assert _served(_reader(), "GET / HTTP/1.1\r\nX_User: admin")[1] == b"0 admin"


def check_stream_left() -> None:
    """A stream of a mounted Flask is made to its end although the client has left after the first piece."""
    left, made = Event(), list[int]()

    def stream() -> Iterator[str]:
        try:
            for number in range(100):
                yield f"{number}\n"
                left.wait(5)
                made.append(number)
        except GeneratorExit:
            made.append(-1)

    app = FastAPI()
    app.mount("/", WSGIMiddleware(_flask(lambda: Response(stream()))))
    _served(app, "GET / HTTP/1.1", leave=left)
    assert made == list(range(100))


def check_sockets() -> None:
    """A WebSocket for a mounted Flask is closed before it was accepted: the server answers 403."""
    app, sent = FastAPI(), list[Message]()
    app.mount("/", WSGIMiddleware(_flask(lambda: "Flask")))

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/", "query_string": b"", "headers": [], "root_path": ""}
    asyncio.run(app({**scope, "asgi": {"spec_version": "2.4"}}, receive, send))
    assert [message["type"] for message in sent] == ["websocket.close"]


def check_docs() -> None:
    """FastAPI's /docs hides a page of Flask's with the same address; with `docs_url=None` it is there again."""
    old = _flask(lambda: "Flask's docs", "/docs")
    hidden, seen = FastAPI(), FastAPI(docs_url=None)
    hidden.mount("/", WSGIMiddleware(old))
    seen.mount("/", WSGIMiddleware(old))
    assert "Swagger UI" in _get(hidden, "/docs")[1]
    assert _get(seen, "/docs")[1] == "Flask's docs"


def check_threads() -> None:
    """Flask's views run on threads that the adapter keeps, ten unless `workers` says otherwise, not on the loop's."""
    loop, seen = threading.current_thread(), list[bool]()

    def view() -> str:
        seen.append(threading.current_thread() is loop)
        return "ok"

    app, adapter = FastAPI(), WSGIMiddleware(_flask(view))
    app.mount("/", adapter)
    _get(app, "/")
    assert seen == [False]
    assert adapter.executor._max_workers == 10
    assert WSGIMiddleware(_flask(view), workers=40).executor._max_workers == 40


def check_other_sessions() -> None:
    """Starlette's `SessionMiddleware` reads nothing in Flask's cookie, with the same name and the same key."""

    def login() -> str:
        session["user"] = "ada"
        return "ok"

    answer = _flask(login).test_client().get("/")
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    app = FastAPI()
    app.add_middleware(SessionMiddleware, secret_key="secret", session_cookie="session")

    @app.get("/")
    def view(request: Request) -> dict[str, str]:
        return dict(request.session)

    assert json.loads(_get(app, "/", (b"cookie", cookie.encode()))[1]) == {}


def check_lifespan_behind_flask() -> None:
    """Behind Flask's dispatcher nobody runs FastAPI's lifespan."""
    started: list[str] = []

    class Lifespan:
        async def __aenter__(self) -> None:
            started.append("started")

        async def __aexit__(self, *error: object) -> None:
            started.append("stopped")

    new = FastAPI(lifespan=lambda app: Lifespan())
    new.get("/hello")(lambda: "FastAPI")
    with _behind_flask(new) as app:
        assert [_status(app, path) for path in ("/", "/new/hello")] == ["200 OK", "200 OK"]
    assert started == []


def check_bytes_behind_flask() -> None:
    """Behind Flask's dispatcher a path with bytes that are not UTF-8 is an exception of the adapter, not a 404."""
    with _behind_flask(FastAPI()) as app:
        assert _status(app, "/\xff") == "404 NOT FOUND"
        try:
            _status(app, "/new/\xff")
        except UnicodeDecodeError:
            return
    raise AssertionError("the adapter raised nothing")


def check_old_adapter() -> None:
    """Starlette's own adapter, which FastAPI hands on, warns that it is deprecated and names a2wsgi."""
    spec = find_spec("starlette.middleware.wsgi")
    assert spec
    assert spec.origin
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        adapter = run_path(spec.origin)["WSGIMiddleware"]
    assert adapter.__name__ == "WSGIMiddleware"
    assert [("deprecated" in str(w.message), "a2wsgi" in str(w.message)) for w in seen] == [(True, True)]

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
from typing import Any

from a2wsgi import ASGIMiddleware, WSGIMiddleware
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from flask import Flask, request, session, url_for
from starlette.middleware.sessions import SessionMiddleware
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
    """`CORSMiddleware` around both leaves one `Access-Control-Allow-Origin`, where Flask sent one of its own too."""
    old = _flask(lambda: ("Flask", 200, {"Access-Control-Allow-Origin": "https://old.example"}))
    app = FastAPI()
    app.add_middleware(CORSMiddleware, allow_origins=["https://new.example"])
    app.mount("/", WSGIMiddleware(old))
    headers, _ = _get(app, "/", (b"origin", b"https://new.example"))
    assert [value for name, value in headers if name == b"access-control-allow-origin"] == [b"https://new.example"]


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

"""Facts that no request to the demos shows."""

import asyncio
import io
from collections.abc import MutableMapping
from contextlib import suppress
from inspect import signature
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from flask import Flask
from flask_cors import CORS, cross_origin
from flask_cors.core import CorsOptionsInput, CrossOriginOptionsInput
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp
from werkzeug.debug import DebuggedApplication
from werkzeug.test import Client

Message = MutableMapping[str, Any]
ORIGIN = "https://app.example"
ALLOW = "Access-Control-Allow-Origin"


class OutOfStockError(Exception):
    """An exception class of the application's own."""


def _new(app: ASGIApp, path: str = "/", method: str = "GET", **headers: str) -> tuple[int, dict[str, str]]:
    """Send a request as an ASGI server would, from the allowed origin; return status and headers."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    pairs = [(name.lower().encode(), value.encode()) for name, value in ({"Origin": ORIGIN} | headers).items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": pairs}
    with suppress(Exception):  # after a 500 the error goes on to the server
        asyncio.run(_call(app, scope, receive, send))
    return sent[0]["status"], {name.decode().title(): value.decode() for name, value in sent[0]["headers"]}


async def _call(app: ASGIApp, *arguments: Any) -> None:
    await app(*arguments)


def _old(app: Flask, path: str = "/", method: str = "GET", **headers: str) -> tuple[int, dict[str, str]]:
    """Send a request from the allowed origin; return status and headers."""
    answer = app.test_client().open(path, method=method, headers={"Origin": ORIGIN} | headers)
    return answer.status_code, dict(answer.headers)


def _flask(**options: Any) -> Flask:
    app = Flask(__name__)
    CORS(app, **options)
    app.get("/")(lambda: "home")
    return app


def _fastapi(**options: Any) -> FastAPI:
    app = FastAPI()
    app.add_middleware(CORSMiddleware, **options)
    app.get("/")(lambda: "home")
    return app


def _crash() -> str:
    raise ZeroDivisionError


def check_error_outside() -> None:
    """Starlette puts `ServerErrorMiddleware`, which writes the last-resort 500, around every added middleware."""
    layers = [_fastapi(allow_origins=[ORIGIN]).build_middleware_stack()]
    while hasattr(layers[-1], "app"):
        layers.append(layers[-1].app)
    assert isinstance(layers[0], ServerErrorMiddleware)
    assert sum(isinstance(layer, CORSMiddleware) for layer in layers[1:]) == 1


def check_http_exception() -> None:
    """An `HTTPException` of a FastAPI view is answered inside the middleware: its answer has the CORS headers."""
    app = _fastapi(allow_origins=[ORIGIN])

    @app.get("/full")
    def full() -> None:
        raise HTTPException(503)

    status, headers = _new(app, "/full")
    assert (status, headers[ALLOW]) == (503, ORIGIN)


def check_vary() -> None:
    """Flask-CORS sends no `Vary` with one fixed origin, and `Vary: Origin` with two."""
    assert "Vary" not in _old(_flask(origins=[ORIGIN]))[1]
    assert _old(_flask(origins=[ORIGIN, "https://b.example"]))[1]["Vary"] == "Origin"


def check_option_names() -> None:
    """`allow_headers` and `max_age` are options of both; `origins`, `methods` and `supports_credentials` are not."""
    theirs = CorsOptionsInput.__annotations__.keys() | CrossOriginOptionsInput.__annotations__.keys()
    ours = signature(CORSMiddleware).parameters.keys()
    assert {"allow_headers", "max_age"} <= theirs & ours
    assert {"origins", "methods", "supports_credentials"} <= theirs - ours
    assert {"allow_origins", "allow_methods", "allow_credentials"} <= ours - theirs


def check_defaults() -> None:
    """`CORS(app)` allows any origin and seven methods; `CORSMiddleware` without arguments no origin and GET alone."""
    preflight = {"Access-Control-Request-Method": "PUT"}
    status, headers = _old(_flask(), "/", "OPTIONS", **preflight)
    assert (status, headers[ALLOW]) == (200, ORIGIN)
    assert headers["Access-Control-Allow-Methods"] == "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
    assert ALLOW not in _new(_fastapi())[1]
    status, headers = _new(_fastapi(), "/", "OPTIONS", **preflight)
    assert (status, headers["Access-Control-Allow-Methods"]) == (400, "GET")


def check_wrapped() -> None:
    """`CORSMiddleware(api, ...)` around a FastAPI app adds its headers to the app's 500."""
    api = FastAPI()
    api.get("/")(_crash)
    status, headers = _new(CORSMiddleware(api, allow_origins=[ORIGIN]))
    assert (status, headers[ALLOW]) == (500, ORIGIN)


def check_per_path() -> None:
    """Flask-CORS takes rules per path, `CORSMiddleware` has no option for one and answers any path alike."""
    app = _flask(resources={"/api/*": {"origins": ORIGIN}})
    app.get("/api/pens", endpoint="pens")(lambda: "pens")
    app.get("/open", endpoint="open")(cross_origin(origins="https://b.example")(lambda: "open"))
    assert ALLOW not in _old(app)[1]
    assert _old(app, "/api/pens")[1][ALLOW] == ORIGIN
    assert _old(app, "/open", Origin="https://b.example")[1][ALLOW] == "https://b.example"
    assert not [name for name in signature(CORSMiddleware).parameters if "path" in name or "resource" in name]
    assert _new(_fastapi(allow_origins=[ORIGIN]), "/nope")[1][ALLOW] == ORIGIN


def check_mounted() -> None:
    """A FastAPI app that is mounted in another may have a `CORSMiddleware` that holds for its paths only."""
    app = FastAPI()
    app.get("/")(lambda: "home")
    app.mount("/api", _fastapi(allow_origins=[ORIGIN]))
    assert _new(app, "/api/")[1][ALLOW] == ORIGIN
    assert ALLOW not in _new(app)[1]


def check_regex_full() -> None:
    """`allow_origin_regex` must match the whole origin."""
    app = _fastapi(allow_origin_regex=r"https://.*\.example")
    assert _new(app, Origin="https://a.example")[1][ALLOW] == "https://a.example"
    assert ALLOW not in _new(app, Origin="https://a.example.evil.com")[1]


def check_flask_pattern() -> None:
    """Flask-CORS matches a pattern at the start of the origin only: what follows it may be anything."""
    evil = "https://a.example.evil.com"
    assert _old(_flask(origins=r"https://.*\.example"), Origin=evil)[1][ALLOW] == evil
    assert ALLOW not in _old(_flask(origins=r"https://.*\.example$"), Origin=evil)[1]


def check_flask_star() -> None:
    """For Flask-CORS `https://*.example` is a regular expression that does not accept `https://app.example`."""
    assert ALLOW not in _old(_flask(origins="https://*.example"))[1]


def check_open_by_default() -> None:
    """`CORS(app)` answers any origin with itself, `null` too, and without credentials."""
    for origin in ("https://evil.example", "null"):
        headers = _old(_flask(), Origin=origin)[1]
        assert headers[ALLOW] == origin
        assert "Access-Control-Allow-Credentials" not in headers


def check_debug_500() -> None:
    """With `PROPAGATE_EXCEPTIONS` the exception leaves the app before Flask-CORS adds headers."""
    app = _flask(origins=[ORIGIN])
    app.get("/crash")(_crash)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    client = Client(DebuggedApplication(app))
    answer = client.get("/crash", headers={"Origin": ORIGIN}, errors_stream=io.StringIO())
    assert (answer.status_code, ALLOW in answer.headers) == (500, False)


def check_exception_handler() -> None:
    """The answer of `@app.exception_handler(Exception)` has no CORS headers."""
    app = _fastapi(allow_origins=[ORIGIN])
    app.get("/crash")(_crash)

    @app.exception_handler(Exception)
    def handle(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": "sorry"}, 500)

    status, headers = _new(app, "/crash")
    assert (status, headers["Content-Type"], ALLOW in headers) == (500, "application/json", False)


def check_own_exception() -> None:
    """A handler for an exception class of your own runs inside the middleware: its answer has the CORS headers."""
    app = _fastapi(allow_origins=[ORIGIN])

    @app.exception_handler(OutOfStockError)
    def handle(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": "sold out"}, 500)

    @app.get("/sold-out")
    def sold_out() -> None:
        raise OutOfStockError

    status, headers = _new(app, "/sold-out")
    assert (status, headers[ALLOW]) == (500, ORIGIN)


def check_exact_origin() -> None:
    """`CORSMiddleware` compares origins to the letter: a slash at the end or another case matches nothing."""
    for listed in (f"{ORIGIN}/", "https://APP.example"):
        assert ALLOW not in _new(_fastapi(allow_origins=[listed]))[1]


def check_private_network() -> None:
    """To a preflight for a private network FastAPI answers 400 unless it is allowed, Flask-CORS 200 and `false`."""
    name = "Access-Control-Allow-Private-Network"
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Private-Network": "true"}
    assert _new(_fastapi(allow_origins=[ORIGIN]), "/", "OPTIONS", **asked)[0] == 400
    allowing = _fastapi(allow_origins=[ORIGIN], allow_private_network=True)
    status, headers = _new(allowing, "/", "OPTIONS", **asked)
    assert (status, headers[name]) == (200, "true")
    status, headers = _old(_flask(origins=[ORIGIN]), "/", "OPTIONS", **asked)
    assert (status, headers[name]) == (200, "false")

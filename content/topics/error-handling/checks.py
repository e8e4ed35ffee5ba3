"""Facts that no request to the demos shows: what is logged, what is lost, and which handler is asked."""

import asyncio
import json
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from typing import Any

import fastapi
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import PlainTextResponse
from flask import Flask, abort, request
from starlette.exceptions import HTTPException as StarletteHTTPException
from werkzeug.exceptions import HTTPException, InternalServerError

Message = MutableMapping[str, Any]


def _send(app: FastAPI, path: str, sent: list[Message], method: str = "GET", **headers: str) -> None:
    """Send a request with {} as its body as an ASGI server would, and collect what the application sends."""

    async def receive() -> Message:
        return {"type": "http.request", "body": b"{}"}

    async def send(message: Message) -> None:
        sent.append(message)

    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": lines}
    asyncio.run(app({**scope, "asgi": {"spec_version": "2.4"}}, receive, send))


def _answer(app: FastAPI, path: str = "/", **request: str) -> tuple[int, dict[bytes, bytes], bytes]:
    """Return status, headers and body; what the application raises after its answer is dropped."""
    sent: list[Message] = []
    with suppress(Exception):
        _send(app, path, sent, **request)
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


def _flask(view: Callable[[], Any]) -> tuple[Flask, list[Any]]:
    """Return an application with one view at /, and the classes of the exceptions it logs."""
    app, logged = Flask(__name__), list[Any]()
    app.log_exception = lambda info: logged.append(info[0])  # type: ignore[method-assign]
    app.get("/")(view)
    return app, logged


def _fastapi(view: Callable[[], Any]) -> FastAPI:
    """Return an application with one endpoint at /."""
    app = FastAPI()
    app.get("/")(view)
    return app


def _crash() -> str:
    return {"tea": "4"}["rice"]


def check_original_exception() -> None:
    """A Flask handler for HTTPException is given a crash as InternalServerError, the exception inside it."""
    app, _ = _flask(_crash)
    seen: list[HTTPException] = []

    @app.errorhandler(HTTPException)
    def problem(error: HTTPException) -> tuple[str, int]:
        seen.append(error)
        return "problem", 500

    assert app.test_client().get("/").text == "problem"
    (error,) = seen
    assert isinstance(error, InternalServerError)
    assert repr(error.original_exception) == "KeyError('rice')"


def check_logged_once() -> None:
    """Flask logs a crash with its traceback, also when a handler for HTTPException answers it."""
    app, logged = _flask(_crash)
    app.errorhandler(HTTPException)(lambda error: ("problem", 500))
    assert app.test_client().get("/").status_code == 500
    assert logged == [KeyError]


def check_silent() -> None:
    """A Flask handler for Exception gets crashes before they are logged: nothing is written, and 404 comes too."""
    app, logged = _flask(_crash)
    app.errorhandler(Exception)(lambda error: (type(error).__name__, 500))
    client = app.test_client()
    assert [client.get(path).text for path in ("/", "/nope")] == ["KeyError", "NotFound"]
    assert logged == []


def check_raised_again() -> None:
    """FastAPI sends what a handler for Exception returns, and raises the exception again, for the server's log."""
    app = _fastapi(_crash)

    @app.exception_handler(Exception)
    def crash(request: Request, error: Exception) -> Response:
        return PlainTextResponse("sorry", 500)

    sent: list[Message] = []
    try:
        _send(app, "/", sent)
    except KeyError:
        assert (sent[0]["status"], sent[1]["body"]) == (500, b"sorry")
    else:
        raise AssertionError("nothing was raised")


def check_headers_of_a_crash() -> None:
    """A header for every answer is on Flask's 500, and is missing on FastAPI's, with or without a handler."""
    old, _ = _flask(_crash)

    @old.after_request
    def version(response: Any) -> Any:
        response.headers["X-Version"] = "1"
        return response

    assert old.test_client().get("/").headers["X-Version"] == "1"
    new = _fastapi(_crash)

    @new.middleware("http")
    async def add_version(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers["X-Version"] = "1"
        return response

    assert _answer(new, "/nope")[1][b"x-version"] == b"1"
    assert b"x-version" not in _answer(new)[1]
    new = FastAPI(middleware=new.user_middleware, exception_handlers={Exception: lambda r, e: Response("", 500)})
    new.get("/")(_crash)
    assert _answer(new, "/nope")[1][b"x-version"] == b"1"
    assert b"x-version" not in _answer(new)[1]


def check_which_class() -> None:
    """A handler for FastAPI's own HTTPException misses the 404 of an unknown path; one for Starlette's gets both."""

    def missing() -> None:
        raise fastapi.HTTPException(404)

    for base, unknown in ((fastapi.HTTPException, b'{"detail":"Not Found"}'), (StarletteHTTPException, b"problem")):
        app = _fastapi(missing)
        app.exception_handler(base)(lambda request, error: PlainTextResponse("problem", 404))
        assert _answer(app)[2] == b"problem"
        assert _answer(app, "/nope")[2] == unknown


def check_base_class() -> None:
    """On both sides a handler for LookupError takes a KeyError, unless there is one for KeyError."""
    old, _ = _flask(_crash)
    old.errorhandler(LookupError)(lambda error: ("lookup", 404))
    assert old.test_client().get("/").text == "lookup"
    old, _ = _flask(_crash)
    old.errorhandler(LookupError)(lambda error: ("lookup", 404))
    old.errorhandler(KeyError)(lambda error: ("key", 404))
    assert old.test_client().get("/").text == "key"
    new = _fastapi(_crash)
    new.exception_handler(LookupError)(lambda request, error: PlainTextResponse("lookup", 404))
    assert _answer(new)[2] == b"lookup"
    new = _fastapi(_crash)
    new.exception_handler(LookupError)(lambda request, error: PlainTextResponse("lookup", 404))
    new.exception_handler(KeyError)(lambda request, error: PlainTextResponse("key", 404))
    assert _answer(new)[2] == b"key"


def check_what_a_handler_returns() -> None:
    """A handler may return a dict and a status in Flask; in FastAPI a dict from a handler is a 500."""
    old, _ = _flask(_crash)
    old.errorhandler(KeyError)(lambda error: ({"status": 404}, 404))
    answer = old.test_client().get("/")
    assert (answer.status_code, answer.json) == (404, {"status": 404})
    new = _fastapi(_crash)
    new.exception_handler(KeyError)(lambda request, error: {"status": 404})
    assert _answer(new)[::2] == (500, b"Internal Server Error")


def check_kept_allow() -> None:
    """`error.get_response()` brings the `Allow` of a 405 along in Flask."""
    app = Flask(__name__)
    app.post("/")(lambda: "ok")
    app.errorhandler(HTTPException)(lambda error: error.get_response())
    answer = app.test_client().get("/")
    assert (answer.status_code, sorted(answer.headers["Allow"].split(", "))) == (405, ["OPTIONS", "POST"])


def check_lost_allow() -> None:
    """A handler that builds its answer from nothing loses `Allow`: in Flask and in FastAPI."""
    old, new = Flask(__name__), FastAPI()
    old.post("/")(lambda: "ok")
    new.post("/")(lambda: "ok")
    assert sorted(old.test_client().get("/").headers["Allow"].split(", ")) == ["OPTIONS", "POST"]
    assert _answer(new)[1][b"allow"] == b"POST"
    old, new = Flask(__name__), FastAPI()
    old.post("/")(lambda: "ok")
    new.post("/")(lambda: "ok")
    old.errorhandler(HTTPException)(lambda error: ({"status": error.code}, error.code))
    new.exception_handler(StarletteHTTPException)(lambda request, error: Response("", error.status_code))
    answer = old.test_client().get("/")
    assert (answer.status_code, "Allow" in answer.headers) == (405, False)
    status, headers, _ = _answer(new)
    assert (status, b"allow" in headers) == (405, False)


def check_two_key_errors() -> None:
    """A key that `request.args` lacks is a 400 in Flask; one that a dict of yours lacks is a 500."""
    app, _ = _flask(lambda: request.args["count"])
    assert app.test_client().get("/").status_code == 400
    app, _ = _flask(_crash)
    assert app.test_client().get("/").status_code == 500


def check_detail() -> None:
    """The detail of FastAPI's HTTPException is any JSON; Flask's description is text that goes into the page."""

    def missing() -> None:
        raise fastapi.HTTPException(404, {"item": "<rice>"})

    status, _, body = _answer(_fastapi(missing))
    assert (status, json.loads(body)) == (404, {"detail": {"item": "<rice>"}})
    app, _ = _flask(lambda: abort(404, "no <rice>"))
    assert "<p>no &lt;rice&gt;</p>" in app.test_client().get("/").text


def check_swallowed() -> None:
    """An `except Exception` in a view catches `abort(404)` in Flask and an HTTPException in FastAPI."""

    def old_view() -> str:
        try:
            abort(404)
        except Exception:
            return "caught"

    def new_view() -> str:
        try:
            raise fastapi.HTTPException(404)
        except Exception:
            return "caught"

    app, _ = _flask(old_view)
    assert app.test_client().get("/").text == "caught"
    assert _answer(_fastapi(new_view))[::2] == (200, b'"caught"')


def check_validation_is_no_http_exception() -> None:
    """FastAPI's RequestValidationError is no HTTPException."""
    assert not issubclass(fastapi.exceptions.RequestValidationError, StarletteHTTPException)
    assert issubclass(fastapi.HTTPException, StarletteHTTPException)


def check_debug() -> None:
    """In debug mode Flask raises a crash past a handler for HTTPException, FastAPI shows a traceback."""
    for mode in ("debug", "testing"):
        old, _ = _flask(_crash)
        setattr(old, mode, True)
        old.errorhandler(HTTPException)(lambda error: ("problem", 500))
        try:
            old.test_client().get("/")
        except KeyError:
            continue
        raise AssertionError(f"{mode}: nothing was raised")
    new = FastAPI(debug=True, exception_handlers={Exception: lambda request, error: PlainTextResponse("problem", 500)})
    new.get("/")(_crash)
    status, _, body = _answer(new)
    assert (status, body.startswith(b"Traceback"), b"problem" in body) == (500, True, False)


def check_document() -> None:
    """With a handler that answers 400 the document declares 422; `responses` adds the 400."""

    def order(count: int) -> int:
        return count

    app = FastAPI()
    app.exception_handler(RequestValidationError)(lambda request, error: PlainTextResponse("problem", 400))
    app.get("/")(order)
    app.get("/declared", responses={400: {"description": "Wrong"}})(order)
    assert _answer(app)[0] == 400
    declared = [list(path["get"]["responses"]) for path in app.openapi()["paths"].values()]
    assert declared == [["200", "422"], ["200", "400", "422"]]


def check_in_front() -> None:
    """A body that is announced too long and a refused preflight are plain text, whatever handlers there are."""
    app = FastAPI(max_body_size=10)
    app.add_middleware(CORSMiddleware, allow_origins=["https://shop.example"])
    app.post("/")(lambda: "ok")
    for kind in (StarletteHTTPException, RequestValidationError, Exception):
        app.exception_handler(kind)(lambda request, error: Response("problem", 500, media_type="application/json"))
    long = _answer(app, method="POST", content_length="99")
    refused = _answer(app, method="OPTIONS", origin="https://evil.example", access_control_request_method="POST")
    assert (long[0], refused[0]) == (413, 400)
    for _, headers, body in (long, refused):
        assert headers[b"content-type"] == b"text/plain; charset=utf-8"
        assert body != b"problem"


def check_also_422() -> None:
    """A path parameter that is no number is 404 in Flask, a body of another media type 415; both 422 in FastAPI."""
    old, new = Flask(__name__), FastAPI()
    old.get("/orders/<int:number>")(lambda number: "ok")
    old.post("/", endpoint="post")(lambda: request.get_json())

    @new.get("/orders/{number}")
    def read_order(number: int) -> str:
        return "ok"

    @new.post("/")
    def post(order: dict[str, int]) -> str:
        return "ok"

    client = old.test_client()
    assert client.get("/orders/ten").status_code == 404
    assert client.post("/", data="{}", content_type="text/plain").status_code == 415
    assert _answer(new, "/orders/ten")[0] == 422
    types = ("application/json", "text/plain")
    assert [_answer(new, method="POST", content_type=media_type)[0] for media_type in types] == [200, 422]

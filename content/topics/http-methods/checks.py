"""Facts that no request to the demos shows."""

import asyncio
import json
from collections.abc import Callable, MutableMapping
from typing import Annotated, Any

import flask
from fastapi import Body, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.routing import APIRoute
from flask import Flask, request

Message = MutableMapping[str, Any]
JSON = {"Content-Type": "application/json"}


def _answer(
    app: FastAPI, method: str, headers: dict[str, str], path: str = "/", body: bytes = b""
) -> tuple[int, dict[str, str], bytes]:
    """Send a request as an ASGI server would, and return status, headers and body of the answer."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        sent.append(message)

    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": pairs}
    asyncio.run(app(scope, receive, send))
    start, *rest = sent
    fields = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], fields, b"".join(message.get("body", b"") for message in rest)


def _error(call: Callable[..., object], *arguments: Any, **options: Any) -> Exception:
    """Return what a call raises."""
    try:
        call(*arguments, **options)
    except Exception as error:
        return error
    raise AssertionError(f"{call} raised nothing")


def check_matrix_cors() -> None:
    """FastAPI answers a preflight with `CORSMiddleware`; Flask has no CORS headers to offer."""
    old, new = Flask(__name__), FastAPI()
    new.add_middleware(CORSMiddleware, allow_origins=["https://app.example"], allow_methods=["PUT"])
    old.put("/")(lambda: "done")
    preflight = {"Origin": "https://app.example", "Access-Control-Request-Method": "PUT"}
    status, headers, _ = _answer(new, "OPTIONS", preflight)
    assert (status, headers["access-control-allow-origin"]) == (200, "https://app.example")
    answer = old.test_client().options("/", headers=preflight)
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert not [name for name in (*dir(flask), *dir(Flask)) if "cors" in name.lower()]


def check_matrix_trusted_hosts() -> None:
    """Both answer 400 to a Host that is not on the list: `TRUSTED_HOSTS` and `TrustedHostMiddleware`."""
    old, new = Flask(__name__), FastAPI()
    old.config["TRUSTED_HOSTS"] = ["good.example"]
    new.add_middleware(TrustedHostMiddleware, allowed_hosts=["good.example"])
    old.get("/")(lambda: "done")
    new.get("/")(lambda: "done")
    for host, status in (("good.example", 200), ("evil.example", 400)):
        assert old.test_client().get("/", headers={"Host": host}).status_code == status
        assert _answer(new, "GET", {"Host": host})[0] == status


def check_decorators() -> None:
    """Both have a decorator each for GET, POST, PUT, PATCH and DELETE, which registers that method."""
    for method in ("get", "post", "put", "patch", "delete"):
        old, new = Flask(__name__), FastAPI()
        getattr(old, method)("/")(lambda: "")
        getattr(new, method)("/")(lambda: "")
        assert old.test_client().open("/", method=method.upper()).status_code == 200
        assert _answer(new, method.upper(), {})[0] == 200


def check_head_and_options() -> None:
    """Flask answers HEAD by running the view and dropping the body, and OPTIONS without running it."""
    app, calls = Flask(__name__), list[str]()

    @app.get("/")
    def view() -> str:
        calls.append(request.method)
        return "hello"

    answer = app.test_client().head("/")
    assert (answer.status_code, answer.headers["Content-Length"], answer.data) == (200, "5", b"")
    assert calls == ["HEAD"]
    answer = app.test_client().options("/")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert calls == ["HEAD"]


def check_declared_head_and_options() -> None:
    """FastAPI answers HEAD and OPTIONS with 405 until they are declared with `@app.head` and `@app.options`."""
    app = FastAPI()
    app.get("/")(lambda: "")
    assert [_answer(app, method, {})[0] for method in ("HEAD", "OPTIONS")] == [405, 405]
    app.head("/")(lambda: "")
    app.options("/")(lambda: "")
    assert [_answer(app, method, {})[0] for method in ("HEAD", "OPTIONS")] == [200, 200]


def check_allow() -> None:
    """A 405 names the methods of all routes of the path in Flask, those of the first one in FastAPI."""
    old, new = Flask(__name__), FastAPI()
    old.add_url_rule("/", "put", lambda: "", methods=["PUT"])
    old.add_url_rule("/", "delete", lambda: "", methods=["DELETE"])
    new.put("/")(lambda: "")
    new.delete("/")(lambda: "")
    allowed = old.test_client().patch("/").headers["Allow"]
    assert set(allowed.split(", ")) == {"PUT", "DELETE", "OPTIONS"}
    assert _answer(new, "PATCH", {})[1]["allow"] == "PUT"


def check_any_json() -> None:
    """`get_json()` returns whatever the JSON is: a list, a number, an object with a number in it."""
    app = Flask(__name__)
    app.put("/")(lambda: repr(request.get_json()))
    for value in ([1], 5, {"name": 5}):
        assert app.test_client().put("/", json=value).text == repr(value)


def check_get_json_options() -> None:
    """`get_json()` answers 415 without a JSON Content-Type and 400 to an empty body; `silent`, `force` change that."""
    for options, bare, empty in (({}, 415, 400), ({"silent": True}, "None", "None"), ({"force": True}, "[1]", 400)):
        app = Flask(__name__)
        app.put("/")(lambda options=options: repr(request.get_json(**options)))
        answers = app.test_client().put("/", data="[1]"), app.test_client().put("/", headers=JSON)
        assert [answer.text if answer.status_code == 200 else answer.status_code for answer in answers] == [bare, empty]


def check_what_is_the_body() -> None:
    """A `dict` is read from the body, `str` and `Any` from the query; `Body()` moves `Any` into the body."""
    for annotation, place in (
        (dict[str, str], ["body"]),
        (str, ["query", "item"]),
        (Any, ["query", "item"]),
        (Annotated[Any, Body()], ["body"]),
    ):
        app = FastAPI()

        def view(item: Any) -> None:
            pass

        view.__annotations__["item"] = annotation
        app.put("/")(view)
        status, _, body = _answer(app, "PUT", {})
        assert (status, json.loads(body)["detail"][0]["loc"]) == (422, place)


def check_body_before_the_view() -> None:
    """FastAPI parses and checks the body before it calls the function, and calls it only if the body fits."""
    app, calls = FastAPI(), list[dict[str, str]]()

    @app.put("/")
    def view(item: dict[str, str]) -> None:
        calls.append(item)

    for body in (b"", b"{", b"[1]"):
        assert _answer(app, "PUT", JSON, body=body)[0] == 422
    assert not calls
    assert _answer(app, "PUT", JSON, body=b'{"name": "ink"}')[0] == 200
    assert calls == [{"name": "ink"}]


def check_status_of_the_decorator() -> None:
    """The `status_code` of the decorator is the answer's, and the one in /openapi.json."""
    app = FastAPI()
    app.delete("/", status_code=204)(lambda: None)
    assert _answer(app, "DELETE", {})[0] == 204
    assert [*app.openapi()["paths"]["/"]["delete"]["responses"]] == ["204"]


def check_no_content_with_a_type() -> None:
    """A 204 route whose return type is a dict fails when it is declared."""

    def view() -> dict[str, str]:
        return {}

    error = _error(FastAPI().delete("/", status_code=204), view)
    assert str(error) == "Status code 204 must not have a response body"


def check_methods_of_short_decorators() -> None:
    """Flask's `@app.get` refuses `methods` with a `TypeError`."""
    assert isinstance(_error(Flask(__name__).get, "/", methods=["GET", "POST"]), TypeError)


def check_one_id_for_two_methods() -> None:
    """A route of `@app.api_route` has one operation id for all its methods; two decorators make two."""
    app = FastAPI()
    app.api_route("/search", methods=["GET", "POST"])(lambda: "")
    app.get("/items")(lambda: "")
    app.post("/items")(lambda: "")
    routes = [(route.path, route.methods, route.unique_id) for route in app.routes if isinstance(route, APIRoute)]
    assert [methods for path, methods, _ in routes if path == "/search"] == [{"GET", "POST"}]
    assert len({identifier for path, _, identifier in routes if path == "/items"}) == 2


def check_same_name() -> None:
    """Two views of one name on different paths raise `AssertionError` in Flask; FastAPI keeps both."""
    old, new, one, two = Flask(__name__), FastAPI(), lambda: "one", lambda: "two"
    assert one.__name__ == two.__name__
    old.get("/one")(one)
    error = _error(old.get("/two"), two)
    assert isinstance(error, AssertionError)
    assert "View function mapping is overwriting an existing endpoint function" in str(error)
    new.get("/one")(one)
    new.get("/two")(two)
    assert [_answer(new, "GET", {}, path)[2] for path in ("/one", "/two")] == [b'"one"', b'"two"']


def check_content_type_of_json() -> None:
    """FastAPI answers 422 to JSON without its Content-Type; `strict_content_type=False` lets a missing one pass."""
    for app, bare in ((FastAPI(), 422), (FastAPI(strict_content_type=False), 200)):

        @app.put("/")
        def view(item: dict[str, str]) -> None:
            pass

        for headers, status in ((JSON, 200), ({}, bare), ({"Content-Type": "text/plain"}, 422)):
            assert _answer(app, "PUT", headers, body=b'{"name": "ink"}')[0] == status


def check_same_path_twice() -> None:
    """Of two FastAPI functions for the same path and method the first is called; both are registered."""
    app = FastAPI()
    app.get("/")(lambda: "first")
    app.get("/")(lambda: "second")
    assert len([route for route in app.routes if isinstance(route, APIRoute)]) == 2
    assert _answer(app, "GET", {})[2] == b'"first"'


def check_stray_slash() -> None:
    """The 307 for a stray slash runs no view; with `redirect_slashes=False` it is a 404."""
    for app, status in ((FastAPI(), 307), (FastAPI(redirect_slashes=False), 404)):
        calls: list[str] = []
        app.put("/items")(lambda calls=calls: calls.append("called"))
        assert _answer(app, "PUT", {"Host": "demo.local"}, "/items/")[0] == status
        assert not calls

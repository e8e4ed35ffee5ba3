"""Facts that no request to the demos shows.

TestClient needs httpx2, which a site does not have: there its defaults are read from the source of its signature, and
where httpx2 is installed it is called as well.
"""

import ast
import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module
from importlib.metadata import requires
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from fastapi.responses import RedirectResponse
from flask import Flask, Response, g, redirect, request

Message = MutableMapping[str, Any]


class Quiet(Flask):
    """An application that logs no exceptions: a check crashes it on purpose."""

    def log_exception(self, *information: Any) -> None:
        """Say nothing."""


def _get(app: FastAPI) -> tuple[int, Any]:
    """Send a GET request as an ASGI server would, and return the status and the JSON of the answer."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    asyncio.run(app({**scope, "asgi": {"spec_version": "2.4"}}, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def _error(call: Callable[..., object], *arguments: Any) -> Exception:
    """Return what a call raises."""
    try:
        call(*arguments)
    except Exception as error:
        return error
    raise AssertionError(f"{call} raised nothing")


def _methods() -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return the methods of TestClient as its source has them: without httpx2 it cannot be imported."""
    spec = find_spec("starlette.testclient")
    assert spec
    assert spec.origin
    for node in ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name == "TestClient":
            return {part.name: part for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)}
    raise AssertionError("starlette.testclient has no class TestClient")


def _default(name: str) -> object:
    """Return the default of a parameter of TestClient."""
    arguments = _methods()["__init__"].args
    defaults = dict(zip(reversed([a.arg for a in arguments.args]), reversed(arguments.defaults), strict=False))
    return ast.literal_eval(defaults[name])


@contextmanager
def _test_client() -> Iterator[Any]:
    """Give TestClient, None where httpx2 is missing; httpx2 would log each request."""
    log = logging.getLogger("httpx2")
    level = log.level
    log.setLevel(logging.WARNING)
    try:
        yield import_module("fastapi.testclient").TestClient if find_spec("httpx2") else None
    finally:
        log.setLevel(level)


def check_flask_client() -> None:
    """Flask's client returns status, headers and body of the answer as the app gives it."""
    app = Flask(__name__)
    app.get("/")(lambda: ({"share": 25}, 201, {"X-A": "b"}))
    answer = app.test_client().get("/")
    assert (answer.status_code, answer.headers["X-A"], answer.data) == (201, "b", b'{"share":25}\n')


def check_test_client_defaults() -> None:
    """TestClient follows redirects and raises the exceptions of the app, unless it is told not to."""
    assert _default("follow_redirects") is True
    assert _default("raise_server_exceptions") is True
    with _test_client() as client:
        if not client:
            return
        app = FastAPI()
        app.get("/")(lambda: RedirectResponse("/there"))
        app.get("/there")(lambda: "there")
        app.get("/crash")(lambda: 1 // 0)
        assert client(app).get("/").json() == "there"
        assert client(app, follow_redirects=False).get("/").status_code == 307
        assert isinstance(_error(client(app).get, "/crash"), ZeroDivisionError)
        assert client(app, raise_server_exceptions=False).get("/crash").status_code == 500


def check_httpx2() -> None:
    """Flask has its client; Starlette asks for httpx2 as an extra only, and its client says so."""
    assert Flask(__name__).test_client().get("/").status_code == 404
    needs = [line for package in ("fastapi", "starlette") for line in requires(package) or ()]
    assert not [line for line in needs if line.startswith("httpx") and "extra ==" not in line]
    assert [line for line in requires("starlette") or () if line.startswith("httpx2") and "extra ==" in line]
    if not find_spec("httpx2") and not find_spec("httpx"):
        assert "httpx2" in str(_error(import_module, "starlette.testclient"))


def check_lifespan() -> None:
    """TestClient runs `lifespan` when it is entered, and not for a request alone."""
    methods = _methods()
    assert "self.lifespan" in ast.unparse(methods["__enter__"])
    assert not any("self.lifespan" in ast.unparse(methods[name]) for name in ("__init__", "request"))
    with _test_client() as client:
        if not client:
            return
        steps: list[str] = []

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            steps.append("start")
            yield
            steps.append("end")

        app = FastAPI(lifespan=lifespan)
        app.get("/")(lambda: steps.append("request"))
        client(app).get("/")
        assert steps == ["request"]
        steps.clear()
        with client(app) as entered:
            entered.get("/")
        assert steps == ["start", "request", "end"]


def check_plain_methods() -> None:
    """TestClient's `request`, which `get` and `post` use, is no coroutine, for `async def` views as well."""
    assert isinstance(_methods()["request"], ast.FunctionDef)
    with _test_client() as client:
        if not client:
            return
        app = FastAPI()

        @app.get("/")
        async def view() -> str:
            return "awaited"

        assert client(app).get("/").json() == "awaited"


def check_override() -> None:
    """`dependency_overrides` replaces a dependency until it is cleared."""
    app = FastAPI()

    def get_total() -> int:
        return 100

    @app.get("/")
    def view(total: Annotated[int, Depends(get_total)]) -> int:
        return total

    app.dependency_overrides[get_total] = lambda: 200
    assert [_get(app), _get(app)] == [(200, 200), (200, 200)]
    app.dependency_overrides.clear()
    assert _get(app) == (200, 100)


def check_override_parameters() -> None:
    """A parameter of an override is read from the request, and missing there."""
    app = FastAPI()

    def get_total() -> int:
        return 100

    @app.get("/")
    def view(total: Annotated[int, Depends(get_total)]) -> int:
        return total

    app.dependency_overrides[get_total] = lambda total: total
    status, answer = _get(app)
    assert (status, answer["detail"][0]["loc"]) == (422, ["query", "total"])


def check_patched() -> None:
    """A patched name is what a Flask view calls; FastAPI goes on calling the function it was given."""
    module = SimpleNamespace(get_total=lambda: 100)
    old, new = Flask(__name__), FastAPI()
    old.get("/")(lambda: str(module.get_total()))

    @new.get("/")
    def view(total: Annotated[int, Depends(module.get_total)]) -> int:
        return total

    module.get_total = lambda: 200
    assert (old.test_client().get("/").text, _get(new)) == ("200", (200, 100))


def check_patched_elsewhere() -> None:
    """A name imported from a module stays what it was when the module's own name is replaced."""
    prices = SimpleNamespace(get_total=lambda: 100)
    views = SimpleNamespace(get_total=prices.get_total)
    app = Flask(__name__)
    app.get("/")(lambda: str(views.get_total()))
    prices.get_total = lambda: 200
    assert app.test_client().get("/").text == "100"


def check_flask_crash() -> None:
    """A crash is an answer with status 500 for Flask's client, and the exception itself with `app.testing`."""
    app = Quiet(__name__)
    app.get("/")(lambda: str(1 // 0))
    assert app.test_client().get("/").status_code == 500
    app.testing = True
    assert isinstance(_error(app.test_client().get, "/"), ZeroDivisionError)


def check_flask_redirect() -> None:
    """Flask's client returns the redirect; with `follow_redirects=True` it returns what is behind it."""
    app = Flask(__name__)
    app.get("/", endpoint="here")(lambda: redirect("/there"))
    app.get("/there", endpoint="there")(lambda: "there")
    client = app.test_client()
    assert client.get("/").status_code == 302
    assert client.get("/", follow_redirects=True).text == "there"


def check_json_property() -> None:
    """`json` of Flask's answers is the value, not a method that returns it."""
    app = Flask(__name__)
    app.get("/")(lambda: {"share": 25})
    assert app.test_client().get("/").json == {"share": 25}
    if find_spec("httpx2"):
        assert callable(import_module("httpx2").Response.json)


def check_debug_indents() -> None:
    """In debug mode Flask indents its JSON: a test of the bytes fails there."""
    app = Flask(__name__)
    app.get("/")(lambda: {"share": 25})
    assert app.test_client().get("/").data == b'{"share":25}\n'
    app.debug = True
    assert app.test_client().get("/").data == b'{\n  "share": 25\n}\n'


def check_cookies() -> None:
    """Flask's client keeps cookies and drops a `Cookie` header, unless `use_cookies=False`."""
    app = Flask(__name__)

    @app.get("/")
    def view() -> Response:
        answer = Response(repr(request.cookies.get("a")))
        answer.set_cookie("a", "set")
        return answer

    client, bare = app.test_client(), app.test_client(use_cookies=False)
    header = {"Cookie": "a=mine"}
    assert [client.get("/").text, client.get("/").text] == ["None", "'set'"]
    assert app.test_client().get("/", headers=header).text == "None"
    assert bare.get("/", headers=header).text == "'mine'"
    client.set_cookie("a", "mine")
    assert client.get("/").text == "'mine'"


def check_preserved_context() -> None:
    """After a request `request` and `g` raise RuntimeError; inside `with client:` they can be read."""
    app = Flask(__name__)

    @app.get("/")
    def view() -> str:
        g.user = "Ada"
        return "ok"

    app.test_client().get("/?a=b")
    assert isinstance(_error(lambda: request.args["a"]), RuntimeError)
    assert isinstance(_error(lambda: g.user), RuntimeError)
    with app.test_client() as client:
        client.get("/?a=b")
        assert (request.args["a"], g.user) == ("b", "Ada")

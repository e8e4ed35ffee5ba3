"""Facts that no request to the demos shows."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager, suppress
from importlib.metadata import requires
from importlib.util import find_spec
from typing import Annotated, Any

import click
import fastapi
import flask
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, WebSocket
from fastapi.security import HTTPBasic, HTTPBasicCredentials, OAuth2PasswordBearer
from flask import Blueprint, Flask, abort, request
from flask.signals import request_started
from werkzeug.debug import DebuggedApplication
from werkzeug.test import Client

Message = MutableMapping[str, Any]


def _run(app: FastAPI, scope: Message, *received: Message, sent: list[Message] | None = None) -> list[Message]:
    """Call an application as an ASGI server would, and return what it sent."""
    sent, waiting = [] if sent is None else sent, [*received]

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": f"{scope['type']}.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def _scope(path: str = "/", **headers: str) -> Message:
    """Return the scope of a GET request."""
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    common = {"type": "http", "method": "GET", "query_string": b"", "asgi": {"spec_version": "2.4"}}
    return {**common, "path": path, "headers": pairs}


def _answer(app: FastAPI, path: str = "/", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of a GET request."""
    start, *rest = _run(app, _scope(path, **headers), {"type": "http.request"})
    fields = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], fields, b"".join(message.get("body", b"") for message in rest)


def _needs(*packages: str) -> set[str]:
    """Return what the packages bring along when they are installed without extras."""
    lines = [line for package in packages for line in requires(package) or () if "extra ==" not in line]
    return {re.split(r"[^\w.-]", line)[0].lower() for line in lines}


def check_matrix_modules() -> None:
    """Views of a `Blueprint` and of an `APIRouter` are served under the prefix at which they are registered."""
    blueprint, router = Blueprint("shop", __name__), APIRouter()
    blueprint.get("/pens")(lambda: "pens")
    router.get("/pens")(lambda: "pens")
    old, new = Flask(__name__), FastAPI()
    old.register_blueprint(blueprint, url_prefix="/shop")
    new.include_router(router, prefix="/shop")
    assert old.test_client().get("/shop/pens").status_code == 200
    assert _answer(new, "/shop/pens")[0] == 200


def check_matrix_module_errors() -> None:
    """A `Blueprint` has error handlers of its own; an `APIRouter` has none, they belong to the app."""
    app, blueprint = Flask(__name__), Blueprint("shop", __name__)
    blueprint.get("/shop")(lambda: abort(404))
    app.get("/other")(lambda: abort(404))
    blueprint.errorhandler(404)(lambda error: ("sold out", 404))
    app.register_blueprint(blueprint)
    client = app.test_client()
    assert client.get("/shop").text == "sold out"
    assert client.get("/other").text != "sold out"
    assert hasattr(FastAPI, "exception_handler")
    assert not hasattr(APIRouter, "exception_handler")


def check_matrix_dependencies() -> None:
    """FastAPI fills a parameter with `Depends` and lets tests replace it; Flask fills those of the URL only."""

    def number() -> int:
        return 1

    async def new_view(value: Annotated[int, Depends(number)]) -> int:
        return value

    def old_view(value: int) -> str:
        return str(value)

    new, old = FastAPI(), Flask(__name__)
    new.get("/")(new_view)
    assert _answer(new)[2] == b"1"
    new.dependency_overrides[number] = lambda: 2
    assert _answer(new)[2] == b"2"
    old.get("/")(old_view)
    old.errorhandler(TypeError)(lambda error: (str(error), 500))
    assert "missing 1 required positional argument: 'value'" in old.test_client().get("/").text


def check_matrix_lifespan() -> None:
    """FastAPI's `lifespan` runs around the whole life of the app; Flask has no hook for start or end."""
    steps = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        steps.append("start")
        yield
        steps.append("end")

    events = ({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    sent = _run(FastAPI(lifespan=lifespan), {"type": "lifespan", "state": {}}, *events)
    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert steps == ["start", "end"]
    assert not hasattr(Flask, "before_first_request")
    assert not [name for name in dir(Flask) if re.search("startup|shutdown|lifespan|before_serving", name)]


def check_matrix_signals() -> None:
    """Flask sends signals, `request_started` among them; FastAPI has none and does not bring blinker along."""
    app, heard = Flask(__name__), []
    with request_started.connected_to(lambda sender, **_: heard.append(sender), sender=app):
        app.test_client().get("/")
    assert heard == [app]
    assert "blinker" in _needs("flask")
    assert "blinker" not in _needs("fastapi", "starlette")
    assert not hasattr(fastapi, "signals")


def check_matrix_commands() -> None:
    """`@app.cli.command` adds a Click command to the `flask` program; a FastAPI app has no `cli`."""
    app = Flask(__name__)
    app.cli.command("greet")(lambda: None)
    assert isinstance(app.cli.commands["greet"], click.Command)
    assert not hasattr(FastAPI(), "cli")


def check_matrix_async_views() -> None:
    """FastAPI runs requests side by side on one event loop; Flask needs asgiref for `async def`, an extra."""

    async def main() -> set[int]:
        app, both, loops = FastAPI(), asyncio.Barrier(2), set[int]()

        @app.get("/")
        async def view() -> None:
            loops.add(id(asyncio.get_running_loop()))
            await both.wait()

        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            pass

        await asyncio.gather(app(_scope(), receive, send), app(_scope(), receive, send))
        return loops

    assert len(asyncio.run(main())) == 1
    assert "asgiref" not in _needs("flask")
    assert any(line.startswith("asgiref") and 'extra == "async"' in line for line in requires("flask") or ())


def check_matrix_websockets() -> None:
    """FastAPI talks over a WebSocket with `@app.websocket`; Flask has no such decorator."""
    app = FastAPI()

    @app.websocket("/")
    async def greet(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("hello")

    scope = {"type": "websocket", "path": "/", "headers": [], "query_string": b""}
    accept, text, *_ = _run(app, scope, {"type": "websocket.connect"})
    assert accept["type"] == "websocket.accept"
    assert text["text"] == "hello"
    assert not hasattr(Flask, "websocket")


def check_matrix_background_tasks() -> None:
    """FastAPI runs a `BackgroundTasks` task after the answer was sent; Flask has nothing of the kind."""
    app, sent = FastAPI(), list[Message]()

    @app.get("/")
    async def view(tasks: BackgroundTasks) -> None:
        tasks.add_task(sent.append, {"type": "task"})

    _run(app, _scope(), {"type": "http.request"}, sent=sent)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body", "task"]
    assert not [name for name in (*dir(flask), *dir(Flask)) if re.search("background|task", name.lower())]


def check_matrix_basic_auth() -> None:
    """FastAPI's `HTTPBasic` answers 401 where credentials are missing; Flask reads them and leaves the 401 to you."""
    old, new = Flask(__name__), FastAPI()
    old.get("/")(lambda: (request.authorization and request.authorization.username) or "nobody")

    async def view(user: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())]) -> str:
        return user.username

    new.get("/")(view)
    header = {"Authorization": "Basic YWRhOnNlY3JldA=="}
    assert old.test_client().get("/", headers=header).text == "ada"
    assert old.test_client().get("/").text == "nobody"
    assert _answer(new, **header)[2] == b'"ada"'
    status, headers, _ = _answer(new)
    assert (status, headers["www-authenticate"]) == (401, "Basic")


def check_matrix_tokens() -> None:
    """Neither framework reads JSON Web Tokens: `OAuth2PasswordBearer` lets any text pass as a token."""
    app = FastAPI()

    async def view(token: Annotated[str, Depends(OAuth2PasswordBearer("token"))]) -> str:
        return token

    app.get("/")(view)
    assert _answer(app, Authorization="Bearer junk")[2] == b'"junk"'
    assert not [name for name in _needs("flask", "fastapi", "starlette") if "jwt" in name or "jose" in name]


def check_matrix_login() -> None:
    """Neither framework has a login: no public name of theirs speaks of one."""
    names = [*dir(flask), *dir(fastapi), *dir(fastapi.security), *dir(Flask), *dir(FastAPI)]
    assert not [name for name in names if "login" in name.lower()]


def check_matrix_openapi() -> None:
    """FastAPI describes itself as OpenAPI 3.1 and its /docs loads scripts from a CDN; Flask describes nothing."""
    app = FastAPI()
    assert app.openapi()["openapi"] == "3.1.0"
    assert b"https://cdn.jsdelivr.net/" in _answer(app, "/docs")[2]
    assert Flask(__name__).test_client().get("/openapi.json").status_code == 404
    assert not hasattr(Flask, "openapi")


def check_matrix_debugger() -> None:
    """Flask's debugger puts a Python console into the error page; FastAPI's `debug=True` shows the traceback only."""
    old, new, sent = Flask(__name__), FastAPI(debug=True), list[Message]()

    def broken() -> str:
        raise ZeroDivisionError

    old.get("/")(broken)
    new.get("/")(broken)
    old.config["PROPAGATE_EXCEPTIONS"] = True
    page = Client(DebuggedApplication(old, evalex=True)).get("/", errors_stream=io.StringIO()).text
    assert "EVALEX = true" in page
    with suppress(ZeroDivisionError):
        _run(new, _scope(Accept="text/html"), {"type": "http.request"}, sent=sent)
    page = b"".join(message.get("body", b"") for message in sent).decode()
    assert "Traceback" in page
    assert "console" not in page.lower()


def check_matrix_test_client() -> None:
    """Flask's test client comes with Flask; FastAPI's needs httpx2, which `pip install fastapi` does not bring."""
    assert Flask(__name__).test_client().get("/").status_code == 404
    assert not {"httpx", "httpx2"} & _needs("fastapi", "starlette")
    assert any(line.startswith("httpx2") for line in requires("starlette") or ())


def check_matrix_admin() -> None:
    """Neither framework has an admin interface."""
    assert find_spec("flask.admin") is None
    assert find_spec("fastapi.admin") is None

"""Facts that no request to the demos shows."""

import asyncio
import io
import json
import re
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from functools import partial
from importlib.metadata import entry_points, requires
from inspect import signature
from pathlib import Path
from typing import Annotated, Any, cast

import click
import fastapi
import flask
import uvicorn
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, WebSocket
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.routing import APIRoute
from fastapi.security import HTTPBasic, HTTPBasicCredentials, OAuth2PasswordBearer
from flask import Blueprint, Flask, abort, request
from flask.cli import run_command
from flask.signals import request_started
from starlette.routing import Route
from werkzeug.debug import DebuggedApplication
from werkzeug.exceptions import HTTPException
from werkzeug.test import Client, create_environ

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


def _scope(path: str = "/", method: str = "GET", **headers: str) -> Message:
    """Return the scope of a request."""
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    common = {"type": "http", "method": method, "query_string": b"", "asgi": {"spec_version": "2.4"}}
    return {**common, "path": path, "headers": pairs}


def _answer(app: FastAPI, path: str = "/", method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of the answer to a request."""
    sent: list[Message] = []
    with suppress(Exception):  # after a 500 the error goes on to the server
        _run(app, _scope(path, method, **headers), {"type": "http.request"}, sent=sent)
    start, *rest = sent
    fields = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], fields, b"".join(message.get("body", b"") for message in rest)


def _needs(*packages: str) -> set[str]:
    """Return what the packages bring along when they are installed without extras."""
    lines = [line for package in packages for line in requires(package) or () if "extra ==" not in line]
    return {re.split(r"[^\w.-]", line)[0].lower() for line in lines}


def _error(call: Callable[..., object], *arguments: Any) -> Exception:
    """Return what a call raises."""
    try:
        call(*arguments)
    except Exception as error:
        return error
    raise AssertionError(f"{call} raised nothing")


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


def check_wsgi_asgi() -> None:
    """A Flask app is called as WSGI, a FastAPI app as ASGI; called in the other's way each raises `TypeError`."""
    old, new = Flask(__name__), FastAPI()
    environ, calls = create_environ("/nope"), list[str]()

    def start_response(status: str, *_: Any) -> Any:
        calls.append(status)

    b"".join(old(environ, start_response))
    assert calls == ["404 NOT FOUND"]
    assert _run(new, _scope("/nope"))[0]["status"] == 404
    assert isinstance(_error(old, {}, print, print), TypeError)
    assert isinstance(_error(new, {}, print), TypeError)


def check_routes_of_a_new_app() -> None:
    """A new Flask app has one route, below /static; a new FastAPI app has four for its documentation."""
    assert [rule.rule for rule in Flask(__name__).url_map.iter_rules()] == ["/static/<path:filename>"]
    paths = {route.path for route in FastAPI().routes if isinstance(route, Route)}
    assert paths == {"/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"}
    assert len(FastAPI().routes) == 4


def check_folders_beside_the_module() -> None:
    """Flask looks for `static` and `templates` beside the module whose name it was given."""
    app, folder = Flask("json"), Path(json.__file__).parent
    assert app.static_folder == str(folder / "static")
    assert Path(app.root_path, str(app.template_folder)) == folder / "templates"


def check_methods_of_a_route() -> None:
    """`@app.get` registers GET, HEAD and OPTIONS in Flask, in a set; in FastAPI it registers GET alone."""
    old, new = Flask(__name__), FastAPI()
    old.get("/")(lambda: "")
    new.get("/")(lambda: "")
    [rule] = [rule for rule in old.url_map.iter_rules() if rule.rule == "/"]
    assert isinstance(rule.methods, set)
    assert rule.methods == {"GET", "HEAD", "OPTIONS"}
    assert set(old.test_client().options("/").headers["Allow"].split(", ")) == rule.methods
    [route] = [route for route in new.routes if isinstance(route, APIRoute)]
    assert route.methods == {"GET"}


def check_return_annotation() -> None:
    """`{"a": 1}` for `dict[str, str]` is a 200 in Flask and a 500 in FastAPI, whose schema has the annotation."""

    def view() -> dict[str, str]:
        return {"a": cast(str, 1)}

    old, new = Flask(__name__), FastAPI()
    old.get("/")(view)
    new.get("/")(view)
    assert old.test_client().get("/").json == {"a": 1}
    assert _answer(new)[0] == 500
    answer = new.openapi()["paths"]["/"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"]["additionalProperties"] == {"type": "string"}


def check_response_class() -> None:
    """With `response_class=HTMLResponse` or `PlainTextResponse` FastAPI sends a string as it is."""
    for response_class, media_type in ((HTMLResponse, "text/html"), (PlainTextResponse, "text/plain")):
        app = FastAPI()
        app.get("/", response_class=response_class)(lambda: "Hello, World!")
        _, headers, body = _answer(app)
        assert (headers["content-type"], body) == (f"{media_type}; charset=utf-8", b"Hello, World!")


def check_default_ports() -> None:
    """`flask run` listens on port 5000 and `uvicorn` on port 8000, unless told otherwise."""
    ports = [option.default for option in run_command.params if option.name == "port"]
    assert ports == [5000]
    assert signature(uvicorn.run).parameters["port"].default == 8000


def check_no_route_decorator() -> None:
    """FastAPI has no `@app.route`; Flask has."""
    assert hasattr(Flask(__name__), "route")
    assert "'FastAPI' object has no attribute 'route'" in str(_error(getattr, FastAPI(), "route"))


def check_head_on_request() -> None:
    """`@app.head("/", include_in_schema=False)` above `@app.get("/")` makes HEAD a 200, and stays out of the schema."""
    app = FastAPI()

    @app.head("/", include_in_schema=False)
    @app.get("/")
    def home() -> str:
        return ""

    assert _answer(app, method="HEAD")[0] == 200
    assert _answer(app, method="GET")[0] == 200
    assert [*app.openapi()["paths"]["/"]] == ["get"]


def check_docs_switched_off() -> None:
    """`FastAPI(openapi_url=None)` turns /docs, /redoc and /openapi.json into 404."""
    paths = ("/docs", "/redoc", "/openapi.json")
    assert [_answer(FastAPI(), path)[0] for path in paths] == [200, 200, 200]
    assert [_answer(FastAPI(openapi_url=None), path)[0] for path in paths] == [404, 404, 404]


def check_json_errors_in_flask() -> None:
    """One handler for `HTTPException` makes Flask's 404 and 405 JSON."""
    app = Flask(__name__)
    app.get("/")(lambda: "")

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> tuple[dict[str, str], int]:
        return {"detail": error.name}, error.code or 500

    assert app.test_client().get("/nope").json == {"detail": "Not Found"}
    assert app.test_client().post("/").json == {"detail": "Method Not Allowed"}


def check_markup_of_a_user() -> None:
    """A Flask view that puts a user's text into its string sends a `<script>` in it unchanged."""
    app = Flask(__name__)
    app.get("/")(lambda: f"<b>Hi {request.args['name']}</b>")
    answer = app.test_client().get("/", query_string={"name": "<script>"})
    assert (answer.mimetype, answer.text) == ("text/html", "<b>Hi <script></b>")


def check_nothing_returned() -> None:
    """A view that returns None or an int raises `TypeError` in Flask; FastAPI sends `null` or the number."""
    for value, body in ((None, b"null"), (5, b"5")):
        old, new = Flask(__name__), FastAPI()
        old.get("/")(lambda value=value: value)
        old.testing = True
        new.add_api_route("/", partial(lambda value: value, value))
        assert isinstance(_error(old.test_client().get, "/"), TypeError)
        assert _answer(new)[2] == body


def check_head_of_the_docs() -> None:
    """FastAPI's /docs answers HEAD with 200, although routes declared with `@app.get` do not."""
    app = FastAPI()
    app.get("/")(lambda: "")
    assert _answer(app, "/docs", "HEAD")[0] == 200
    assert _answer(app, "/", "HEAD")[0] == 405


def check_stray_slash() -> None:
    """FastAPI's redirect takes its address from the Host header; `redirect_slashes=False` makes it a 404."""
    for app, status in ((FastAPI(), 307), (FastAPI(redirect_slashes=False), 404)):
        app.get("/text")(lambda: "")
        answer = _answer(app, "/text/", Host="other.example")
        assert answer[0] == status
        assert answer[1].get("location") == ("http://other.example/text" if status == 307 else None)


def check_fastapi_command() -> None:
    """`pip install fastapi` installs a `fastapi` command; fastapi-cli, the program behind it, is an extra."""
    [command] = entry_points(group="console_scripts", name="fastapi")
    assert command.value == "fastapi.cli:main"
    assert "fastapi-cli" not in _needs("fastapi")
    assert any(line.startswith("fastapi-cli") and 'extra == "standard"' in line for line in requires("fastapi") or ())

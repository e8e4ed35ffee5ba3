"""Facts that no request to the demos shows."""

import asyncio
import json
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Callable, MutableMapping
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import flask
import jinja2
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from flask import Flask
from jinja2 import DictLoader, FileSystemLoader, TemplateNotFound, UndefinedError, select_autoescape
from starlette.middleware.sessions import SessionMiddleware
from starlette.routing import NoMatchFound

Message = MutableMapping[str, Any]
KEY = "a secret key of more than 32 characters"


def _needs(*packages: str) -> list[str]:
    """Return what the packages bring along when they are installed without extras."""
    return [line for package in packages for line in requires(package) or () if "extra ==" not in line]


def _send(app: FastAPI, method: str = "GET", path: str = "/", **headers: str) -> list[Message]:
    """Send a request as an ASGI server would, and return what the application sent."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": pairs}
    asyncio.run(app(scope, receive, send))
    return sent


def _answer(app: FastAPI, method: str = "GET", **headers: str) -> Message:
    """Return the start of the answer to a request."""
    return _send(app, method, **headers)[0]


def _old_page(source: str, **values: Any) -> str:
    """Return what a Flask view called "home" makes of a template; raises what the view raises, a server's 500."""
    app = Flask(__name__)
    app.testing = True
    app.secret_key = KEY
    app.add_url_rule("/", "home", lambda: flask.render_template_string(source, **values))
    return app.test_client().get("/").text


def _templates(source: str, **options: Any) -> Jinja2Templates:
    """Return FastAPI's templates with one in memory."""
    templates = Jinja2Templates("templates", **options)
    templates.env.loader = DictLoader({"index.html": source})
    return templates


def _new_page(source: str, host: str = "demo.local", options: dict[str, Any] | None = None, **values: Any) -> str:
    """Return what a FastAPI view called "home" makes of a template; raises what the view raises, a server's 500."""
    app, templates = FastAPI(), _templates(source, **(options or {}))

    @app.get("/")
    async def home(request: Request) -> Response:
        return templates.TemplateResponse(request, "index.html", values)

    return str(_send(app, Host=host)[1]["body"].decode())


def _error(call: Callable[..., object], *arguments: Any) -> Exception:
    """Return what a call raises."""
    try:
        call(*arguments)
    except Exception as error:
        return error
    raise AssertionError(f"{call} raised nothing")


def check_matrix_jinja() -> None:
    """Jinja2 comes with Flask; `pip install fastapi` does not bring it."""
    assert any(line.startswith("jinja2") for line in _needs("flask"))
    assert not any(line.startswith("jinja2") for line in _needs("fastapi", "starlette"))


def check_matrix_sessions() -> None:
    """Both keep the session in a signed cookie that anyone who holds it can read, and store nothing themselves."""
    old, new = Flask(__name__), FastAPI()
    old.secret_key = KEY
    new.add_middleware(SessionMiddleware, secret_key=KEY)

    def old_view() -> str:
        flask.session["user"] = "ada"
        return ""

    async def new_view(request: Request) -> None:
        request.session["user"] = "ada"

    old.get("/")(old_view)
    new.get("/")(new_view)
    cookies = [old.test_client().get("/").headers["Set-Cookie"], dict(_answer(new)["headers"])[b"set-cookie"].decode()]
    old_text, new_text = (cookie.removeprefix("session=").split(".")[0] for cookie in cookies)
    assert json.loads(urlsafe_b64decode(f"{old_text}==")) == {"user": "ada"}
    assert json.loads(b64decode(new_text)) == {"user": "ada"}


def check_matrix_csrf() -> None:
    """Both run a POST that another site's page sends: neither looks at Origin or asks for a token."""
    old, new = Flask(__name__), FastAPI()
    old.post("/")(lambda: "done")
    new.post("/")(lambda: "done")
    origin = {"Origin": "https://evil.example"}
    assert old.test_client().post("/", headers=origin).status_code == 200
    assert _answer(new, "POST", **origin)["status"] == 200


def check_template_folder() -> None:
    """Flask looks for templates in `templates` beside the module whose name it was given."""
    loader = Flask("json").jinja_loader
    assert isinstance(loader, FileSystemLoader)
    assert loader.searchpath == [str(Path(json.__file__).parent / "templates")]


def check_old_order() -> None:
    """The name first and `{"request": request}` as the values is a `TypeError` today."""
    templates: Any = _templates("hello")
    error = _error(templates.TemplateResponse, "index.html", {"request": None})
    assert isinstance(error, TypeError)
    assert "unhashable type: 'dict'" in str(error)


def check_html_response() -> None:
    """With `response_class=HTMLResponse` a returned string is a page, and the schema lists text/html."""
    app = FastAPI()
    app.get("/", response_class=HTMLResponse)(lambda: "<h1>Hello</h1>")
    start, body, *_ = _send(app)
    assert (b"content-type", b"text/html; charset=utf-8") in start["headers"]
    assert body["body"] == b"<h1>Hello</h1>"
    assert [*app.openapi()["paths"]["/"]["get"]["responses"]["200"]["content"]] == ["text/html"]


def check_globals() -> None:
    """Flask gives a template request, session, g, config, url_for and flashed messages; FastAPI request and url_for."""
    names = ("request", "session", "g", "config", "url_for", "get_flashed_messages")
    source = " ".join(f"{{{{ {name} is defined }}}}" for name in names)
    assert _old_page(source) == "True True True True True True"
    assert _new_page(source) == "True False False False True False"


def check_session_in_fastapi() -> None:
    """In FastAPI `{{ g }}` prints nothing, and `{{ session.user }}` raises `UndefinedError`."""
    assert _new_page("[{{ g }}]") == "[]"
    error = _error(_new_page, "{{ session.user }}")
    assert isinstance(error, UndefinedError)
    assert str(error) == "'session' is undefined"


def check_links_of_the_host() -> None:
    """FastAPI's `url_for` believes the Host header; its `.path` is the path alone, as Flask's `url_for`."""
    assert _new_page("{{ url_for('home') }}", host="evil.example") == "http://evil.example/"
    assert _new_page("{{ url_for('home').path }}", host="evil.example") == "/"
    assert _old_page("{{ url_for('home') }}") == "/"


def check_unknown_argument() -> None:
    """Flask's `url_for` puts an argument that the route does not know into the query; FastAPI's raises."""
    assert _old_page("{{ url_for('home', page=2) }}") == "/?page=2"
    assert isinstance(_error(_new_page, "{{ url_for('home', page=2) }}"), NoMatchFound)


def check_escaping() -> None:
    """Both escape in .html, .htm and .xml and neither in .txt or .j2; only Flask does in .svg and .xhtml."""
    old, new = Flask(__name__).jinja_env.autoescape, Jinja2Templates("templates").env.autoescape
    assert callable(old)
    assert callable(new)
    for ending, in_flask, in_fastapi in (
        *((ending, True, True) for ending in ("html", "htm", "xml")),
        *((ending, True, False) for ending in ("svg", "xhtml")),
        *((ending, False, False) for ending in ("txt", "j2")),
    ):
        assert (old(f"page.{ending}"), new(f"page.{ending}")) == (in_flask, in_fastapi)


def check_escaping_as_flask() -> None:
    """`select_autoescape` with html, htm, xml, xhtml and svg escapes where Flask does."""
    old, new = Flask(__name__).jinja_env.autoescape, select_autoescape(["html", "htm", "xml", "xhtml", "svg"])
    assert callable(old)
    for ending in ("html", "htm", "xml", "xhtml", "svg", "txt", "j2", "js"):
        assert old(f"page.{ending}") == new(f"page.{ending}")


def check_context_processors() -> None:
    """A function in `context_processors` takes the request and adds names to every template."""
    options = {"context_processors": [lambda request: {"config": {"method": request.method}}]}
    assert _new_page("{{ config.method }}", options=options) == "GET"


def check_static_link() -> None:
    """In FastAPI the link to a static file takes `path`, not `filename`."""
    app, templates = FastAPI(), _templates("{{ url_for('static', path='app.css').path }}")
    app.mount("/static", StaticFiles(directory="static", check_dir=False), name="static")

    @app.get("/")
    async def home(request: Request) -> Response:
        return templates.TemplateResponse(request, "index.html")

    assert _send(app)[1]["body"] == b"/static/app.css"
    templates.env.loader = DictLoader({"index.html": "{{ url_for('static', filename='app.css') }}"})
    assert isinstance(_error(_send, app), NoMatchFound)


def check_query_of_a_link() -> None:
    """`include_query_params` adds a query to a link of FastAPI."""
    page = _new_page("{{ url_for('home').include_query_params(name='Ada') }}")
    assert page == "http://demo.local/?name=Ada"


def check_flash() -> None:
    """Flask has flashed messages, kept in its session; FastAPI has no such thing."""
    app = Flask(__name__)
    app.secret_key = KEY
    app.get("/")(lambda: flask.render_template_string("{{ get_flashed_messages() }}"))

    @app.post("/")
    def say() -> str:
        flask.flash("saved")
        return ""

    client = app.test_client()
    client.post("/")
    assert "saved" in client.get("/").text
    assert client.get("/").text == "[]"
    assert not [name for name in (*dir(FastAPI), *dir(Request), *dir(Jinja2Templates)) if "flash" in name.lower()]


def check_same_library() -> None:
    """Both use a Jinja2 environment: a missing template raises, an undefined name prints nothing."""
    app, templates = Flask(__name__), _templates("hello")
    assert isinstance(app.jinja_env, jinja2.Environment)
    assert isinstance(templates.env, jinja2.Environment)
    with app.app_context():
        assert isinstance(_error(flask.render_template, "none.html"), TemplateNotFound)
    assert isinstance(_error(templates.get_template, "none.html"), TemplateNotFound)
    assert _old_page("[{{ nope }}]") == _new_page("[{{ nope }}]") == "[]"


def check_text_as_source() -> None:
    """`render_template_string` evaluates braces in its source; in a value they stay what they are."""
    assert _old_page("{{7*7}}") == "49"
    assert _old_page("{{ config.SECRET_KEY }}") == KEY
    assert _old_page("{{ text }}", text="{{7*7}}") == "{{7*7}}"


def check_edited_template() -> None:
    """Flask reads an edited template again only with `TEMPLATES_AUTO_RELOAD`; FastAPI does without a setting."""
    for reload, second in ((None, "old"), (True, "new")):
        app, files = Flask(__name__), {"index.html": "old"}
        app.config["TEMPLATES_AUTO_RELOAD"] = reload
        app.jinja_loader = DictLoader(files)
        app.get("/")(lambda: flask.render_template("index.html"))
        assert app.test_client().get("/").text == "old"
        files["index.html"] = "new"
        assert app.test_client().get("/").text == second
    files = {"index.html": "old"}
    templates = _templates("")
    templates.env.loader = DictLoader(files)
    assert templates.get_template("index.html").render() == "old"
    files["index.html"] = "new"
    assert templates.get_template("index.html").render() == "new"


def check_undefined() -> None:
    """On both sides `{{ nope.name }}` raises `UndefinedError`, and a value of None prints None."""
    for page in (_old_page, _new_page):
        assert isinstance(_error(page, "{{ nope.name }}"), UndefinedError)
    assert _old_page("{{ value }}", value=None) == _new_page("{{ value }}", value=None) == "None"


def check_jinja_extra() -> None:
    """`pip install fastapi` leaves Jinja2 out, `fastapi[standard]` has it; Flask depends on it."""
    assert any(line.startswith("jinja2") for line in _needs("flask"))
    assert not any(line.startswith("jinja2") for line in _needs("fastapi", "starlette"))
    lines = [line for line in requires("fastapi") or () if line.startswith("jinja2")]
    assert any('extra == "standard"' in line for line in lines)


def check_error_page() -> None:
    """A function under `@app.exception_handler(404)` can answer with a template and status 404."""
    app, templates = FastAPI(), _templates("<h1>Nothing here</h1>")

    @app.exception_handler(404)
    async def missing(request: Request, error: Exception) -> Response:
        return templates.TemplateResponse(request, "index.html", status_code=404)

    start, body, *_ = _send(app, path="/nope")
    assert (start["status"], body["body"]) == (404, b"<h1>Nothing here</h1>")


def check_half_of_request() -> None:
    """In FastAPI `request.method` and `request.path` print as in Flask; `request.args` prints nothing."""
    source = "{{ request.method }} {{ request.path }}"
    assert _old_page(source) == _new_page(source) == "GET /"
    assert _new_page("[{{ request.args }}]") == "[]"
    assert isinstance(_error(_new_page, "{{ request.args.name }}"), UndefinedError)
    assert _new_page("[{{ request.query_params.name }}]") == "[]"


def check_head_for_a_page() -> None:
    """`@app.api_route("/", methods=["GET", "HEAD"])` answers HEAD, `@app.get` does not."""
    app = FastAPI()
    app.api_route("/", methods=["GET", "HEAD"], response_class=HTMLResponse)(lambda: "")
    app.get("/get")(lambda: "")
    assert [_send(app, method)[0]["status"] for method in ("GET", "HEAD")] == [200, 200]
    assert _send(app, "HEAD", "/get")[0]["status"] == 405

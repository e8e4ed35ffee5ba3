"""Facts that no request to the demos shows. Files are only read: those of the demo, and one link that Python has."""

import asyncio
import os
import sys
from collections.abc import Callable, MutableMapping
from inspect import signature
from pathlib import Path
from typing import Any
from zlib import adler32

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from flask import Flask, abort, send_file, url_for
from starlette.routing import NoMatchFound
from werkzeug.test import TestResponse

Message = MutableMapping[str, Any]
STATIC = Path(__file__).parent / "flask" / "static"


class CachedFiles(StaticFiles):
    """The class under "Moving from Flask to FastAPI"."""

    def file_response(self, *args: Any, **kw: Any) -> Response:
        response = super().file_response(*args, **kw)
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response


def _answer(app: FastAPI, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Send a request as an ASGI server would, and return status, headers and body; if_match stands for If-Match."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    common = {"type": "http", "query_string": b"", "asgi": {"spec_version": "2.4"}}
    asyncio.run(app({**common, "method": method, "path": path, "headers": pairs}, receive, send))
    start, *rest = sent
    fields = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], fields, b"".join(message.get("body", b"") for message in rest)


def _old(app: Flask, path: str = "/static/app.css", method: str = "GET", **headers: str) -> TestResponse:
    """Send a request to a Flask app and read the answer to its end; if_match stands for If-Match."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().open(path, method=method, headers=fields, buffered=True)


def _mounted(files: StaticFiles) -> FastAPI:
    """Return an app that serves files below /static."""
    app = FastAPI()
    app.mount("/static", files, name="static")
    return app


def _error(call: Callable[..., object], *arguments: Any, **options: Any) -> Exception:
    """Return what a call raises."""
    try:
        call(*arguments, **options)
    except Exception as error:
        return error
    raise AssertionError(f"{call} raised nothing")


def check_route_or_mount() -> None:
    """Flask's files are a route, `/static/<path:filename>`; FastAPI's are a mount that its schema does not list."""
    assert "/static/<path:filename>" in [rule.rule for rule in Flask(__name__).url_map.iter_rules()]
    app = _mounted(StaticFiles(directory=STATIC))
    assert _answer(app, "/static/app.css")[0] == 200
    assert app.openapi()["paths"] == {}


def check_dependencies_skip_the_mount() -> None:
    """Dependencies of a FastAPI app run for its routes and not for a mount."""

    def login() -> None:
        raise HTTPException(401)

    app = FastAPI(dependencies=[Depends(login)])
    app.get("/")(lambda: "")
    app.mount("/static", StaticFiles(directory=STATIC))
    assert _answer(app, "/")[0] == 401
    assert _answer(app, "/static/app.css")[0] == 200


def check_missing_folder() -> None:
    """A missing folder is a 404 per file in Flask; `StaticFiles` raises `RuntimeError` when it is created."""
    app = Flask(__name__, static_folder="nowhere")
    assert _old(app, "/nowhere/app.css").status_code == 404
    error = _error(StaticFiles, directory="nowhere")
    assert isinstance(error, RuntimeError)
    assert str(error) == "Directory 'nowhere' does not exist"


def check_relative_folder() -> None:
    """`StaticFiles` keeps a relative folder as it is; Flask makes it absolute, beside the module."""
    assert StaticFiles(directory="static", check_dir=False).all_directories == ["static"]
    assert Path(str(Flask("json").static_folder)).is_absolute()


def check_path_alone() -> None:
    """`app.url_path_for` gives a path; `filename` instead of `path` raises `NoMatchFound`."""
    app = _mounted(StaticFiles(directory=STATIC))
    assert app.url_path_for("static", path="app.css") == "/static/app.css"
    assert isinstance(_error(app.url_path_for, "static", filename="app.css"), NoMatchFound)


def check_host_of_the_link() -> None:
    """`request.url_for` takes the host from the request."""
    app = _mounted(StaticFiles(directory=STATIC))

    @app.get("/")
    async def links(request: Request) -> str:
        return str(request.url_for("static", path="app.css"))

    assert _answer(app, "/", host="other.example")[2] == b'"http://other.example/static/app.css"'


def check_not_modified() -> None:
    """Both send ETag and Last-Modified, and answer 304 to a client that has the file."""
    old, new = Flask(__name__, static_folder=STATIC), _mounted(StaticFiles(directory=STATIC))
    fields = _old(old).headers
    assert _old(old, if_none_match=fields["ETag"]).status_code == 304
    assert _old(old, if_modified_since=fields["Last-Modified"]).status_code == 304
    _, headers, _ = _answer(new, "/static/app.css")
    assert _answer(new, "/static/app.css", if_none_match=headers["etag"])[0] == 304
    assert _answer(new, "/static/app.css", if_modified_since=headers["last-modified"])[0] == 304


def check_etags() -> None:
    """Flask's ETag is time, size and a checksum of the path; FastAPI's changes with the time of the file alone."""
    path = STATIC / "app.css"
    known = path.stat()
    answer = _old(Flask(__name__, static_folder=STATIC))
    assert answer.get_etag() == (f"{known.st_mtime}-{known.st_size}-{adler32(os.fsencode(path))}", False)
    later = list(known)
    later[8] += 60  # st_mtime
    tags = {FileResponse(path, stat_result=stat).headers["ETag"] for stat in (known, os.stat_result(later))}
    assert len(tags) == 2


def check_mount_above_the_routes() -> None:
    """A mount on "/" above the routes takes their requests: 404. As the last line it does not."""
    first, last = FastAPI(), FastAPI()
    first.mount("/", StaticFiles(directory=STATIC))
    for app in (first, last):
        app.get("/items")(lambda: "")
    last.mount("/", StaticFiles(directory=STATIC))
    assert [_answer(app, "/items")[0] for app in (first, last)] == [404, 200]
    assert [_answer(app, "/app.css")[0] for app in (first, last)] == [200, 200]


def check_frontend() -> None:
    """`app.frontend("/", directory=...)` is asked after all routes, also those declared below it."""
    app = FastAPI()
    app.frontend("/", directory=STATIC)
    app.get("/items")(lambda: "")
    app.get("/app.css")(lambda: "a route")
    assert _answer(app, "/items")[0] == 200
    assert _answer(app, "/app.css")[2] == b'"a route"'
    assert _answer(app, "/.notes.txt")[2] == b"not for readers\n"


def check_version_in_the_link() -> None:
    """`v=3` in Flask's `url_for` and `.include_query_params(v=3)` in FastAPI add the same query."""
    old, new = Flask(__name__), _mounted(StaticFiles(directory=STATIC))

    @new.get("/")
    async def links(request: Request) -> str:
        return str(request.url_for("static", path="app.css").include_query_params(v=3))

    with old.test_request_context():
        assert url_for("static", filename="app.css", v=3) == "/static/app.css?v=3"
    assert _answer(new, "/", host="demo.local")[2] == b'"http://demo.local/static/app.css?v=3"'


def check_cache_control() -> None:
    """Flask has `SEND_FILE_MAX_AGE_DEFAULT`; `StaticFiles` has no such setting, a subclass does it, for 304 too."""
    old, new = Flask(__name__, static_folder=STATIC), _mounted(CachedFiles(directory=STATIC))
    old.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    assert {*_old(old).headers["Cache-Control"].split(", ")} == {"public", "max-age=3600"}
    assert {*signature(StaticFiles).parameters} == {"directory", "packages", "html", "check_dir", "follow_symlink"}
    for headers, status in (({}, 200), ({"if_none_match": "*"}, 304)):
        answer = _answer(new, "/static/app.css", **headers)
        assert (answer[0], answer[1]["cache-control"]) == (status, "public, max-age=3600")


def check_symlinks() -> None:
    """Flask follows a link out of its folder; `StaticFiles` answers 404, unless `follow_symlink=True`."""
    link = next(path for path in (Path("/proc/self/exe"), Path(sys.executable)) if path.is_symlink())
    old = Flask(__name__, static_folder=link.parent, static_url_path="/static")
    assert _old(old, f"/static/{link.name}", "HEAD").status_code == 200
    for follow, status in ((False, 404), (True, 200)):
        new = _mounted(StaticFiles(directory=link.parent, follow_symlink=follow))
        assert _answer(new, f"/static/{link.name}", "HEAD")[0] == status


def check_before_request() -> None:
    """A `before_request` that answers 401 does so for the files below /static."""
    app = Flask(__name__, static_folder=STATIC)
    app.before_request(lambda: abort(401))
    assert _old(app).status_code == 401


def check_file_response() -> None:
    """A route that returns `FileResponse` answers 200 to its own ETag; Flask's `send_file` answers 304."""
    old, new = Flask(__name__), FastAPI()
    old.get("/")(lambda: send_file(STATIC / "app.css"))
    new.get("/", response_model=None)(lambda: FileResponse(STATIC / "app.css"))
    tag = _old(old, "/").headers["ETag"]
    assert _old(old, "/", if_none_match=tag).status_code == 304
    tag = _answer(new, "/")[1]["etag"]
    status, _, body = _answer(new, "/", if_none_match=tag)
    assert (status, body) == (200, (STATIC / "app.css").read_bytes())


def check_if_match() -> None:
    """Flask answers 412 to an If-Match that does not fit; `StaticFiles` sends the file."""
    old, new = Flask(__name__, static_folder=STATIC), _mounted(StaticFiles(directory=STATIC))
    assert _old(old, if_match='"other"').status_code == 412
    assert _answer(new, "/static/app.css", if_match='"other"')[0] == 200

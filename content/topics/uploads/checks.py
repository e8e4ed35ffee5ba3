"""Facts that no request to the demos shows."""

import asyncio
from collections.abc import Callable, MutableMapping
from contextlib import closing
from importlib.metadata import requires
from io import BytesIO
from shutil import copyfileobj
from typing import Annotated, Any

from a2wsgi import WSGIMiddleware
from fastapi import FastAPI, Form, Request, UploadFile
from flask import Flask, request
from gunicorn.config import Config
from gunicorn.http.wsgi import base_environ
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from werkzeug.datastructures import FileStorage
from werkzeug.test import create_environ
from werkzeug.utils import secure_filename

Message = MutableMapping[str, Any]
MEGABYTES = 3_000_000
MULTIPART = "multipart/form-data; boundary=b"


def _form(**fields: str | bytes) -> bytes:
    """Return a multipart body; bytes stand for a file."""
    body = b""
    for name, value in fields.items():
        filename = "; filename=x" if isinstance(value, bytes) else ""
        body += f'--b\r\nContent-Disposition: form-data; name="{name}"{filename}\r\n\r\n'.encode()
        body += (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
    return body + b"--b--\r\n"


def _fastapi(app: FastAPI, body: bytes, path: str = "/", kind: str = MULTIPART, told: bool = True) -> tuple[int, str]:
    """Post a body as an ASGI server would, its length told or not; return status and body of the answer."""
    sent: list[Message] = []
    headers = [(b"content-type", kind.encode())] + [(b"content-length", str(len(body)).encode())] * told

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "http_version": "1.1", "method": "POST", "path": path, "query_string": b""}
    asyncio.run(app({**scope, "headers": headers, "asgi": {"spec_version": "2.4"}}, receive, send))
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent).decode()


def _flask(app: Flask, body: bytes, path: str = "/") -> tuple[int, str]:
    answer = app.test_client().post(path, data=body, content_type=MULTIPART)
    return answer.status_code, answer.text.strip()


def _size() -> str:
    with closing(request.files["photo"]) as photo:
        return str(len(photo.read()))


def _old(view: Callable[[], str], **config: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(config)
    app.post("/")(view)
    return app


def _new(**options: Any) -> FastAPI:
    """Return an application that answers with the size of a file."""
    app = FastAPI(**options)

    @app.post("/", response_class=PlainTextResponse)
    async def size(photo: UploadFile) -> str:
        return str(photo.size)

    return app


def _tags(**options: Any) -> FastAPI:
    """Return an application that answers with the characters of a text field."""
    app = FastAPI(**options)

    @app.post("/", response_class=PlainTextResponse)
    async def length(tag: Annotated[str, Form()]) -> str:
        return str(len(tag))

    return app


def check_no_limit() -> None:
    """Neither limits a body by default: both take a file of 3 MB."""
    body = _form(photo=bytes(MEGABYTES))
    assert _flask(_old(_size), body) == (200, str(MEGABYTES))
    assert _fastapi(_new(), body) == (200, str(MEGABYTES))


def check_needs_a_package() -> None:
    """`python-multipart` is an extra of FastAPI's and nothing that a plain installation brings."""
    wanted = [text for text in requires("fastapi") or () if "multipart" in text]
    assert wanted
    assert all("extra ==" in text for text in wanted)
    assert any('extra == "standard"' in text for text in wanted)


def check_secure_filename() -> None:
    """`secure_filename` of Werkzeug makes `etc_passwd` of `../../etc/passwd`."""
    assert secure_filename("../../etc/passwd") == "etc_passwd"


def check_who_looks() -> None:
    """Flask's limit is looked at when the view reads the body, FastAPI's before the function runs."""
    app = FastAPI(max_body_size=10)
    app.post("/")(lambda: "blind")
    assert _flask(_old(lambda: "blind", MAX_CONTENT_LENGTH=10), _form(photo=bytes(100))) == (200, "blind")
    assert _fastapi(app, bytes(100), kind="application/octet-stream") == (413, "Content Too Large")


def check_per_route() -> None:
    """A route may raise the limit of its application on both sides."""
    body = _form(photo=bytes(1000))
    app = FastAPI(max_body_size=100)

    @app.post("/", max_body_size=2000, response_class=PlainTextResponse)
    async def size(photo: UploadFile) -> str:
        return str(photo.size)

    def view() -> str:
        request.max_content_length = 2000
        return _size()

    assert _fastapi(app, body) == (200, "1000")
    assert _flask(_old(view, MAX_CONTENT_LENGTH=100), body) == (200, "1000")


def check_no_end() -> None:
    """Under a server that does not set `wsgi.input_terminated`, a body without a length is empty to Flask."""
    app = _old(lambda: str(len(request.get_data())))

    def size(**marks: Any) -> bytes:
        environ = create_environ("/", method="POST", input_stream=BytesIO(b"hello"))
        environ.pop("CONTENT_LENGTH", None)
        return b"".join(app(environ | marks, lambda status, headers, error=None: lambda data: None))

    assert size() == b"0"
    assert size(**{"wsgi.input_terminated": True}) == b"5"


def check_marks_the_end() -> None:
    """gunicorn sets `wsgi.input_terminated`, a2wsgi does not: there a body without a length is empty to Flask."""
    app = WSGIMiddleware(_old(lambda: str(len(request.get_data()))))  # type: ignore[arg-type]
    assert base_environ(Config())["wsgi.input_terminated"] is True
    assert [_fastapi(app, b"hello", told=told)[1] for told in (True, False)] == ["5", "0"]  # type: ignore[arg-type]


def check_chunked_form() -> None:
    """A form without a length that is longer than the limit is a 413 in Flask."""
    app = _old(lambda: request.form["tag"], MAX_CONTENT_LENGTH=100)
    environ = create_environ("/", method="POST", input_stream=BytesIO(_form(tag="x" * 1000)), content_type=MULTIPART)
    environ.pop("CONTENT_LENGTH", None)
    answers: list[str] = []

    def start(status: str, headers: Any, error: Any = None) -> Callable[[bytes], None]:
        answers.append(status)
        return lambda data: None

    b"".join(app(environ | {"wsgi.input_terminated": True}, start))
    assert answers == ["413 REQUEST ENTITY TOO LARGE"]


def check_long_field() -> None:
    """Flask takes a text field of 500 kB, FastAPI one of 1 MiB, and neither one byte more."""
    app = _old(lambda: str(sum(map(len, request.form.values()))))
    assert _flask(app, _form(tag="x" * 500_000)) == (200, "500000")
    assert _flask(app, _form(tag="x" * 500_001))[0] == 413
    assert _fastapi(_tags(), _form(tag="x" * 2**20)) == (200, str(2**20))
    status, text = _fastapi(_tags(), _form(tag="x" * (2**20 + 1)))
    assert (status, text) == (400, '{"detail":"Part exceeded maximum size of 1024KB."}')


def check_plain_form() -> None:
    """A form that is not multipart has no limit of fields or length in Flask; FastAPI limits both."""
    old, kind = _old(lambda: str(len(request.form.getlist("tag")))), "application/x-www-form-urlencoded"
    many, long = b"&".join([b"tag=x"] * 1001), b"tag=" + b"x" * MEGABYTES
    assert [old.test_client().post("/", data=data, content_type=kind).text for data in (many, long)] == ["1001", "1"]
    assert _fastapi(_tags(), many, kind=kind) == (
        400,
        '{"detail":"Too many fields. Maximum number of fields is 1000."}',
    )
    assert _fastapi(_tags(), long, kind=kind) == (400, '{"detail":"Field exceeded maximum size of 1024KB."}')


def check_form_limits() -> None:
    """The limits of forms are settings of both."""
    body = _form(tag="four", more="x")
    assert _flask(_old(lambda: request.form["tag"], MAX_FORM_PARTS=1), body)[0] == 413
    assert _flask(_old(lambda: request.form["tag"], MAX_FORM_MEMORY_SIZE=3), body)[0] == 413
    assert _fastapi(_tags(form_limits={"max_fields": 1}), body)[0] == 400
    assert _fastapi(_tags(form_limits={"max_part_size": 3}), body)[0] == 400
    assert _fastapi(_tags(), body) == (200, "4")


def check_optional() -> None:
    """`photo: UploadFile | None = None` is None both for an empty field and for none."""
    app = FastAPI()

    @app.post("/", response_class=PlainTextResponse)
    async def name(photo: UploadFile | None = None) -> str:
        return str(photo.filename if photo else None)

    empty = _form(photo=b"").replace(b"filename=x", b'filename=""')
    assert _fastapi(app, empty) == (200, "None")
    assert _fastapi(app, _form(other="x")) == (200, "None")
    assert _fastapi(app, _form(photo=b"content")) == (200, "x")


def check_handler() -> None:
    """A handler for 413 sees a body that was too long on the way, and none that announced its length."""
    app = _new(max_body_size=100)

    @app.exception_handler(413)
    async def mine(request: Request, error: HTTPException) -> PlainTextResponse:
        return PlainTextResponse("mine", 413)

    body = _form(photo=bytes(1000))
    assert _fastapi(app, body) == (413, "Content Too Large")
    assert _fastapi(app, body, told=False) == (413, "mine")


def check_plain_file() -> None:
    """In a `def` function `shutil.copyfileobj` copies `photo.file`; Flask's file has `save`, FastAPI's has not."""
    app = FastAPI()

    @app.post("/", response_class=PlainTextResponse)
    def read(photo: UploadFile) -> str:
        target = BytesIO()
        copyfileobj(photo.file, target)
        return target.getvalue().decode()

    assert hasattr(FileStorage, "save")
    assert not hasattr(UploadFile, "save")

    assert _fastapi(app, _form(photo=b"content")) == (200, "content")


def check_spooled() -> None:
    """A large file is on the disk when the view runs: Flask from 500 kB, FastAPI from 1 MiB."""
    app, seen = FastAPI(), list[tuple[str, bool]]()

    def view() -> str:
        with closing(request.files["photo"]) as photo:
            seen.append(("flask", photo.stream._rolled))  # type: ignore[attr-defined]
        return ""

    @app.post("/")
    async def new(photo: UploadFile) -> None:
        seen.append(("fastapi", photo.file._rolled))  # type: ignore[attr-defined]

    for size in (400_000, 700_000, 1_200_000):
        _flask(_old(view), _form(photo=bytes(size)))
        _fastapi(app, _form(photo=bytes(size)))
    assert [rolled for side, rolled in seen if side == "flask"] == [False, True, True]
    assert [rolled for side, rolled in seen if side == "fastapi"] == [False, False, True]


class _Item(BaseModel):
    name: str


def check_model_and_file() -> None:
    """A model beside an `UploadFile` is looked for in a form field, and JSON text there is a 422."""
    app = FastAPI()

    @app.post("/")
    async def add(item: _Item, photo: UploadFile) -> str:
        return item.name

    status, text = _fastapi(app, _form(item='{"name": "bolt"}', photo=b"x"))
    assert (status, '"loc":["body","item"]' in text) == (422, True)

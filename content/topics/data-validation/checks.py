"""Facts that no request to the demos shows."""

import asyncio
import io
import json
import re
from collections.abc import MutableMapping
from contextlib import suppress
from importlib.metadata import requires
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from flask import Flask, request
from flask_pydantic import validate
from flask_pydantic.exceptions import JsonBodyParsingError
from marshmallow import Schema, fields
from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

Message = MutableMapping[str, Any]


class Item(BaseModel):
    """The quantity of the demo's model."""

    qty: int = Field(ge=1, le=5)


class Strict(BaseModel):
    """The same, strict."""

    qty: int = Field(ge=1, le=5, strict=True)


def _send(app: FastAPI, body: bytes, content_type: str | None = None) -> list[Message]:
    """Send a POST request as an ASGI server would, and return what the application sent."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-length", str(len(body)).encode())]
    headers += [(b"content-type", content_type.encode())] if content_type else []
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    with suppress(Exception):  # after a 500 the error goes on to the server
        asyncio.run(app(scope, receive, send))
    return sent


def _post(app: FastAPI, body: bytes) -> int:
    """Return the status of the answer to a POST request without a Content-Type."""
    return int(_send(app, body)[0]["status"])


def _fastapi(app: FastAPI, body: bytes) -> tuple[int, Any]:
    """Send JSON, and return the status and the JSON of the answer, its text if that is none."""
    start, content, *_ = _send(app, body, "application/json")
    text = content["body"].decode()
    return start["status"], json.loads(text) if text.startswith(("{", "[")) or text.isdigit() else text


def _flask(app: Flask, body: bytes, content_type: str = "application/json") -> TestResponse:
    """Send a POST request to a Flask app."""
    return app.test_client().post("/", data=body, content_type=content_type)


def _error(app: Flask, body: bytes) -> Exception:
    """Return what the view of a Flask app raises and nothing handles: the 500 of a server."""
    app.testing = True
    try:
        _flask(app, body)
    except Exception as error:
        return error
    raise AssertionError("the view raised nothing")


def _apps(model: type[BaseModel]) -> tuple[Flask, FastAPI]:
    """Return an app of each side that validates its body with the model, as the demos do."""
    old, new = Flask(__name__), FastAPI()

    @old.post("/")
    def old_view() -> Any:
        return model.model_validate(request.get_json()).model_dump()

    @old.errorhandler(ValidationError)
    def invalid(error: ValidationError) -> Any:
        return {"detail": error.errors(include_url=False, include_context=False, include_input=False)}, 422

    async def new_view(item: Any) -> Any:
        return item

    new_view.__annotations__["item"] = model
    new.post("/")(new_view)
    return old, new


def check_matrix_forms() -> None:
    """Flask reads forms and files by itself; FastAPI's `Form` and `File` need python-multipart, an extra."""
    app = Flask(__name__)
    app.post("/")(lambda: f"{request.form['name']} {request.files['cv'].read().decode()}")
    form = {"name": "Ada", "cv": (io.BytesIO(b"poet"), "cv.txt")}
    assert app.test_client().post("/", data=form).text == "Ada poet"
    lines = [line for package in ("fastapi", "starlette") for line in requires(package) or ()]
    multipart = [line for line in lines if line.startswith("python-multipart")]
    assert multipart
    assert all("extra ==" in line for line in multipart)


def check_matrix_body_limit() -> None:
    """Both answer 413 to a body over the limit that was set, and neither sets one of its own."""
    old, new = Flask(__name__), FastAPI(max_body_size=10)
    assert old.config["MAX_CONTENT_LENGTH"] is None
    assert FastAPI().max_body_size is None
    old.config["MAX_CONTENT_LENGTH"] = 10

    async def view(request: Request) -> int:
        return len(await request.body())

    old.post("/")(lambda: str(len(request.get_data())))
    new.post("/")(view)
    for size, status in ((10, 200), (11, 413)):
        assert old.test_client().post("/", data=b"x" * size).status_code == status
        assert _post(new, b"x" * size) == status


def check_no_call_no_check() -> None:
    """Flask looks at no annotation: a view that does not call pydantic works on the JSON as it came."""
    app = Flask(__name__)

    @app.post("/")
    def view() -> Any:
        item: Item = request.get_json()
        return {"got": item}

    assert _flask(app, b'{"qty": "many"}').json == {"got": {"qty": "many"}}


def check_before_the_function() -> None:
    """FastAPI validates before the function runs, and its schema shows the limits."""
    app, calls = FastAPI(), list[Item]()

    @app.post("/")
    async def view(item: Item) -> None:
        calls.append(item)

    assert _fastapi(app, b'{"qty": 6}')[0] == 422
    assert not calls
    assert _fastapi(app, b'{"qty": 5}')[0] == 200
    assert calls == [Item(qty=5)]
    limits = app.openapi()["components"]["schemas"]["Item"]["properties"]["qty"]
    assert (limits["minimum"], limits["maximum"]) == (1, 5)


def check_not_utf8() -> None:
    """A body that is not UTF-8 is a 400 on both sides."""
    old, new = _apps(Item)
    assert _flask(old, b'{"qty": "\xff"}').status_code == 400
    assert _fastapi(new, b'{"qty": "\xff"}')[0] == 400


def check_lax_and_strict() -> None:
    """Both sides take "3", 3.0 and true for 3, 3 and 1 and refuse 3.5 and null; strict refuses "3" and true."""
    for model, accepted, refused in (
        (Item, {"3": 3, '"3"': 3, "3.0": 3, "true": 1}, ["3.5", "null"]),
        (Strict, {"3": 3}, ['"3"', "true", "3.5", "null"]),
    ):
        old, new = _apps(model)
        for text, number in accepted.items():
            body = f'{{"qty": {text}}}'.encode()
            assert _flask(old, body).json == {"qty": number}
            assert _fastapi(new, body) == (200, {"qty": number})
        for text in refused:
            body = f'{{"qty": {text}}}'.encode()
            assert (_flask(old, body).status_code, _fastapi(new, body)[0]) == (422, 422)


def check_same_messages() -> None:
    """With the same model both sides refuse the same objects, with the same types and messages."""
    old, new = _apps(Item)
    for body in (b"{}", b'{"qty": 0}', b'{"qty": 6}', b'{"qty": "x"}', b'{"qty": null}'):
        answers = json.loads(_flask(old, body).text), _fastapi(new, body)[1]
        ours, theirs = ([(m["type"], m["msg"]) for m in answer["detail"]] for answer in answers)
        assert ours == theirs != []


def check_handler_without_input() -> None:
    """The handler under "Moving" leaves `input` out, and turns the 500 for half a character into a 422."""
    _, app = _apps(Item)
    assert _fastapi(app, b'{"qty": "\\ud800"}') == (500, "Internal Server Error")
    _, app = _apps(Item)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        keys = ("type", "loc", "msg")
        errors = error.errors()
        detail = [{key: e[key] for key in keys} for e in errors]
        return JSONResponse({"detail": detail}, 422)

    for body in (b'{"qty": "\\ud800"}', b'{"qty": "x"}'):
        status, answer = _fastapi(app, body)
        assert (status, [*answer["detail"][0]]) == (422, ["type", "loc", "msg"])


def check_json_errors() -> None:
    """One handler for `HTTPException` makes Flask's 400 and 415 JSON."""
    app, _ = _apps(Item)

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> Any:
        return {"detail": error.name}, error.code

    assert _flask(app, b"{").json == {"detail": "Bad Request"}
    assert _flask(app, b"{}", "text/plain").json == {"detail": "Unsupported Media Type"}


def check_errors_of_your_own() -> None:
    """A `ValidationError` of one's own code ends in Flask's handler: 422. In FastAPI it is a 500."""
    old, _ = _apps(Item)
    old.get("/row")(lambda: Item.model_validate({"qty": 0}).model_dump())
    assert old.test_client().get("/row").status_code == 422
    new = FastAPI()
    new.post("/")(lambda: Item.model_validate({"qty": 0}))
    assert _post(new, b"") == 500


def check_value_error() -> None:
    """The error of a validator that raises ValueError holds the exception in `ctx`, which JSON cannot hold."""

    class Even(BaseModel):
        qty: int

        @field_validator("qty")
        @classmethod
        def even(cls, value: int) -> int:
            if value % 2:
                raise ValueError("odd")
            return value

    for options in ({"include_context": False}, {}):
        app = Flask(__name__)
        app.post("/")(lambda: Even.model_validate(request.get_json()).model_dump())

        @app.errorhandler(ValidationError)
        def invalid(error: ValidationError, options: dict[str, Any] = options) -> Any:
            return {"detail": error.errors(**options)}, 422

        if options:
            assert _flask(app, b'{"qty": 3}').status_code == 422
        else:
            assert "not JSON serializable" in str(_error(app, b'{"qty": 3}'))


def check_no_handler() -> None:
    """Without an `errorhandler` nothing catches pydantic's error in Flask."""
    app = Flask(__name__)
    app.post("/")(lambda: Item.model_validate(request.get_json()).model_dump())
    assert isinstance(_error(app, b'{"qty": 6}'), ValidationError)


def check_deep_nesting() -> None:
    """60,000 opening brackets raise RecursionError in `get_json()`; FastAPI answers 400."""
    old, new = _apps(Item)
    assert isinstance(_error(old, b"[" * 60_000), RecursionError)
    assert _fastapi(new, b"[" * 60_000)[0] == 400


def check_secret() -> None:
    """FastAPI sends a refused password back, also where the field is a `SecretStr`."""

    class Login(BaseModel):
        password: SecretStr

    _, app = _apps(Login)
    status, answer = _fastapi(app, b'{"password": ["hunter2"]}')
    assert (status, answer["detail"][0]["input"]) == (422, ["hunter2"])


def check_half_a_character() -> None:
    """Half a surrogate pair is a 500 on an `int` field of FastAPI; a `str` without limits lets it through."""
    seen = []

    class Named(BaseModel):
        name: str

    app = FastAPI()

    @app.post("/")
    async def view(item: Named) -> None:
        seen.append(item.name)

    assert _fastapi(app, b'{"name": "\\ud800"}')[0] == 200
    assert seen == ["\ud800"]
    assert _fastapi(_apps(Item)[1], b'{"qty": "\\ud800"}')[0] == 500


def check_content_type() -> None:
    """`FastAPI(strict_content_type=False)` accepts a missing Content-Type; text/plain stays a 422."""
    for app, bare in ((FastAPI(), 422), (FastAPI(strict_content_type=False), 200)):

        @app.post("/")
        async def view(item: Item) -> None:
            pass

        for content_type, status in (("application/json", 200), (None, bare), ("text/plain", 422)):
            assert _send(app, b'{"qty": 3}', content_type)[0]["status"] == status


def check_second_model() -> None:
    """One model is the body itself; with a second one the body needs a key for each, and old bodies are a 422."""

    class Note(BaseModel):
        text: str

    app = FastAPI()

    @app.post("/")
    async def view(item: Item, note: Note) -> int:
        return item.qty

    assert _fastapi(_apps(Item)[1], b'{"qty": 3}')[0] == 200
    status, answer = _fastapi(app, b'{"qty": 3}')
    assert (status, [mistake["loc"] for mistake in answer["detail"]]) == (422, [["body", "item"], ["body", "note"]])
    assert _fastapi(app, b'{"item": {"qty": 3}, "note": {"text": "x"}}') == (200, 3)


def check_flask_pydantic_status() -> None:
    """`FLASK_PYDANTIC_VALIDATION_ERROR_STATUS_CODE = 422` answers 422 instead of 400, with the same body."""
    app = Flask(__name__)

    @app.post("/")
    @validate()
    def view(body: Item) -> str:
        return str(body.qty)

    before = _flask(app, b'{"qty": 6}')
    app.config["FLASK_PYDANTIC_VALIDATION_ERROR_STATUS_CODE"] = 422
    after = _flask(app, b'{"qty": 6}')
    assert (before.status_code, after.status_code) == (400, 422)
    assert before.json == after.json
    assert before.get_json()["validation_error"]["body_params"][0]["input"] == 6


def check_flask_pydantic_list() -> None:
    """Flask-Pydantic raises `JsonBodyParsingError` for a list where the model is an object."""
    app = Flask(__name__)

    @app.post("/")
    @validate()
    def view(body: Item) -> str:
        return str(body.qty)

    assert _flask(app, b'{"qty": 3}').text == "3"
    assert type(_error(app, b"[1]")) is JsonBodyParsingError


def check_flask_pydantic_names() -> None:
    """Flask-Pydantic does not fill a parameter that is called `item`: `TypeError`."""
    app = Flask(__name__)

    @app.post("/")
    @validate()
    def view(item: Item) -> str:
        return str(item.qty)

    error = _error(app, b'{"qty": 3}')
    assert type(error) is TypeError
    assert "missing 1 required positional argument: 'item'" in str(error)


def check_marshmallow_dict() -> None:
    """`Schema.load` of marshmallow returns a dictionary."""
    schema = Schema.from_dict({"qty": fields.Integer()})()
    assert schema.load({"qty": "3"}) == {"qty": 3}
    assert type(schema.load({"qty": "3"})) is dict


def check_login_example() -> None:
    """A login whose message does not fit its `response_model` is a 500 for right and wrong passwords; else 422."""

    class Login(BaseModel):
        name: str
        password: str

    app = FastAPI()

    async def view(login: Any) -> dict[str, str]:
        return {"message": "welcome" if login.password == "lovelace" else "wrong password"}

    view.__annotations__["login"] = Login
    app.post("/", response_model=Login)(view)
    for password in ("lovelace", "byron"):
        body = json.dumps({"name": "ada", "password": password}).encode()
        assert _fastapi(app, body) == (500, "Internal Server Error")
    assert _fastapi(app, b'{"name": "ada"}')[0] == 422


def check_built_on() -> None:
    """FastAPI requires Starlette, Pydantic and, today, opentelemetry-api; it writes OpenAPI with JSON Schema."""
    needed = {re.split(r"[^\w.-]", line)[0].lower() for line in requires("fastapi") or () if "extra ==" not in line}
    assert {"starlette", "pydantic", "opentelemetry-api"} <= needed
    app = _apps(Item)[1]
    document = app.openapi()
    assert document["openapi"] == "3.1.0"
    assert document["components"]["schemas"]["Item"]["properties"]["qty"]["maximum"] == 5

"""Facts that no request to the demos shows."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Iterator, MutableMapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, get_args
from uuid import UUID

import flask
from fastapi import FastAPI
from fastapi.exceptions import ResponseValidationError
from fastapi.responses import ORJSONResponse, StreamingResponse
from fastapi.sse import EventSourceResponse
from flask import Flask
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from flask_marshmallow import Marshmallow
from marshmallow import Schema, fields
from pydantic import BaseModel
from pydantic_core import from_json

Message = MutableMapping[str, Any]


class UserOut(BaseModel):
    """What a client may see of a user."""

    name: str


class User(UserOut):
    """A user with what no client may see."""

    password: str


class Numbered(BaseModel):
    """Something with a number."""

    id: int


@dataclass
class Point:
    """A dataclass."""

    x: int


def _get(app: FastAPI, sent: list[Message] | None = None, path: str = "/") -> list[Message]:
    """Send a GET request as an ASGI server would, and return what the application sent."""
    sent = [] if sent is None else sent
    received = iter([{"type": "http.request"}])

    async def receive() -> Message:
        return next(received, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        sent.append(message)

    common = {"type": "http", "method": "GET", "query_string": b"", "asgi": {"spec_version": "2.4"}}
    asyncio.run(app({**common, "path": path, "headers": []}, receive, send))
    return sent


def _body(app: FastAPI, path: str = "/") -> bytes:
    """Return the body of a 200 answer."""
    start, *pieces = _get(app, path=path)
    assert start["status"] == 200
    return b"".join(piece.get("body", b"") for piece in pieces)


def _fastapi(value: Any, model: Any = None) -> FastAPI:
    """Return an app whose view returns the value, with a response model if there is one."""
    app = FastAPI()
    (app.get("/") if model is None else app.get("/", response_model=model))(lambda: value)
    return app


def _fastapi_error(app: FastAPI, path: str = "/") -> Exception:
    """Return what a view raises after the app has answered 500."""
    sent: list[Message] = []
    try:
        _get(app, sent, path)
    except Exception as error:
        assert sent[0]["status"] == 500
        return error
    raise AssertionError("the view raised nothing")


def _flask(value: Any, app: Flask | None = None) -> str:
    """Return the text of the 200 answer of a view that returns the value."""
    app = app or Flask(__name__)
    app.testing = True
    app.add_url_rule("/", view_func=lambda: value, endpoint="view")
    with app.test_client() as client, client.get("/") as answer:
        assert answer.status_code == 200
        return answer.get_data(as_text=True)


def _flask_error(value: Any) -> Exception:
    """Return what happens if a view returns the value and nothing handles it: the 500 of a server."""
    try:
        _flask(value)
    except AssertionError:
        raise
    except Exception as error:
        return error
    raise AssertionError("the view raised nothing")


def check_matrix_response_schema() -> None:
    """FastAPI drops what the response model does not name; Flask sends whatever the view returns."""
    user, old, new = {"name": "Ada", "password": "x"}, Flask(__name__), FastAPI()
    old.get("/")(lambda: user)
    new.get("/", response_model=UserOut)(lambda: user)
    assert old.test_client().get("/").json == user
    assert _get(new)[1]["body"] == b'{"name":"Ada"}'


def check_matrix_streaming() -> None:
    """Both send the first piece of a generator before the second exists."""
    steps: list[Message] = []

    def pieces() -> Iterator[bytes]:
        for number in b"01":
            steps.append({"type": "made"})
            yield bytes([number])

    async def view() -> StreamingResponse:
        return StreamingResponse(pieces())

    old, new = Flask(__name__), FastAPI()
    old.get("/")(pieces)
    answer = iter(old.test_client().get("/").iter_encoded())
    assert (next(answer), len(steps)) == (b"0", 1)
    assert (next(answer), len(steps)) == (b"1", 2)
    steps.clear()
    new.get("/", response_model=None)(view)
    _get(new, steps)
    assert [step.get("body", b"made") for step in steps[1:5]] == [b"made", b"0", b"made", b"1"]


def check_matrix_events() -> None:
    """FastAPI writes what a view yields as server-sent events; Flask knows no events."""
    app = FastAPI()

    @app.get("/", response_class=EventSourceResponse)
    async def view() -> AsyncIterator[dict[str, int]]:
        yield {"number": 1}

    start, event, *_ = _get(app)
    assert (b"content-type", b"text/event-stream; charset=utf-8") in start["headers"]
    assert event["body"] == b'data: {"number":1}\n\n'
    assert not [name for name in dir(flask) if "event" in name.lower()]


def check_json_module() -> None:
    """Flask turns dictionaries and lists into JSON with an encoder of Python's `json` module."""

    class Loud(json.JSONEncoder):
        def encode(self, o: Any) -> str:
            return super().encode(o).upper()

    for value in ({"a": ["b"]}, ["a", {"b": 1}]):
        assert json.loads(_flask(value)) == value
        assert Flask(__name__).json.dumps(value, cls=Loud) == json.dumps(value).upper()


def check_return_type() -> None:
    """A return type sends the fields it names and no others, as `response_model` does."""
    typed, model = FastAPI(), FastAPI()

    @typed.get("/")
    async def view() -> UserOut:
        return User(name="Ada", password="x")

    model.get("/", response_model=UserOut)(lambda: User(name="Ada", password="x"))
    assert _body(typed) == _body(model) == b'{"name":"Ada"}'


def check_no_type() -> None:
    """Without a type, or typed `dict[str, Any]`, everything is sent: a dictionary, a model, a dictionary in Flask."""
    whole = {"name": "Ada", "password": "x"}
    assert json.loads(_body(_fastapi(whole))) == json.loads(_body(_fastapi(whole, dict[str, Any]))) == whole
    assert json.loads(_body(_fastapi(User(**whole)))) == whole
    assert json.loads(_flask(whole)) == whole


def check_flask_dates() -> None:
    """Flask converts a datetime to GMT, drops the microseconds, and calls one without a zone GMT too."""
    east = timezone(timedelta(hours=2))
    moment = datetime(2026, 11, 22, 12, 0, 0, 5, east)
    for value, hour in ((moment, 10), (moment.replace(tzinfo=None), 12)):
        assert _flask([value]) == f'["Sun, 22 Nov 2026 {hour}:00:00 GMT"]\n'


def check_fastapi_dates() -> None:
    """FastAPI keeps the offset and the microseconds of a datetime, with a return type and without."""
    moment = datetime(2026, 11, 22, 12, 0, 0, 5, timezone(timedelta(hours=2)))
    for app in (_fastapi(moment), _fastapi(moment, datetime)):
        assert _body(app) == b'"2026-11-22T12:00:00.000005+02:00"'


def check_bare_values() -> None:
    """Flask refuses None, a number, a Decimal and a date from a view; FastAPI writes each of them as JSON."""
    values = {"null": None, "7": 7, "1.5": 1.5, "1.1": Decimal("1.10"), '"2026-11-22"': date(2026, 11, 22)}
    for text, value in values.items():
        assert type(_flask_error(value)) is TypeError
        assert _body(_fastapi(value)).decode() == text


def check_text_and_json() -> None:
    """Flask sends a string as an HTML page, a dictionary and a list as JSON."""
    for value, kind in (("a", "text/html"), ({}, "application/json"), ([], "application/json")):
        app = Flask(__name__)
        app.get("/")(lambda value=value: value)
        with app.test_client() as client, client.get("/") as answer:
            assert (answer.status_code, answer.mimetype) == (200, kind)


def check_typed_encoder() -> None:
    """With a return type Decimal is `"1.10"`, NaN is null and UTC is `Z`."""
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert _body(_fastapi(Decimal("1.10"), Decimal)) == b'"1.10"'
    assert _body(_fastapi(float("nan"), float)) == b"null"
    assert _body(_fastapi(noon, datetime)) == b'"2026-11-22T12:00:00Z"'


def check_untyped_encoder() -> None:
    """Without a return type, or with `response_model=None`, Decimal is 1.1, NaN is a 500 and UTC is `+00:00`."""
    noon, bare, none = datetime(2026, 11, 22, 12, tzinfo=UTC), FastAPI(), FastAPI()
    for path, view in (("/price", lambda: Decimal("1.10")), ("/ratio", lambda: float("nan")), ("/time", lambda: noon)):
        bare.get(path)(view)
        none.get(path, response_model=None)(view)
    for app in (bare, none):
        assert _body(app, "/price") == b"1.1"
        assert type(_fastapi_error(app, "/ratio")) is ValueError
        assert _body(app, "/time") == b'"2026-11-22T12:00:00+00:00"'


def check_bytes_of_json() -> None:
    """Flask sorts keys, escapes and ends with a newline, FastAPI does none of it; parsed, the two are equal."""
    value = {"b": "ü", "a": 1}
    old, new = _flask(value).encode(), _body(_fastapi(value, dict[str, Any]))
    assert old == b'{"a":1,"b":"\\u00fc"}\n'
    assert new == '{"b":"ü","a":1}'.encode()
    assert json.loads(old) == json.loads(new)
    assert hashlib.sha256(old).digest() != hashlib.sha256(new).digest()


def check_iso_provider() -> None:
    """A provider can write ISO dates, UTC as `+00:00`, keep the order of keys and send UTF-8."""

    class IsoProvider(DefaultJSONProvider):
        sort_keys = False
        ensure_ascii = False

        @staticmethod
        def default(o: Any) -> Any:
            if isinstance(o, date):
                return o.isoformat()
            return DefaultJSONProvider.default(o)

    value = {"time": datetime(2026, 11, 22, 12, tzinfo=UTC), "price": Decimal("1.10"), "b": "ü"}
    text = '{"time":"2026-11-22T12:00:00+00:00","price":"1.10","b":"ü"}\n'
    app = Flask(__name__)
    app.json = IsoProvider(app)
    assert _flask(value, app) == text


def check_wrong_data() -> None:
    """For `id: int` the text "7" is sent as 7, the text "x" raises `ResponseValidationError`: a 500."""
    assert _body(_fastapi({"id": "7"}, Numbered)) == b'{"id":7}'
    assert type(_fastapi_error(_fastapi({"id": "x"}, Numbered))) is ResponseValidationError


def check_plain_data() -> None:
    """Text, whole numbers, booleans and nested dictionaries are the same data from both once they are parsed."""
    value = {"text": "Zürich", "number": -7, "flag": True, "inner": {"b": {"a": False}}}
    assert json.loads(_flask(value)) == value
    assert json.loads(_body(_fastapi(value))) == value
    assert json.loads(_body(_fastapi(value, dict[str, Any]))) == value


def check_fields_in_docs() -> None:
    """The fields of the response model are in /openapi.json, which /docs loads."""
    app = _fastapi({"id": 7}, Numbered)
    assert list(json.loads(_body(app, "/openapi.json"))["components"]["schemas"]["Numbered"]["properties"]) == ["id"]
    assert b"/openapi.json" in _body(app, "/docs")


def check_nan() -> None:
    """Flask writes `NaN` and `Infinity` with a 200; a parser that allows only the standard's numbers refuses them."""
    for number in ("NaN", "Infinity"):
        text = _flask([float(number)])
        assert text == f"[{number}]\n"
        try:
            from_json(text, allow_inf_nan=False)
        except ValueError:
            continue
        raise AssertionError(f"{number} was parsed")


def check_unknown_types() -> None:
    """In Flask a set, a time, a timedelta, bytes and a pydantic model are a 500; some other types are not."""
    for value in ({1}, time(12), timedelta(1), b"a", Numbered(id=7)):
        assert type(_flask_error({"value": value})) is TypeError
    known = {"a": Point(1), "b": Decimal("1.10"), "c": UUID(int=0)}
    assert json.loads(_flask(known)) == {"a": {"x": 1}, "b": "1.10", "c": "00000000-0000-0000-0000-000000000000"}


def check_mixed_keys() -> None:
    """A dictionary with the keys "b" and 1 is a 500 in Flask, unless `app.json.sort_keys` is False."""
    value = {"b": 1, 1: 2}
    assert "not supported between" in str(_flask_error(value))
    app = Flask(__name__)
    assert isinstance(app.json, DefaultJSONProvider)
    app.json.sort_keys = False
    assert _flask(value, app) == '{"b":1,"1":2}\n'


def check_none_type() -> None:
    """`flask.typing.ResponseReturnValue` holds str, and does not hold None."""
    types = get_args(ResponseReturnValue)
    assert str in types
    assert not {None, type(None), Any, object} & set(types)


def check_surrogate() -> None:
    """Half a surrogate pair is a 500 in FastAPI, typed or not; Flask escapes it and answers 200."""
    half = "\ud800"
    for app in (_fastapi(half), _fastapi(half, str)):
        assert isinstance(_fastapi_error(app), ValueError)
    assert _flask([half]) == '["\\ud800"]\n'


def check_orjson() -> None:
    """`ORJSONResponse` is marked as deprecated, and the warning names the return type and the response model."""
    warning = vars(ORJSONResponse)["__deprecated__"]
    assert "return type" in warning
    assert "response model" in warning


def check_marshmallow_missing() -> None:
    """marshmallow leaves out a field that the object does not have; FastAPI answers 500 where the model wants it."""
    schema = Schema.from_dict({"name": fields.String(), "id": fields.Integer(required=True)})()
    assert schema.dump({"name": "Ada"}) == {"name": "Ada"}
    assert type(_fastapi_error(_fastapi({"name": "Ada"}, Numbered))) is ResponseValidationError


def check_marshmallow_attributes() -> None:
    """`String` is an attribute of an object of Flask-Marshmallow's class, not of the class."""
    assert not hasattr(Marshmallow, "String")
    assert Marshmallow().String is fields.String  # type: ignore[attr-defined]  # what this shows

"""Facts that no request to the demos shows."""

import asyncio
import json
from collections.abc import MutableMapping
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from flask import Flask, request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import BadRequestKeyError

Message = MutableMapping[str, Any]


class Filters(BaseModel):
    """A query as a model."""

    model_config = ConfigDict(extra="forbid")
    department: str
    limit: int = 10


def _answer(app: FastAPI, query: str = "") -> tuple[int, Any]:
    """Send a GET request as an ASGI server would, and return the status and the JSON of the answer."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": query.encode(), "headers": []}
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def _flask(app: Flask, query: str = "") -> tuple[int, str]:
    """Send a GET request, and return the status and the text of the answer."""
    answer = app.test_client().get("/", query_string=query)
    return answer.status_code, answer.text


def _error(app: Flask, query: str) -> Exception:
    """Return what the view of a Flask app raises and nothing handles: the 500 of a server."""
    app.testing = True
    try:
        _flask(app, query)
    except Exception as error:
        return error
    raise AssertionError("the view raised nothing")


def check_strings() -> None:
    """The values of `request.args` are strings, whatever they look like."""
    app = Flask(__name__)
    app.get("/")(lambda: repr(request.args.to_dict()))
    assert _flask(app, "limit=5&active=false") == (200, "{'limit': '5', 'active': 'false'}")


def check_before_the_function() -> None:
    """FastAPI answers 422 to a query that does not fit, and does not call the function."""
    app, calls = FastAPI(), list[int]()

    @app.get("/")
    async def view(limit: int) -> None:
        calls.append(limit)

    for query in ("", "limit=ten", "limit="):
        assert _answer(app, query)[0] == 422
    assert not calls
    assert _answer(app, "limit=5")[0] == 200
    assert calls == [5]


def check_missing_key() -> None:
    """`request.args[...]` raises `BadRequestKeyError` for a missing key; unhandled, that is a 400."""
    app = Flask(__name__)
    app.get("/")(lambda: request.args["department"])
    assert _flask(app)[0] == 400
    app.config["TRAP_BAD_REQUEST_ERRORS"] = True
    assert type(_error(app, "")) is BadRequestKeyError


def check_optional() -> None:
    """For a missing key `.get()` returns None in Flask, and so does `str | None = None` in FastAPI."""
    old, new = Flask(__name__), FastAPI()
    old.get("/")(lambda: repr(request.args.get("department")))

    @new.get("/")
    async def view(department: str | None = None) -> str:
        return repr(department)

    assert _flask(old) == (200, "None")
    assert _answer(new) == (200, "None")


def check_negative_and_underscore() -> None:
    """Both sides read `-5` and `1_5` as integers."""
    old, new = Flask(__name__), FastAPI()
    old.get("/")(lambda: str(request.args.get("limit", 10, type=int)))

    @new.get("/")
    async def view(limit: int = 10) -> int:
        return limit

    for text, number in (("-5", -5), ("1_5", 15)):
        assert _flask(old, f"limit={text}") == (200, str(number))
        assert _answer(new, f"limit={text}") == (200, number)


def check_range() -> None:
    """`Annotated[int, Query(ge=1, le=100)]` answers 422 below 1 and above 100."""
    app = FastAPI()

    @app.get("/")
    async def view(limit: Annotated[int, Query(ge=1, le=100)] = 10) -> int:
        return limit

    assert [_answer(app, f"limit={number}")[0] for number in (0, 1, 100, 101)] == [422, 200, 200, 422]


def check_list_without_query() -> None:
    """Without `Query`, `tag: list[str]` is read from the body: 422 for GET, or the default if there is one."""
    bare, default = FastAPI(), FastAPI()

    @bare.get("/")
    async def required(tag: list[str]) -> list[str]:
        return tag

    @default.get("/")
    async def optional(tag: list[str] = []) -> list[str]:  # noqa: B006
        return tag

    status, answer = _answer(bare, "tag=a")
    assert (status, answer["detail"][0]["type"], answer["detail"][0]["loc"]) == (422, "missing", ["body"])
    assert _answer(default, "tag=a") == (200, [])


def check_type_bool() -> None:
    """With `type=bool` Flask reads every value as true, `0` and `false` included, except the empty one."""
    app = Flask(__name__)
    app.get("/")(lambda: str(request.args.get("active", True, type=bool)))
    assert {_flask(app, f"active={text}")[1] for text in ("true", "1", "false", "0", "no")} == {"True"}
    assert _flask(app, "active=") == (200, "False")


def check_words_of_a_flag() -> None:
    """FastAPI reads true, 1, yes, y, t, on and their opposites in any case, and answers 422 to other words."""
    app = FastAPI()

    @app.get("/")
    async def view(active: bool = True) -> bool:
        return active

    for words, value in (("true 1 yes y t on", True), ("false 0 no n f off", False)):
        for word in f"{words} {words.upper()}".split():
            assert _answer(app, f"active={word}") == (200, value)
    assert {_answer(app, f"active={word}")[0] for word in ("", "maybe", "2", "ja")} == {422}


def check_first_value() -> None:
    """`Annotated[list[str], Query()]` holds every value of a repeated key, the first one at `[0]`."""
    app = FastAPI()

    @app.get("/")
    async def view(department: Annotated[list[str], Query()]) -> str:
        return department[0]

    assert _answer(app, "department=ops&department=hr") == (200, "ops")
    assert _answer(app)[0] == 422


def check_400_instead_of_422() -> None:
    """A handler for `RequestValidationError` can answer 400."""
    app = FastAPI()

    @app.get("/")
    async def view(department: str) -> str:
        return department

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse({"detail": "Bad Request"}, 400)

    assert _answer(app) == (400, {"detail": "Bad Request"})


def check_model_in_flask() -> None:
    """A pydantic model of `request.args.to_dict()` gives Flask FastAPI's messages, and no /openapi.json."""
    old, new, query = Flask(__name__), FastAPI(), "limit=ten"

    @old.get("/")
    def old_view() -> list[str]:
        try:
            Filters.model_validate(request.args.to_dict())
        except ValidationError as error:
            return [mistake["msg"] for mistake in error.errors()]
        return []

    @new.get("/")
    async def new_view(department: str, limit: int = 10) -> None:
        pass

    messages = [mistake["msg"] for mistake in _answer(new, query)[1]["detail"]]
    assert len(messages) == 2
    assert json.loads(_flask(old, query)[1]) == messages
    assert old.test_client().get("/openapi.json").status_code == 404


def check_swallowed_errors() -> None:
    """`type=` swallows ValueError and TypeError; what else the function raises goes on, a KeyError for example."""
    for error in (ValueError(), TypeError(), KeyError()):
        app = Flask(__name__)

        def fail(text: str, error: Exception = error) -> int:
            raise error

        app.get("/")(lambda fail=fail: str(request.args.get("limit", 10, type=fail)))
        if isinstance(error, KeyError):
            assert _error(app, "limit=x") is error
        else:
            assert _flask(app, "limit=x") == (200, "10")


def check_key_errors() -> None:
    """`except KeyError` catches a missing parameter; a KeyError of a dict of one's own is not a 400."""
    app, own = Flask(__name__), Flask(__name__)

    @app.get("/")
    def view() -> str:
        try:
            return request.args["department"]
        except KeyError:
            return "caught"

    own.get("/")(lambda: {"a": "b"}[request.args["key"]])
    assert _flask(app) == (200, "caught")
    assert type(_error(own, "key=c")) is KeyError


def check_getlist() -> None:
    """`getlist("n", type=int)` drops the values that do not convert."""
    app = Flask(__name__)
    app.get("/")(lambda: request.args.getlist("n", type=int))
    assert json.loads(_flask(app, "n=1&n=x&n=3")[1]) == [1, 3]


def check_empty_text() -> None:
    """`department=` is an empty string, also for `str | None = None`; with `Query(min_length=1)` it is a 422."""
    for annotation, answer in ((str, ""), (str | None, ""), (Annotated[str, Query(min_length=1)], None)):
        app = FastAPI()

        def view(department: Any = None) -> Any:
            return department

        view.__annotations__["department"] = annotation
        app.get("/")(view)
        status, text = _answer(app, "department=")
        assert (status, text) == (200, answer) if answer is not None else status == 422


def check_unknown_keys() -> None:
    """Both ignore a key that nobody reads; a query model with `extra="forbid"` answers 422 `extra_forbidden`."""
    old, new, strict = Flask(__name__), FastAPI(), FastAPI()
    old.get("/")(lambda: str(request.args.get("limit", 10, type=int)))

    @new.get("/")
    async def loose(limit: int = 10) -> int:
        return limit

    @strict.get("/")
    async def forbid(filters: Annotated[Filters, Query()]) -> int:
        return filters.limit

    assert _flask(old, "limt=5") == (200, "10")
    assert _answer(new, "limt=5") == (200, 10)
    assert _answer(strict, "department=ops") == (200, 10)
    status, answer = _answer(strict, "department=ops&limt=5")
    assert (status, [mistake["type"] for mistake in answer["detail"]]) == (422, ["extra_forbidden"])


def check_hyphens() -> None:
    """`page_size: int` does not read `page-size`; with `Query(alias="page-size")` it reads nothing else."""
    plain, alias = FastAPI(), FastAPI()

    @plain.get("/")
    async def by_name(page_size: int = 10) -> int:
        return page_size

    @alias.get("/")
    async def by_alias(page_size: Annotated[int, Query(alias="page-size")] = 10) -> int:
        return page_size

    assert [_answer(plain, query)[1] for query in ("page_size=5", "page-size=5")] == [5, 10]
    assert [_answer(alias, query)[1] for query in ("page_size=5", "page-size=5")] == [10, 5]

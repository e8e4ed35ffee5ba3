"""Facts that no request to the demos shows."""

import asyncio
import json
from collections.abc import MutableMapping
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Path
from flask import Flask

Message = MutableMapping[str, Any]


def _answer(app: FastAPI, path: str) -> tuple[int, Any]:
    """Send a GET request as an ASGI server would, and return the status and the JSON of the answer."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def check_annotation_converts_nothing() -> None:
    """Flask ignores `employee_id: int`: without a converter in the address the view gets a `str`."""
    app = Flask(__name__)

    @app.get("/plain/<employee_id>")
    def plain(employee_id: int) -> str:
        return type(employee_id).__name__

    @app.get("/converted/<int:employee_id>")
    def converted(employee_id: str) -> str:
        return type(employee_id).__name__

    assert app.test_client().get("/plain/42").text == "str"
    assert app.test_client().get("/converted/42").text == "int"


def check_integers_of_pydantic() -> None:
    """For `int`, FastAPI accepts `-1`, `+5`, `1.0`, `1_000` and `007`, and refuses digits beyond ASCII."""
    app = FastAPI()

    @app.get("/{number}")
    async def view(number: int) -> int:
        return number

    texts = {"-1": -1, "+5": 5, "1.0": 1, "1_000": 1000, "007": 7}
    assert {text: _answer(app, f"/{text}") for text in texts} == {text: (200, n) for text, n in texts.items()}
    assert _answer(app, "/\u0664\u0662")[0] == 422


def check_integers_of_flask() -> None:
    """For `<int:...>`, Flask accepts `007` and decimal digits of any script, and no sign, point or underscore."""
    app = Flask(__name__)
    app.add_url_rule("/<int:number>", "view", lambda number: str(number))
    client = app.test_client()
    texts = {"007": "7", "42": "42", "\u0664\u0662": "42", "\u096a\u0968": "42"}
    assert {text: client.get(f"/{text}").text for text in texts} == texts
    assert {client.get(f"/{text}").status_code for text in ("-1", "+5", "1.0", "1_000")} == {404}


def check_limits() -> None:
    """Outside 1 to 1000 Flask's `<int(min=1, max=1000):...>` is a 404, FastAPI's `Path(ge=1, le=1000)` a 422."""
    old, new = Flask(__name__), FastAPI()
    old.add_url_rule("/<int(min=1, max=1000):number>", "view", lambda number: str(number))

    @new.get("/{number}")
    async def view(number: Annotated[int, Path(ge=1, le=1000)]) -> int:
        return number

    for number, old_status, new_status in ((0, 404, 422), (1, 200, 200), (1000, 200, 200), (1001, 404, 422)):
        assert old.test_client().get(f"/{number}").status_code == old_status
        assert _answer(new, f"/{number}")[0] == new_status


def check_signed() -> None:
    """`<int(signed=True):...>` accepts `-1`."""
    app = Flask(__name__)
    app.add_url_rule("/<int(signed=True):number>", "view", lambda number: str(number))
    assert app.test_client().get("/-1").text == "-1"


def check_no_negative_numbers() -> None:
    """`Annotated[int, Path(ge=0)]` answers 422 to a negative number."""
    app = FastAPI()

    @app.get("/{number}")
    async def view(number: Annotated[int, Path(ge=0)]) -> int:
        return number

    assert _answer(app, "/0") == (200, 0)
    assert _answer(app, "/-1")[0] == 422


def check_which_route_wins() -> None:
    """Flask prefers the fixed path in either order; FastAPI takes the route that is declared first."""
    for paths in (["/me", "/{id}"], ["/{id}", "/me"]):
        old, new = Flask(__name__), FastAPI()
        for path in paths:
            rule = path.replace("{", "<").replace("}", ">")
            old.add_url_rule(rule, path, lambda path=path, **_: path)
            new.add_api_route(path, lambda path=path: path)
        assert old.test_client().get("/me").text == "/me"
        assert _answer(new, "/me") == (200, paths[0])


def check_enum() -> None:
    """The schema behind /docs lists the values of a `Literal` as an enum."""
    app = FastAPI()

    @app.get("/teams/{team}")
    async def view(team: Literal["dev", "ops"]) -> str:
        return team

    [parameter] = app.openapi()["paths"]["/teams/{team}"]["get"]["parameters"]
    assert parameter["schema"]["enum"] == ["dev", "ops"]


def check_converter_of_fastapi() -> None:
    """With `{employee_id:int}` FastAPI answers 404 to `abc` and to `-1`."""
    app = FastAPI()

    @app.get("/employees/{employee_id:int}")
    async def view(employee_id: int) -> int:
        return employee_id

    assert _answer(app, "/employees/42") == (200, 42)
    assert [_answer(app, f"/employees/{text}")[0] for text in ("abc", "-1")] == [404, 404]


def check_wrong_name() -> None:
    """Where name and argument differ, Flask raises `TypeError` at each request, FastAPI wants a query parameter."""
    old, new = Flask(__name__), FastAPI()
    old.testing = True
    old.add_url_rule("/<id>", "view", lambda employee_id: employee_id)

    @new.get("/{id}")
    async def view(employee_id: int) -> int:
        return employee_id

    try:
        old.test_client().get("/42")
        message = ""
    except TypeError as error:
        message = str(error)
    assert "got an unexpected keyword argument" in message
    status, answer = _answer(new, "/42")
    assert (status, answer["detail"][0]["type"]) == (422, "missing")
    assert answer["detail"][0]["loc"] == ["query", "employee_id"]


def check_path_that_climbs() -> None:
    """`..%2F..%2Fetc/passwd` reaches a Flask view of `<path:name>` as `../../etc/passwd`."""
    app = Flask(__name__)
    app.add_url_rule("/files/<path:name>", "view", lambda name: name)
    assert app.test_client().get("/files/..%2F..%2Fetc/passwd").text == "../../etc/passwd"


def check_join_with_an_absolute_path() -> None:
    """In Python `Path("/srv") / "/etc/passwd"` is `/etc/passwd`."""
    assert PurePosixPath("/srv") / "/etc/passwd" == PurePosixPath("/etc/passwd")

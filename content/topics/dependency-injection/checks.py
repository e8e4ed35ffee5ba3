"""Facts that no request to the demos shows."""

import asyncio
import inspect
import json
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import suppress
from contextvars import ContextVar, copy_context
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.exceptions import FastAPIError
from flask import Flask, abort, g, request
from flask_injector import FlaskInjector
from injector import Binder
from werkzeug.test import create_environ

Message = MutableMapping[str, Any]


class Mail:
    """Something to inject."""


def _send(app: FastAPI, *headers: tuple[str, str], sent: list[Message] | None = None) -> list[Message]:
    """Send a GET request as an ASGI server would, and return what the application sent."""
    sent = [] if sent is None else sent

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    pairs = [(name.encode(), value.encode()) for name, value in headers]
    common = {"type": "http", "method": "GET", "query_string": b"", "asgi": {"spec_version": "2.4"}}
    asyncio.run(app({**common, "path": "/", "headers": pairs}, receive, send))
    return sent


def _answer(app: FastAPI, *headers: tuple[str, str]) -> tuple[int, Any]:
    """Return the status and the JSON of the answer to a GET request."""
    start, body, *_ = _send(app, *headers)
    return start["status"], json.loads(body["body"])


def _error(call: Callable[..., object], *arguments: Any) -> Exception:
    """Return what a call raises."""
    try:
        call(*arguments)
    except Exception as error:
        return error
    raise AssertionError(f"{call} raised nothing")


def _run(app: Flask) -> None:
    """Call a Flask application for a GET request, as a server would, on this thread and in this context."""
    b"".join(app(create_environ("/"), lambda status, headers, exc_info=None: lambda data: None))


def _flask_with_teardown(view: Callable[[], str]) -> tuple[Flask, list[str]]:
    """Return an application with one view, and what its teardown function was given."""
    app, seen = Flask(__name__), list[str]()
    app.get("/")(view)
    app.teardown_appcontext(lambda error: seen.append(type(error).__name__))
    return app, seen


def check_ambient() -> None:
    """`g` and `request` work in any function below a request, and raise RuntimeError outside of one."""
    app = Flask(__name__)

    def helper() -> str:
        return f"{request.path} {'db' in g}"

    app.get("/")(lambda: helper())
    assert app.test_client().get("/").text == "/ False"
    assert "Working outside of request context" in str(_error(helper))
    assert "Working outside of application context" in str(_error(lambda: "db" in g))


def check_path_only() -> None:
    """Flask fills the parameters of a view from the path; one that is not in the path is missing."""
    app = Flask(__name__)

    def view(number: int, mail: Mail | None) -> str:
        return f"{number} {mail}"

    app.add_url_rule("/<int:number>", "view", view)
    app.testing = True
    assert "missing 1 required positional argument: 'mail'" in str(_error(app.test_client().get, "/1"))


def check_use_cache() -> None:
    """Two parameters that depend on one function share its value; `use_cache=False` asks for another."""
    app, calls = FastAPI(), list[int]()

    def number() -> int:
        calls.append(len(calls) + 1)
        return len(calls)

    Shared = Annotated[int, Depends(number)]
    Fresh = Annotated[int, Depends(number, use_cache=False)]

    @app.get("/")
    def view(a: Shared, b: Shared, c: Fresh) -> list[int]:
        return [a, b, c]

    assert _answer(app) == (200, [1, 1, 2])


def check_crash() -> None:
    """An exception that nobody handles reaches the teardown function in Flask and the dependency in FastAPI."""

    def crash() -> str:
        raise RuntimeError

    old, seen = _flask_with_teardown(crash)
    old.testing = True
    assert type(_error(old.test_client().get, "/")) is RuntimeError
    assert seen == ["RuntimeError"]
    new, caught = FastAPI(), list[str]()

    def database() -> Iterator[None]:
        try:
            yield
        except Exception as error:
            caught.append(type(error).__name__)
            raise

    @new.get("/", dependencies=[Depends(database)])
    def view() -> None:
        raise RuntimeError

    assert type(_error(_send, new)) is RuntimeError
    assert caught == ["RuntimeError"]


def check_handled() -> None:
    """A teardown function is given None once an error handler, or Flask for `abort`, has answered for it."""
    app, seen = _flask_with_teardown(lambda: abort(404))
    assert app.test_client().get("/").status_code == 404
    app, more = _flask_with_teardown(lambda: str(1 // 0))
    app.errorhandler(ZeroDivisionError)(lambda error: ("handled", 400))
    assert app.test_client().get("/").status_code == 400
    assert seen == more == ["NoneType"]


def check_scope() -> None:
    """What follows `yield` runs after the answer was sent; with `scope="function"` it runs before."""
    steps: list[Message] = []

    def database() -> Iterator[None]:
        yield
        steps.append({"type": "closed"})

    late, early = FastAPI(), FastAPI()
    late.get("/", dependencies=[Depends(database)])(lambda: None)
    early.get("/", dependencies=[Depends(database, scope="function")])(lambda: None)
    sent = ["http.response.start", "http.response.body"]
    assert [step["type"] for step in _send(late, sent=steps)] == [*sent, "closed"]
    steps.clear()
    assert [step["type"] for step in _send(early, sent=steps)] == ["closed", *sent]


def check_flask_closes_first() -> None:
    """Flask's teardown runs before the server takes the first piece of the body."""
    app, steps = Flask(__name__), list[str]()
    app.get("/")(lambda: "body")
    app.teardown_appcontext(lambda error: steps.append("closed"))
    body = app(create_environ("/"), lambda status, headers, exc_info=None: lambda data: None)
    assert steps == ["closed"]
    assert b"".join(body) == b"body"


def check_late_failure() -> None:
    """A commit that fails after `yield` comes after the 200; with `scope="function"` the client gets a 500."""

    def database() -> Iterator[None]:
        yield
        raise RuntimeError("commit failed")

    for dependency, status in ((Depends(database), 200), (Depends(database, scope="function"), 500)):
        app, sent = FastAPI(), list[Message]()
        app.get("/", dependencies=[dependency])(lambda: None)
        assert "commit failed" in str(_error(lambda app=app, sent=sent: _send(app, sent=sent)))
        assert sent[0]["status"] == status


def check_scopes_do_not_mix() -> None:
    """A dependency with `yield` that outlives the function may not use one that ends with it: the route fails."""

    def short() -> Iterator[int]:
        yield 1

    def long(number: Annotated[int, Depends(short, scope="function")]) -> Iterator[int]:
        yield number

    error = _error(FastAPI().get("/", dependencies=[Depends(long)]), lambda: None)
    assert isinstance(error, FastAPIError)
    assert 'it cannot depend on dependencies with scope "function"' in str(error)


def check_swallowed() -> None:
    """A dependency that catches an exception and does not raise it again makes a 500 of it, also of a 404."""
    app, sent = FastAPI(), list[Message]()

    def database() -> Iterator[None]:
        with suppress(Exception):
            yield

    @app.get("/", dependencies=[Depends(database)])
    def view() -> None:
        raise HTTPException(404)

    error = _error(lambda: _send(app, sent=sent))
    assert isinstance(error, FastAPIError)
    assert "not raising the exception again" in str(error)
    assert sent[0]["status"] == 500


def check_keep_the_commit() -> None:
    """With an `except HTTPException` that commits and raises again, a 404 commits in FastAPI as well."""
    app, log = FastAPI(), list[str]()

    def database() -> Iterator[None]:
        try:
            yield
        except HTTPException:
            log.append("commit")
            raise
        except Exception:
            log.append("rollback")
            raise

    @app.get("/", dependencies=[Depends(database)])
    def view() -> None:
        raise HTTPException(404)

    assert _answer(app) == (404, {"detail": "Not Found"})
    assert log == ["commit"]


def check_overrides() -> None:
    """`dependency_overrides` replaces a dependency, also one that is needed by another."""
    app = FastAPI()

    def database() -> str:
        return "real"

    def user(db: Annotated[str, Depends(database)]) -> str:
        return f"user of the {db} database"

    @app.get("/")
    def view(name: Annotated[str, Depends(user)]) -> str:
        return name

    app.dependency_overrides[database] = lambda: "fake"
    assert _answer(app) == (200, "user of the fake database")
    app.dependency_overrides.clear()
    assert _answer(app) == (200, "user of the real database")


def check_by_hand() -> None:
    """A function with dependencies that is called by hand gets none of them."""

    def database() -> str:
        return "db"

    def user(db: Annotated[str, Depends(database)]) -> str:
        return db

    assert "missing 1 required positional argument: 'db'" in str(_error(user))
    assert user(database()) == "db"


def check_context_variables() -> None:
    """A context variable set in a `def` dependency does not reach the function, one set in `async def` does."""
    user = ContextVar("user", default="unset")

    def plain() -> None:
        user.set("Ada")

    async def awaited() -> None:
        user.set("Ada")

    for dependency, value in ((plain, "unset"), (awaited, "Ada")):
        app = FastAPI()
        app.get("/", dependencies=[Depends(dependency)])(lambda: user.get())
        assert _answer(app) == (200, value)


def check_leaking_variable() -> None:
    """A context variable set in a Flask view is still set in the next request on that thread; `g` is empty."""
    app, user, seen = Flask(__name__), ContextVar("user", default="unset"), list[str]()

    @app.get("/")
    def view() -> str:
        seen.append(f"{user.get()} {'user' in g}")
        g.user = "Ada"
        user.set("Ada")
        return "ok"

    def two_requests() -> None:
        _run(app)
        _run(app)

    copy_context().run(two_requests)
    assert seen == ["unset False", "Ada False"]


def check_shared_context() -> None:
    """Inside `with app.app_context()` all requests share one `g`, and teardown waits for the end of the block."""
    app, closed = Flask(__name__), list[int]()

    @app.get("/")
    def view() -> str:
        g.count = g.get("count", 0) + 1
        return str(g.count)

    app.teardown_appcontext(lambda error: closed.append(g.count))
    client = app.test_client()
    assert [client.get("/").text, client.get("/").text] == ["1", "1"]
    closed.clear()
    with app.app_context():
        assert [client.get("/").text, client.get("/").text] == ["1", "2"]
        assert closed == []
    assert closed == [2]


def check_teardown_without_view() -> None:
    """Teardown functions run for a request that no route matches, when nothing was put into `g`."""
    app, seen = Flask(__name__), list[bool]()
    app.teardown_appcontext(lambda error: seen.append("db" in g))
    assert app.test_client().get("/nope").status_code == 404
    assert seen == [False]


def check_header() -> None:
    """A header is a parameter like any other: 422 without it; of a repeated one FastAPI takes the first, Flask all."""
    old, new = Flask(__name__), FastAPI()
    old.get("/")(lambda: request.headers["X-Key"])

    def key(x_key: Annotated[str, Header()]) -> str:
        return x_key

    @new.get("/")
    def view(value: Annotated[str, Depends(key)]) -> str:
        return value

    twice = [("X-Key", "a"), ("X-Key", "b")]
    status, answer = _answer(new)
    assert (status, answer["detail"][0]["loc"]) == (422, ["header", "x-key"])
    assert _answer(new, ("x-key", "a"), ("x-key", "b")) == (200, "a")
    assert old.test_client().get("/", headers=twice).text.replace(" ", "") == "a,b"


def check_injected_late() -> None:
    """`FlaskInjector` injects into the views that exist when it is called; a later one misses its argument."""
    app = Flask(__name__)
    app.get("/early")(lambda: "")

    def early(mail: Mail) -> str:
        return type(mail).__name__

    app.get("/first")(early)
    FlaskInjector(app)
    app.add_url_rule("/later", "later", early)
    app.testing = True
    assert app.test_client().get("/first").text == "Mail"
    assert "missing 1 required positional argument: 'mail'" in str(_error(app.test_client().get, "/later"))


def check_injected_async() -> None:
    """`FlaskInjector` hides that a view is `async def`: Flask does not await it and cannot answer with a coroutine."""
    app = Flask(__name__)

    @app.get("/")
    async def view(mail: Mail) -> str:
        return type(mail).__name__

    FlaskInjector(app)
    hidden = app.ensure_sync(app.view_functions["view"])
    with app.test_request_context("/"):
        answer = hidden()
        assert inspect.iscoroutine(answer)
        assert isinstance(_error(app.make_response, answer), TypeError)
        answer.close()


def check_injected_override() -> None:
    """A module given to `FlaskInjector` binds a class to another one, as a test needs it."""

    class Fake(Mail):
        pass

    def configure(binder: Binder) -> None:
        binder.bind(Mail, to=Fake)

    app = Flask(__name__)

    @app.get("/")
    def view(mail: Mail) -> str:
        return type(mail).__name__

    FlaskInjector(app, modules=[configure])
    assert app.test_client().get("/").text == "Fake"

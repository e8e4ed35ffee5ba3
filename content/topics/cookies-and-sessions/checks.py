"""Facts that no request to the demos shows."""

import asyncio
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from importlib.metadata import requires
from threading import get_ident
from typing import Annotated, Any
from unittest.mock import patch

from fastapi import Cookie, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from flask import Flask, session
from itsdangerous import TimestampSigner
from starlette.middleware.sessions import SessionMiddleware

Message = MutableMapping[str, Any]
KEY = "a key"


def _fastapi(app: FastAPI, path: str = "/", cookie: str = "") -> tuple[str, str]:
    """Send a GET request as an ASGI server would; return the body and the Set-Cookie header."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"cookie", cookie.encode())] if cookie else []
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers}
    asyncio.run(app({**scope, "asgi": {"spec_version": "2.4"}}, receive, send))
    set_cookie = next((value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"), "")
    return b"".join(message.get("body", b"") for message in sent).decode(), set_cookie


def _flask(app: Flask, path: str = "/", cookie: str = "") -> tuple[str, str]:
    """Send a GET request; return the body and the Set-Cookie header."""
    client = app.test_client(use_cookies=False)
    answer = client.get(path, headers={"Cookie": cookie} if cookie else {})
    return answer.text, answer.headers.get("Set-Cookie", "")


def _old(change: Callable[[Any], None], **config: Any) -> Flask:
    """Return an application whose / changes the session and whose /read shows it."""
    app = Flask(__name__)
    app.config.update({"SECRET_KEY": KEY} | config)

    @app.get("/")
    def write() -> str:
        change(session)
        return ""

    app.get("/read")(lambda: str(dict(session)))
    return app


def _new(change: Callable[[Any], None], **options: Any) -> FastAPI:
    """The same for Starlette's middleware."""
    app = FastAPI()
    app.add_middleware(SessionMiddleware, **({"secret_key": KEY} | options))

    @app.get("/", response_class=PlainTextResponse)
    def write(request: Request) -> str:
        change(request.session)
        return ""

    @app.get("/read", response_class=PlainTextResponse)
    def read(request: Request) -> str:
        return str(dict(request.session))

    return app


def _login(session: Any) -> None:
    session["user"] = "ada"


def _pair(header: str) -> str:
    """Return the cookie of a Set-Cookie header as a browser sends it."""
    return header.partition(";")[0]


def check_attributes() -> None:
    """Flask's cookie ends with the browser and has no SameSite, Starlette's has both; HttpOnly, and not Secure."""
    old, new = _flask(_old(_login))[1], _fastapi(_new(_login))[1]
    assert old.partition("; ")[2] == "HttpOnly; Path=/"
    assert new.partition("; ")[2] == "path=/; Max-Age=1209600; httponly; samesite=lax"
    assert timedelta(seconds=1209600) == timedelta(days=14)


def check_permanent() -> None:
    """A permanent session of Flask's lasts 31 days and is sent anew with each answer."""

    def stay(session: Any) -> None:
        session.permanent, session["user"] = True, "ada"

    app = _old(stay)
    _, first = _flask(app)
    _, second = _flask(app, "/read", _pair(first))
    assert app.permanent_session_lifetime == timedelta(days=31)
    assert "Expires=" in first
    assert "Expires=" in second


def check_no_renewal() -> None:
    """Starlette sends no cookie where the session was only read."""
    app = _new(_login)
    assert _fastapi(app, "/read", _pair(_fastapi(app)[1])) == ("{'user': 'ada'}", "")


def check_no_key() -> None:
    """Without a key Flask raises RuntimeError when a session is written."""
    app = _old(_login, SECRET_KEY=None, TESTING=True)
    try:
        _flask(app)
    except RuntimeError as error:
        message = str(error)
    else:
        message = ""
    assert "no secret key was set" in message


def check_no_middleware() -> None:
    """Without the middleware `request.session` raises AssertionError."""
    try:
        Request({"type": "http"}).session  # noqa: B018 - the property raises
    except AssertionError as error:
        message = str(error)
    else:
        message = ""
    assert "SessionMiddleware must be installed" in message


def check_needs_a_package() -> None:
    """itsdangerous comes with Flask; with FastAPI and Starlette only as an extra."""
    assert any(text.startswith("itsdangerous") and "extra" not in text for text in requires("flask") or ())
    for package in ("fastapi", "starlette"):
        wanted = [text for text in requires(package) or () if text.startswith("itsdangerous")]
        assert all("extra ==" in text for text in wanted)


@contextmanager
def _on_day(day: int) -> Iterator[None]:
    """Let what signs and what checks a session on this thread believe that it is so many days after a fixed one."""
    original = TimestampSigner.get_timestamp
    here = get_ident()

    def get_timestamp(self: TimestampSigner) -> int:
        return 1_700_000_000 + day * 86400 if get_ident() == here else original(self)

    with patch.object(TimestampSigner, "get_timestamp", get_timestamp):
        yield


def _read_on_day(day: int, **options: Any) -> str:
    """Return what Starlette reads on a day of a session of day 0."""
    app = _new(_login, **options)
    with _on_day(0):
        cookie = _pair(_fastapi(app)[1])
    with _on_day(day):
        return _fastapi(app, "/read", cookie)[0]


def check_starlette_age() -> None:
    """Starlette reads a session for 14 days, and no longer."""
    assert (_read_on_day(14), _read_on_day(15)) == ("{'user': 'ada'}", "{}")


def check_max_age_none() -> None:
    """`max_age=None` leaves the end out of the cookie, and a session of ten years ago is read."""
    assert _fastapi(_new(_login, max_age=None))[1].partition("; ")[2] == "path=/; httponly; samesite=lax"
    assert _read_on_day(3650, max_age=None) == "{'user': 'ada'}"


def check_flask_age() -> None:
    """Flask reads a session for 31 days, also one that is not permanent, and no longer."""
    app = _old(_login)
    with _on_day(0):
        cookie = _pair(_flask(app)[1])
    with _on_day(31):
        assert _flask(app, "/read", cookie)[0] == "{'user': 'ada'}"
    with _on_day(32):
        assert _flask(app, "/read", cookie)[0] == "{}"


def check_secure() -> None:
    """`https_only=True` adds Secure, as SESSION_COOKIE_SECURE does in Flask."""
    assert _fastapi(_new(_login, https_only=True))[1].endswith("; secure")
    assert "Secure" in _flask(_old(_login, SESSION_COOKIE_SECURE=True))[1]


def check_not_interchangeable() -> None:
    """With one key and one name, each takes the other's cookie for no session."""
    old, new = _old(_login), _new(_login)
    theirs, ours = _pair(_fastapi(new)[1]), _pair(_flask(old)[1])
    assert (_flask(old, "/read", ours)[0], _fastapi(new, "/read", theirs)[0]) == ("{'user': 'ada'}",) * 2
    assert (_flask(old, "/read", theirs)[0], _fastapi(new, "/read", ours)[0]) == ("{}", "{}")


def check_fallbacks() -> None:
    """Flask reads a cookie that a fallback key signed."""
    cookie = _pair(_flask(_old(_login))[1])
    assert _flask(_old(_login, SECRET_KEY="another"), "/read", cookie)[0] == "{}"
    newer = _old(_login, SECRET_KEY="another", SECRET_KEY_FALLBACKS=[KEY])
    assert _flask(newer, "/read", cookie)[0] == "{'user': 'ada'}"


def check_optional_cookie() -> None:
    """A cookie parameter with a default is optional."""
    app = FastAPI()

    @app.get("/", response_class=PlainTextResponse)
    def read(theme: Annotated[str | None, Cookie()] = None) -> str:
        return str(theme)

    assert _fastapi(app)[0] == "None"
    assert _fastapi(app, cookie="theme=dark")[0] == "dark"


def check_inside() -> None:
    """Neither sees a change inside of a value; both see a new one."""

    def start(session: Any) -> None:
        if "cart" in session:
            session["cart"].append("bolt")
        else:
            session["cart"] = []

    old, new = _old(start), _new(start)
    assert _flask(old, "/", _pair(_flask(old)[1]))[1] == ""
    assert _fastapi(new, "/", _pair(_fastapi(new)[1]))[1] == ""


def check_compressed() -> None:
    """Flask compresses a long session and marks it with a dot; Starlette's is longer than its JSON."""

    def fill(session: Any) -> None:
        session["text"] = "y" * 2000

    assert len(_pair(_flask(_old(fill))[1])) < 200
    assert _pair(_flask(_old(fill))[1]).startswith("session=.")
    assert len(_pair(_fastapi(_new(fill))[1])) > 2000 * 4 / 3


def check_own_response() -> None:
    """A cookie on the `response` parameter is lost where the function returns a response of its own."""
    app = FastAPI()

    @app.get("/own")
    def own(response: Response) -> Response:
        response.set_cookie("theme", "dark")
        return PlainTextResponse("own")

    @app.get("/plain")
    def plain(response: Response) -> str:
        response.set_cookie("theme", "dark")
        return "plain"

    assert _fastapi(app, "/own")[1] == ""
    assert _fastapi(app, "/plain")[1].startswith("theme=dark")


def check_types() -> None:
    """Starlette raises for a datetime or bytes after the view ran, and makes a list of a tuple; Flask keeps them."""
    at = datetime(2026, 11, 30, 3, 4, 5, 678, timezone(timedelta(hours=1)))
    values, ran, raised = {"at": at, "pair": (1, 2), "raw": b"raw"}, list[str](), list[str]()
    for name, value in values.items():

        def put(session: Any, name: str = name, value: object = value) -> None:
            session[name] = value
            ran.append(name)

        app = _new(put)
        try:
            cookie = _pair(_fastapi(app)[1])
        except TypeError:
            raised.append(name)
        else:
            assert _fastapi(app, "/read", cookie)[0] == "{'pair': [1, 2]}"
    assert (ran, raised) == (["at", "pair", "raw"], ["at", "raw"])
    old = _old(lambda session: session.update(values))
    read = _flask(old, "/read", _pair(_flask(old)[1]))[0]
    assert read == str(values | {"at": datetime(2026, 11, 30, 2, 4, 5, tzinfo=UTC)})

"""Facts that no request to the demos shows."""

import asyncio
import json
from base64 import b64decode, urlsafe_b64decode
from collections.abc import MutableMapping
from importlib.metadata import requires
from typing import Any

import flask
from fastapi import FastAPI, Request
from flask import Flask
from starlette.middleware.sessions import SessionMiddleware

Message = MutableMapping[str, Any]
KEY = "a secret key of more than 32 characters"


def _needs(*packages: str) -> list[str]:
    """Return what the packages bring along when they are installed without extras."""
    return [line for package in packages for line in requires(package) or () if "extra ==" not in line]


def _answer(app: FastAPI, method: str = "GET", **headers: str) -> Message:
    """Send a request as an ASGI server would, and return the start of the answer."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": "/", "query_string": b"", "headers": pairs}
    asyncio.run(app(scope, receive, send))
    return sent[0]


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

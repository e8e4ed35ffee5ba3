"""Facts that no request to the demos shows."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import flask
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from flask import Flask

Message = MutableMapping[str, Any]


def _answer(app: FastAPI, method: str, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
    """Send a request as an ASGI server would, and return status and headers of the answer."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": "/", "query_string": b"", "headers": pairs}
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def check_matrix_cors() -> None:
    """FastAPI answers a preflight with `CORSMiddleware`; Flask has no CORS headers to offer."""
    old, new = Flask(__name__), FastAPI()
    new.add_middleware(CORSMiddleware, allow_origins=["https://app.example"], allow_methods=["PUT"])
    old.put("/")(lambda: "done")
    preflight = {"Origin": "https://app.example", "Access-Control-Request-Method": "PUT"}
    status, headers = _answer(new, "OPTIONS", preflight)
    assert (status, headers["access-control-allow-origin"]) == (200, "https://app.example")
    answer = old.test_client().options("/", headers=preflight)
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert not [name for name in (*dir(flask), *dir(Flask)) if "cors" in name.lower()]


def check_matrix_trusted_hosts() -> None:
    """Both answer 400 to a Host that is not on the list: `TRUSTED_HOSTS` and `TrustedHostMiddleware`."""
    old, new = Flask(__name__), FastAPI()
    old.config["TRUSTED_HOSTS"] = ["good.example"]
    new.add_middleware(TrustedHostMiddleware, allowed_hosts=["good.example"])
    old.get("/")(lambda: "done")
    new.get("/")(lambda: "done")
    for host, status in (("good.example", 200), ("evil.example", 400)):
        assert old.test_client().get("/", headers={"Host": host}).status_code == status
        assert _answer(new, "GET", {"Host": host})[0] == status

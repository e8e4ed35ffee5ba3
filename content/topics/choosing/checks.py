"""Facts behind the decisions that no request to the demos shows."""

import asyncio
import re
import threading
from collections.abc import Callable, MutableMapping
from importlib.metadata import requires
from typing import Any

import flask
import itsdangerous
import starlette.middleware.sessions
from a2wsgi import WSGIMiddleware
from apiflask import APIFlask
from fastapi import FastAPI
from flask import Flask
from pydantic import BaseModel
from starlette.testclient import TestClient

Message = MutableMapping[str, Any]


async def _get(app: FastAPI, path: str) -> int:
    """Send GET to an application on the running loop and return the status."""
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [], "root_path": ""}
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(scope, receive, send)
    return statuses[0]


def _overlap(declare: Callable[[FastAPI, threading.Event], None]) -> int:
    """Return the status of a request that waits in a thread's manner for a second request to be served."""
    app, served = FastAPI(), threading.Event()
    declare(app, served)

    @app.get("/second")
    async def second() -> None:
        served.set()

    async def both() -> int:
        first, _ = await asyncio.gather(_get(app, "/first"), _get(app, "/second"))
        return first

    return asyncio.run(both())


def check_blocked_loop() -> None:
    """While an `async def` endpoint blocks, no other request is served; while a `def` endpoint blocks, others are."""

    def in_loop(app: FastAPI, served: threading.Event) -> None:
        @app.get("/first")
        async def first() -> None:
            assert not served.wait(0.2), "the second request was served meanwhile"

    def in_thread(app: FastAPI, served: threading.Event) -> None:
        @app.get("/first")
        def first() -> None:
            assert served.wait(4), "the second request was not served meanwhile"

    assert _overlap(in_loop) == 200
    assert _overlap(in_thread) == 200


def check_async_view() -> None:
    """Two requests to an async Flask view run on two event loops."""
    app, loops = Flask(__name__), []

    @app.get("/")
    async def view() -> str:
        loops.append(asyncio.get_running_loop())
        return "ok"

    client = app.test_client()
    assert [client.get("/").status_code, client.get("/").status_code] == [200, 200]
    assert loops[0] is not loops[1]


def check_sessions() -> None:
    """Flask has session and flash in its package; FastAPI's package has neither name."""
    import fastapi

    assert hasattr(flask, "session")
    assert hasattr(flask, "flash")
    assert not hasattr(fastapi, "session")
    assert not hasattr(fastapi, "flash")


def check_starlette_sessions() -> None:
    """Starlette has the SessionMiddleware, which signs with itsdangerous; Starlette asks for that as an extra only."""
    lines = requires("starlette") or []
    assert vars(starlette.middleware.sessions)["itsdangerous"] is itsdangerous
    assert [line for line in lines if line.startswith("itsdangerous")] == ["itsdangerous; extra == 'full'"]


def check_websockets() -> None:
    """FastAPI has a websocket decorator, Flask has none."""
    assert hasattr(FastAPI, "websocket")
    assert not hasattr(Flask, "websocket")


def check_typed_flask() -> None:
    """APIFlask answers 422 to a missing field, writes OpenAPI 3.1 and is a Flask application."""
    app = APIFlask(__name__)

    class Order(BaseModel):
        item: str
        qty: int

    @app.post("/orders")
    @app.input(Order)
    def order(json_data: Order) -> dict[str, Any]:
        return json_data.model_dump()

    client = app.test_client()
    assert isinstance(app, Flask)
    assert client.post("/orders", json={"item": "pen"}).status_code == 422
    assert client.post("/orders", json={"item": "pen", "qty": 2}).json == {"item": "pen", "qty": 2}
    document = client.get("/openapi.json").json
    assert document
    assert document["openapi"].startswith("3.1")


def check_mounted() -> None:
    """A FastAPI app with a Flask app mounted at / answers its own paths and leaves the rest to Flask."""
    old, new = Flask(__name__), FastAPI()

    @old.get("/hello")
    def hello() -> str:
        return "Flask"

    @new.get("/v2/hello")
    def hello2() -> str:
        return "FastAPI"

    new.mount("/", WSGIMiddleware(old))
    with TestClient(new) as client:
        assert client.get("/hello").text == "Flask"
        assert client.get("/v2/hello").json() == "FastAPI"
        assert list(client.get("/openapi.json").json()["paths"]) == ["/v2/hello"]


def check_not_included() -> None:
    """Flask requires jinja2; FastAPI requires neither jinja2 nor python-multipart outside of its extras."""

    def needs(package: str) -> set[str]:
        plain = [line for line in requires(package) or () if "extra ==" not in line]
        return {re.split(r"[^\w.-]", line, maxsplit=1)[0].lower() for line in plain}

    assert "jinja2" in needs("flask")
    assert needs("fastapi").isdisjoint({"jinja2", "python-multipart"})

"""Facts that no exchange with the demos shows: codes before the handshake, threads, tests."""

import asyncio
import socket
import threading
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket
from flask import Flask, Response
from flask_sock import Sock
from simple_websocket import Server

Message = MutableMapping[str, Any]
HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


def check_built_in() -> None:
    """FastAPI has a decorator for WebSockets, Flask has none."""
    assert hasattr(FastAPI, "websocket")
    assert not [name for name in dir(Flask) if "socket" in name.lower()]


def check_code_1008() -> None:
    """FastAPI closes with 1008 before it accepts where a path parameter is wrong."""
    app, sent = FastAPI(), list[Message]()

    @app.websocket("/{number}")
    async def view(ws: WebSocket, number: int) -> None:
        await ws.accept()

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/x", "query_string": b"", "headers": [], "subprotocols": []}
    asyncio.run(app(scope, receive, send))
    assert [(message["type"], message["code"]) for message in sent] == [("websocket.close", 1008)]


def check_not_in_openapi() -> None:
    """A WebSocket route is not in the OpenAPI document."""
    app = FastAPI()

    @app.websocket("/socket")
    async def view(ws: WebSocket) -> None:
        await ws.accept()

    assert app.openapi()["paths"] == {}


def _pair() -> tuple[socket.socket, dict[str, Any]]:
    """Return a client's end, and what a server puts into the environ for the other."""
    ours, theirs = socket.socketpair()
    environ = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in HANDSHAKE.items()}
    return ours, {**environ, "HTTP_HOST": "localhost", "gunicorn.socket": theirs}


def check_second_thread() -> None:
    """simple-websocket starts a thread for each connection."""
    ours, environ = _pair()
    before = threading.active_count()
    ws = Server(environ)
    during = threading.active_count()
    ours.close()
    ws.thread.join(5)
    assert during == before + 1


def check_blocks() -> None:
    """`receive` blocks the thread of the request until a message comes."""
    app, threads = Flask(__name__), list[int]()

    @Sock(app).route("/")
    def view(ws: Server) -> None:
        threads.append(threading.get_ident())
        assert ws.receive(timeout=0.05) is None

    ours, environ = _pair()
    with suppress(StopIteration, RuntimeError):
        app.test_client().get("/", headers=HANDSHAKE, environ_overrides=environ)
    ours.close()
    assert threads == [threading.get_ident()]


def check_before_request() -> None:
    """What before_request answers is sent instead of the handshake."""
    app = Flask(__name__)

    @Sock(app).route("/")
    def view(ws: Server) -> None:
        raise AssertionError("it was called")

    @app.before_request
    def refuse() -> Response:
        return Response("no", 403)

    assert app.test_client().get("/", headers=HANDSHAKE).status_code == 403


def check_test_client() -> None:
    """Flask's test client cannot open a socket: RuntimeError."""
    app = Flask(__name__)
    app.testing = True

    @Sock(app).route("/")
    def view(ws: Server) -> None:
        pass

    with pytest.raises(RuntimeError, match="Cannot obtain socket"):
        app.test_client().get("/", headers=HANDSHAKE)

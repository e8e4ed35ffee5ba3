"""Facts that no exchange with the demos shows: codes before the handshake, threads, tests."""

import asyncio
import socket
import threading
from collections.abc import MutableMapping
from contextlib import suppress
from importlib.metadata import requires
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException, WebSocket, WebSocketDisconnect, WebSocketException
from fastapi.testclient import TestClient
from flask import Flask, Response
from flask_sock import Sock
from simple_websocket import ConnectionClosed, Server

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


def _connect(app: FastAPI, path: str, *then: Message) -> list[Message]:
    """Open a socket as a server would and tell the app what comes then; return what it sent."""
    sent, told = list[Message](), iter([{"type": "websocket.connect"}, *then])

    async def receive() -> Message:
        return next(told)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": path, "query_string": b"", "headers": [], "subprotocols": []}
    asyncio.run(app({**scope, "extensions": {"websocket.http.response": {}}}, receive, send))
    return sent


def check_code_1008() -> None:
    """A wrong path parameter is a close with 1008 before the accept, a WebSocketException one with its code."""
    app = FastAPI()

    @app.websocket("/{number}")
    async def view(ws: WebSocket, number: int) -> None:
        raise WebSocketException(4001)

    sent = _connect(app, "/x") + _connect(app, "/7")
    assert [(message["type"], message["code"]) for message in sent] == [
        ("websocket.close", 1008),
        ("websocket.close", 4001),
    ]


def check_denial() -> None:
    """An HTTPException before the accept is an HTTP answer: its status and a body with the detail."""
    app = FastAPI()

    @app.websocket("/")
    async def view(ws: WebSocket) -> None:
        raise HTTPException(401, "no token")

    start, body = _connect(app, "/")
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 401)
    assert (body["type"], body["body"]) == ("websocket.http.response.body", b'{"detail":"no token"}')


def check_uncaught() -> None:
    """Where the client leaves, Flask-Sock catches what the view does not; FastAPI's exception comes out of the app."""
    old, new, raised = Flask(__name__), FastAPI(), list[Exception]()
    old.testing = True

    @Sock(old).route("/")
    def receiving(ws: Server) -> None:
        try:
            ws.receive()
        except ConnectionClosed as gone:
            raised.append(gone)
            raise

    @new.websocket("/")
    async def waiting(ws: WebSocket) -> None:
        await ws.accept()
        await ws.receive_text()

    ours, environ = _pair()
    ours.shutdown(socket.SHUT_WR)
    with suppress(StopIteration):
        old.test_client().get("/", headers=HANDSHAKE, environ_overrides=environ)
    ours.close()
    assert len(raised) == 1
    with pytest.raises(WebSocketDisconnect):
        _connect(new, "/", {"type": "websocket.disconnect", "code": 1001})


def check_uvicorn_alone() -> None:
    """Uvicorn requires no WebSocket library; its extra `standard` brings websockets."""
    needs = [need for need in requires("uvicorn") or [] if need.startswith(("websockets", "wsproto"))]
    assert needs
    assert all("extra == 'standard'" in need.replace('"', "'") for need in needs)


def check_test_client_of_fastapi() -> None:
    """TestClient sends and receives over a socket; a refused handshake raises WebSocketDisconnect with code 1008."""
    app = FastAPI()

    @app.websocket("/rooms/{room}")
    async def view(ws: WebSocket, room: int, name: str) -> None:
        await ws.accept()
        await ws.send_text(f"{name}: {await ws.receive_text()}")

    with TestClient(app).websocket_connect("/rooms/7?name=ada") as ws:
        ws.send_text("2")
        assert ws.receive_text() == "ada: 2"
    with pytest.raises(WebSocketDisconnect) as refused, TestClient(app).websocket_connect("/rooms/7"):
        pass
    assert refused.value.code == 1008


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

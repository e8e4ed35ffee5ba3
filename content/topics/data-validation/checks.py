"""Facts that no request to the demos shows."""

import asyncio
import io
from collections.abc import MutableMapping
from importlib.metadata import requires
from typing import Any

from fastapi import FastAPI, Request
from flask import Flask, request

Message = MutableMapping[str, Any]


def _post(app: FastAPI, body: bytes) -> int:
    """Send a POST request as an ASGI server would, and return the status of the answer."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-length", str(len(body)).encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    asyncio.run(app(scope, receive, send))
    return int(sent[0]["status"])


def check_matrix_forms() -> None:
    """Flask reads forms and files by itself; FastAPI's `Form` and `File` need python-multipart, an extra."""
    app = Flask(__name__)
    app.post("/")(lambda: f"{request.form['name']} {request.files['cv'].read().decode()}")
    form = {"name": "Ada", "cv": (io.BytesIO(b"poet"), "cv.txt")}
    assert app.test_client().post("/", data=form).text == "Ada poet"
    lines = [line for package in ("fastapi", "starlette") for line in requires(package) or ()]
    multipart = [line for line in lines if line.startswith("python-multipart")]
    assert multipart
    assert all("extra ==" in line for line in multipart)


def check_matrix_body_limit() -> None:
    """Both answer 413 to a body over the limit that was set, and neither sets one of its own."""
    old, new = Flask(__name__), FastAPI(max_body_size=10)
    assert old.config["MAX_CONTENT_LENGTH"] is None
    assert FastAPI().max_body_size is None
    old.config["MAX_CONTENT_LENGTH"] = 10

    async def view(request: Request) -> int:
        return len(await request.body())

    old.post("/")(lambda: str(len(request.get_data())))
    new.post("/")(view)
    for size, status in ((10, 200), (11, 413)):
        assert old.test_client().post("/", data=b"x" * size).status_code == status
        assert _post(new, b"x" * size) == status

"""Facts that no request to the demos shows."""

import asyncio
from collections.abc import AsyncIterator, Iterator, MutableMapping
from typing import Any

import flask
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse
from flask import Flask
from pydantic import BaseModel

Message = MutableMapping[str, Any]


class UserOut(BaseModel):
    """What a client may see of a user."""

    name: str


def _get(app: FastAPI, sent: list[Message] | None = None) -> list[Message]:
    """Send a GET request as an ASGI server would, and return what the application sent."""
    sent = [] if sent is None else sent

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    common = {"type": "http", "method": "GET", "query_string": b"", "asgi": {"spec_version": "2.4"}}
    asyncio.run(app({**common, "path": "/", "headers": []}, receive, send))
    return sent


def check_matrix_response_schema() -> None:
    """FastAPI drops what the response model does not name; Flask sends whatever the view returns."""
    user, old, new = {"name": "Ada", "password": "x"}, Flask(__name__), FastAPI()
    old.get("/")(lambda: user)
    new.get("/", response_model=UserOut)(lambda: user)
    assert old.test_client().get("/").json == user
    assert _get(new)[1]["body"] == b'{"name":"Ada"}'


def check_matrix_streaming() -> None:
    """Both send the first piece of a generator before the second exists."""
    steps: list[Message] = []

    def pieces() -> Iterator[bytes]:
        for number in b"01":
            steps.append({"type": "made"})
            yield bytes([number])

    async def view() -> StreamingResponse:
        return StreamingResponse(pieces())

    old, new = Flask(__name__), FastAPI()
    old.get("/")(pieces)
    answer = iter(old.test_client().get("/").iter_encoded())
    assert (next(answer), len(steps)) == (b"0", 1)
    assert (next(answer), len(steps)) == (b"1", 2)
    steps.clear()
    new.get("/", response_model=None)(view)
    _get(new, steps)
    assert [step.get("body", b"made") for step in steps[1:5]] == [b"made", b"0", b"made", b"1"]


def check_matrix_events() -> None:
    """FastAPI writes what a view yields as server-sent events; Flask knows no events."""
    app = FastAPI()

    @app.get("/", response_class=EventSourceResponse)
    async def view() -> AsyncIterator[dict[str, int]]:
        yield {"number": 1}

    start, event, *_ = _get(app)
    assert (b"content-type", b"text/event-stream; charset=utf-8") in start["headers"]
    assert event["body"] == b'data: {"number":1}\n\n'
    assert not [name for name in dir(flask) if "event" in name.lower()]

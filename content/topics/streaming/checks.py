"""Facts that no request to the demos shows: threads, contexts, and how events are written."""

import asyncio
import selectors
import threading
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from typing import Any

import flask
import pytest
from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from flask import Flask, Response, request, stream_with_context

Message = MutableMapping[str, Any]


class _NoWaiting(selectors.DefaultSelector):
    """Where a loop would wait, its clock moves on instead."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(timeout and 0)
        self.now += 0 if ready else timeout or 0
        return ready


class _Hurried(asyncio.SelectorEventLoop):
    """An event loop on which seconds pass at once."""

    def __init__(self) -> None:
        self._clock = _NoWaiting()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


def _get(
    app: FastAPI, method: str = "GET", loop: Callable[[], asyncio.AbstractEventLoop] | None = None
) -> tuple[list[Message], Exception | None]:
    """Send a request as a server would; return what was sent back and what came out of the app."""
    sent: list[Message] = []

    async def call() -> None:
        gone = asyncio.Event()
        asked = iter([{"type": "http.request"}])

        async def receive() -> Message:
            if message := next(asked, None):
                return message
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {"type": "http", "method": method, "path": "/", "query_string": b"", "headers": []}
        await app({**scope, "asgi": {"spec_version": "2.3"}}, receive, send)

    try:
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(call())
    except Exception as error:
        return sent, error
    return sent, None


def _body(sent: list[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in sent)


def check_event_classes() -> None:
    """FastAPI has EventSourceResponse and ServerSentEvent; Flask has no name for events."""
    assert EventSourceResponse.media_type == "text/event-stream"
    assert not [name for name in dir(flask) if "event" in name.lower() or "sse" in name.lower()]


def check_one_thread() -> None:
    """Flask's generator runs on the thread that serves the request."""
    app, threads = Flask(__name__), list[int]()

    @app.get("/")
    def view() -> Response:
        def text() -> Iterator[str]:
            threads.append(threading.get_ident())
            yield "x"

        return Response(text())

    assert app.test_client().get("/").text == "x"
    assert threads == [threading.get_ident()]


def check_plain_generator() -> None:
    """A plain generator in StreamingResponse runs in the thread pool, an async one on the event loop's thread."""
    app, threads = FastAPI(), list[int]()

    def text() -> Iterator[str]:
        threads.append(threading.get_ident())
        yield "x"

    async def later() -> AsyncIterator[str]:
        threads.append(threading.get_ident())
        yield "y"

    @app.get("/")
    async def view(async_one: bool = False) -> StreamingResponse:
        return StreamingResponse(text())

    @app.post("/")
    async def other() -> StreamingResponse:
        return StreamingResponse(later())

    assert _body(_get(app)[0]) == b"x"
    assert _body(_get(app, "POST")[0]) == b"y"
    assert [thread == threading.get_ident() for thread in threads] == [False, True]


def check_context() -> None:
    """A generator that reads `request` raises RuntimeError; with stream_with_context it does not."""
    app = Flask(__name__)

    def text() -> Iterator[str]:
        yield request.path

    @app.get("/bare")
    def bare() -> Response:
        return Response(text())

    @app.get("/kept")
    def kept() -> Response:
        return Response(stream_with_context(text()))

    client = app.test_client()
    assert client.get("/kept").text == "/kept"
    with pytest.raises(RuntimeError, match="Working outside of request context"):
        client.get("/bare", buffered=True)


def check_json_data() -> None:
    """Strings in `data` are sent as JSON with quotes; `raw_data` sends them as they are."""
    app = FastAPI()

    @app.get("/", response_class=EventSourceResponse)
    async def view() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent(data="hello")
        yield ServerSentEvent(raw_data="hello")

    assert _body(_get(app)[0]) == b'data: "hello"\n\ndata: hello\n\n'


def check_keep_alive() -> None:
    """FastAPI sends the comment `: ping` where an event generator was silent for 15 seconds."""
    app = FastAPI()

    @app.get("/", response_class=EventSourceResponse)
    async def view() -> AsyncIterator[ServerSentEvent]:
        for seconds in (14, 16):
            yield ServerSentEvent(data=seconds)
            await asyncio.sleep(seconds)
        yield ServerSentEvent(data=0)

    assert _body(_get(app, loop=_Hurried)[0]) == b"data: 14\n\ndata: 16\n\n: ping\n\ndata: 0\n\n"


def check_exception_in_stream() -> None:
    """An HTTPException in the generator comes after the status: the answer says 200 and has no end."""
    app = FastAPI()

    @app.get("/", response_class=EventSourceResponse)
    async def view() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent(data=1)
        raise HTTPException(404)

    sent, error = _get(app)
    assert sent[0]["status"] == 200
    assert error is not None
    assert all(message.get("more_body", True) for message in sent)


def check_head() -> None:
    """HEAD on a streaming path is 405 in FastAPI; Flask answers 200 and never starts the generator."""
    app, started = Flask(__name__), list[str]()

    def text() -> Iterator[str]:
        started.append("yes")
        yield "x"

    @app.get("/")
    def view() -> Response:
        return Response(text())

    assert app.test_client().head("/").status_code == 200
    assert not started
    other = FastAPI()
    other.get("/")(lambda: StreamingResponse(text()))
    assert _get(other, "HEAD")[0][0]["status"] == 405

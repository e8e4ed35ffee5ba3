"""Facts that no request to the demos shows: threads, levels, what the servers log, and what needs a package."""

import asyncio
import contextvars
import logging
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from contextvars import ContextVar
from importlib.metadata import requires
from threading import Thread
from typing import Annotated, Any

import gunicorn.config
import uvicorn
from fastapi import Depends, FastAPI
from flask import Flask, g, has_request_context, request
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from uvicorn.config import LOGGING_CONFIG
from uvicorn.protocols.utils import get_path_with_query_string

Message = MutableMapping[str, Any]


def _get(app: FastAPI) -> bytes:
    """Send GET / as an ASGI server would and return the body."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    asyncio.run(app({**scope, "asgi": {"spec_version": "2.4"}}, receive, send))
    return b"".join(message.get("body", b"") for message in sent)


def _on_a_thread(work: Callable[[], object]) -> object:
    """Return what a function returns, or the exception it raises, on a thread of its own."""
    found: list[object] = []

    def run() -> None:
        try:
            found.append(work())
        except RuntimeError as error:
            found.append(error)

    thread = Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


def _detached(name: str) -> logging.Logger:
    """Return a logger that no other part of the process configures."""
    logger = logging.Logger(name)  # noqa: LOG001
    logger.parent = logging.RootLogger(logging.WARNING)
    return logger


def check_outside() -> None:
    """Outside of a request `g` is false, and there is no request context."""
    assert not g
    assert not has_request_context()


def check_own_thread() -> None:
    """On a thread of your own `g` and `request` raise RuntimeError, and a context variable has its default."""
    app, number = Flask(__name__), ContextVar("number", default="-")
    seen: list[object] = []

    @app.get("/")
    def view() -> str:
        g.id = "a1"
        number.set("a1")
        seen.extend(_on_a_thread(work) for work in (lambda: g.get("id"), lambda: request.path, number.get))
        return "ok"

    contextvars.copy_context().run(app.test_client().get, "/")
    assert [type(found) for found in seen] == [RuntimeError, RuntimeError, str]
    assert seen[2] == "-"


def check_def_dependency() -> None:
    """A context variable that a `def` dependency sets is unset in the view; from an `async def` one it arrives."""
    number = ContextVar("number", default="-")

    def plain() -> None:
        number.set("a1")

    async def coroutine() -> None:
        number.set("a1")

    for dependency, expected in ((plain, b'"-"'), (coroutine, b'"a1"')):
        app = FastAPI(dependencies=[Depends(dependency)])
        app.get("/")(lambda: number.get())
        assert _get(app) == expected


def check_raised() -> None:
    """What a view of FastAPI raises comes out of the app, for the server to log."""
    app = FastAPI()
    app.get("/")(lambda: 1 // 0)
    try:
        _get(app)
    except ZeroDivisionError:
        return
    raise AssertionError("nothing was raised")


def check_level() -> None:
    """A logger without a level has that of the root, WARNING by default: `info` is not written."""
    logger = _detached("check")
    assert logger.getEffectiveLevel() == logging.WARNING
    logger.setLevel(logging.INFO)
    assert logger.getEffectiveLevel() == logging.INFO


def check_own_handler() -> None:
    """`app.logger` gets a handler of Flask's if neither it nor a parent has one at its level."""
    from flask.logging import default_handler, has_level_handler

    logger = _detached("check")
    assert not has_level_handler(logger)
    assert isinstance(default_handler, logging.StreamHandler)
    logger.addHandler(logging.NullHandler())
    assert has_level_handler(logger)


def check_uvicorn_loggers() -> None:
    """Uvicorn configures its own loggers, not the root, and disables nobody else's."""
    assert set(LOGGING_CONFIG["loggers"]) == {"uvicorn", "uvicorn.error", "uvicorn.access"}
    assert "root" not in LOGGING_CONFIG
    assert LOGGING_CONFIG["disable_existing_loggers"] is False


def check_uvicorn_access() -> None:
    """Uvicorn logs each request by default, with its query string."""
    assert uvicorn.Config("app:app", log_config=None).access_log is True
    scope: Any = {"path": "/share/3", "query_string": b"note=mine"}
    assert get_path_with_query_string(scope) == "/share/3?note=mine"


def check_gunicorn_access() -> None:
    """Gunicorn writes no access log unless a file is named."""
    assert gunicorn.config.AccessLog.default is None


def check_otel_in_fastapi() -> None:
    """FastAPI requires opentelemetry-api, and not the SDK."""
    needed = [line for line in requires("fastapi") or [] if "extra ==" not in line]
    assert [line for line in needed if line.startswith("opentelemetry-api")]
    assert not [line for line in needed if line.startswith("opentelemetry-sdk")]


def check_no_otel_in_flask() -> None:
    """Flask requires nothing of OpenTelemetry; the instrumentation is a distribution of its own."""
    assert not [line for line in requires("flask") or [] if "opentelemetry" in line]
    assert requires("opentelemetry-instrumentation-flask")


def check_one_span() -> None:
    """With `operation_spans` off there is one span a request."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    app = FastAPI(telemetry={"tracer_provider": provider, "operation_spans": False})

    @app.get("/")
    def view(value: Annotated[None, Depends(lambda: None)]) -> str:
        return "ok"

    with suppress(Exception):
        _get(app)
    assert [span.name for span in exporter.get_finished_spans()] == ["GET /"]

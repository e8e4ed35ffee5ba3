"""Facts that no request to the demos shows: threads, levels, what the servers log, and what needs a package."""

import asyncio
import contextvars
import logging
import os
import subprocess
import sys
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from contextvars import ContextVar
from importlib.metadata import requires
from io import StringIO
from threading import Thread, get_ident
from typing import Annotated, Any
from unittest.mock import Mock

import gunicorn.config
import uvicorn
from fastapi import Depends, FastAPI, Request
from flask import Flask, g, has_request_context, request
from flask.logging import default_handler
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from uvicorn.config import LOGGING_CONFIG
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.utils import get_path_with_query_string
from uvicorn.server import ServerState

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
    """`app.logger` gets a handler of Flask's unless there is one; one that comes later writes each line again."""
    written = []
    for early in (True, False):
        lines = StringIO()
        parent, handler = logging.getLogger(f"check_own_handler_{early}"), logging.StreamHandler(lines)
        parent.propagate = False
        app = Flask(f"{parent.name}.app", root_path="/")
        if early:
            parent.addHandler(handler)
        logger = app.logger
        parent.addHandler(handler)
        with app.test_request_context(errors_stream=lines):
            logger.error("a line")
        written.append(lines.getvalue().count("a line"))
        parent.removeHandler(handler)
        logger.removeHandler(default_handler)
    assert written == [1, 2]


def check_crash_line() -> None:
    """Uvicorn logs a crash under `uvicorn.error`, where a context variable still has what a middleware set."""
    here, number, lines = get_ident(), ContextVar("number", default="-"), list[str]()

    def keep(record: logging.LogRecord) -> bool:
        if record.thread != here:
            return True
        lines.append(f"{number.get()} {record.levelname} {record.getMessage().strip()} {record.exc_info is not None}")
        return False

    app = FastAPI()

    @app.middleware("http")
    async def keep_id(request: Request, call_next: Any) -> Any:
        number.set("a1")
        return await call_next(request)

    app.get("/")(lambda: 1 // 0)

    async def serve() -> None:
        config = uvicorn.Config(app, log_config=None, access_log=False)
        config.load()
        connection, transport = H11Protocol(config, ServerState(), {}), Mock(asyncio.Transport)
        transport.get_extra_info.return_value = None
        transport.is_closing.return_value = False
        connection.connection_made(transport)
        connection.data_received(b"GET / HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n")
        await asyncio.gather(*connection.tasks)

    logger = logging.getLogger("uvicorn.error")
    logger.addFilter(keep)
    try:
        asyncio.run(serve())
    finally:
        logger.removeFilter(keep)
    assert lines == ["a1 ERROR Exception in ASGI application True"]


SILENCED = """
import logging, logging.config, uvicorn

uvicorn.Config("app:app")
for more in ({}, {"disable_existing_loggers": False}):
    logging.getLogger("uvicorn.error").disabled = False
    logging.config.dictConfig({"version": 1, "root": {"level": "INFO"}, **more})
    print(logging.getLogger("uvicorn.error").isEnabledFor(logging.ERROR))
"""
"""What a module does that is loaded after uvicorn set up its loggers, without and with the key."""


def check_silenced() -> None:
    """`dictConfig` disables uvicorn's loggers unless `disable_existing_loggers` is False."""
    run = subprocess.run([sys.executable, "-c", SILENCED], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "True"]


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


def _signals(**switches: Any) -> tuple[list[str], list[str | None]]:
    """Return the names of the metrics and of the records that a crash leaves with providers."""
    reader, exporter = InMemoryMetricReader(), InMemoryLogRecordExporter()
    records = LoggerProvider(shutdown_on_exit=False)
    records.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    meters = MeterProvider([reader], shutdown_on_exit=False)
    app = FastAPI(telemetry={"meter_provider": meters, "logger_provider": records, **switches})
    app.get("/")(lambda: 1 // 0)
    with suppress(ZeroDivisionError):
        _get(app)
    data = reader.get_metrics_data()
    scopes = [scope for resource in data.resource_metrics for scope in resource.scope_metrics] if data else []
    names = sorted(metric.name for scope in scopes for metric in scope.metrics)
    return names, [entry.log_record.event_name for entry in exporter.get_finished_logs()]


def check_signals() -> None:
    """Providers get metrics of each request and a record of a crash; with all three switched off nothing."""
    metrics = ["http.server.active_requests", "http.server.request.duration"]
    assert _signals() == (metrics, ["http.server.request.exception"])
    assert _signals(tracing=False, metrics=False, logs=False) == ([], [])


def check_auto_configure() -> None:
    """`FASTAPI_OTEL_AUTO_CONFIGURE=true` lets an app set up its exporters by the environment when it starts."""
    name = "FASTAPI_OTEL_AUTO_CONFIGURE"
    before = os.environ.pop(name, None)
    try:
        assert FastAPI()._telemetry["auto_configure"] is False
        os.environ[name] = "true"
        assert FastAPI()._telemetry["auto_configure"] is True
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before

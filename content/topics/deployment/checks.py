"""Facts about servers that no request to the demos shows."""

import asyncio
import os
import warnings
from collections.abc import MutableMapping
from importlib import import_module, reload
from importlib.metadata import requires
from typing import Any, cast

import anyio.to_thread
import gunicorn.config
import gunicorn.util
import uvicorn
from fastapi import FastAPI
from flask import Flask
from gunicorn.http.parser import RequestParser
from gunicorn.http.wsgi import create
from uvicorn._subprocess import get_subprocess
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.middleware.wsgi import WSGIMiddleware, _WSGIMiddleware

Message = MutableMapping[str, Any]


def _raised(call: Any) -> str:
    try:
        call()
    except TypeError as error:
        return str(error)
    raise AssertionError("nothing was raised")


def check_wrong_server() -> None:
    """Called in the way of the other protocol, each app raises a TypeError that names the argument it misses."""
    wsgi: Any = FastAPI()
    asgi: Any = Flask(__name__)
    assert "'send'" in _raised(lambda: asyncio.run(wsgi({}, lambda *_: None)))
    assert "'start_response'" in _raised(lambda: asgi({}))  # uvicorn takes a plain callable for ASGI 2


def check_starts_anyway() -> None:
    """Uvicorn loads a Flask app, Gunicorn a FastAPI app: either looks for something to call and finds it."""
    config = uvicorn.Config(Flask(__name__), log_config=None)
    config.load()
    assert config.interface == "asgi2"  # the old kind, with one argument
    assert isinstance(gunicorn.util.import_app("fastapi:FastAPI()"), FastAPI)


def check_wsgi_interface() -> None:
    """Uvicorn wraps a WSGI app on request; its own wrapper, for want of a2wsgi, warns that it is deprecated."""
    config = uvicorn.Config(Flask(__name__), interface="wsgi", proxy_headers=False, log_config=None)
    config.load()
    assert isinstance(config.loaded_app, WSGIMiddleware)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        _WSGIMiddleware(cast("Any", None)).executor.shutdown()
    assert any(w.category is DeprecationWarning and "a2wsgi" in str(w.message) for w in caught)


def check_gunicorn_defaults() -> None:
    """Gunicorn runs one worker of the class sync with one thread unless told otherwise."""
    assert gunicorn.config.WorkerClass.default == "sync"
    assert gunicorn.config.WorkerThreads.default == 1
    assert gunicorn.config.Workers.default == int(os.environ.get("WEB_CONCURRENCY", 1))


def check_thread_pool() -> None:
    """The pool in which `def` endpoints run has 40 threads."""

    async def tokens() -> float:
        return anyio.to_thread.current_default_thread_limiter().total_tokens

    assert asyncio.run(tokens()) == 40


def check_no_threads() -> None:
    """Gunicorn has the option --threads, Uvicorn has none."""
    assert "--threads" in gunicorn.config.WorkerThreads.cli
    assert not any("--threads" in parameter.opts for parameter in uvicorn.main.params)


def check_worker_is_a_copy() -> None:
    """Uvicorn starts its workers as new Pythons; Gunicorn's import the app after the fork unless told otherwise."""
    process = get_subprocess(uvicorn.Config("app:app", log_config=None), print, [])
    assert type(process).__name__ == "SpawnProcess"
    assert gunicorn.config.PreloadApp.default is False


def check_old_worker() -> None:
    """Importing uvicorn.workers warns that it is deprecated and names the package uvicorn-worker."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        module = import_module("uvicorn.workers")
        if not caught:
            reload(module)
    assert any(w.category is DeprecationWarning and "uvicorn-worker" in str(w.message) for w in caught)


def check_asgi_worker() -> None:
    """Gunicorn finds a worker class of its own under the name asgi."""
    worker = cast("type[object]", gunicorn.util.load_class("asgi", default="sync", section="gunicorn.workers"))
    assert worker.__module__ == "gunicorn.workers.gasgi"


def check_uvicorn_proxy() -> None:
    """Uvicorn reads forwarded headers by default, from loopback addresses only."""
    if "FORWARDED_ALLOW_IPS" not in os.environ:
        config = uvicorn.Config("app:app", log_config=None)
        assert config.proxy_headers is True
        assert config.forwarded_allow_ips == "127.0.0.1,::1"


def check_gunicorn_proxy() -> None:
    """Gunicorn takes the scheme from X-Forwarded-Proto, by default from loopback addresses only, and no address."""
    assert gunicorn.config.ForwardedAllowIPS.default == os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
    settings = gunicorn.config.Config()
    settings.set("forwarded_allow_ips", "127.0.0.1,::1")
    raw = b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n\r\n"
    for peer, scheme in (("127.0.0.1", "https"), ("10.0.0.2", "http")):
        request = next(RequestParser(settings, iter([raw]), (peer, 5)))
        _, environ = create(request, None, (peer, 5), ("127.0.0.1", 8000), settings)
        assert (environ["wsgi.url_scheme"], environ["REMOTE_ADDR"]) == (scheme, peer)


def check_trusted_proxies() -> None:
    """With the proxies named, uvicorn takes the last forwarded address that is not one of them."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["client"][0])

    wrapped = ProxyHeadersMiddleware(app, trusted_hosts=["10.0.0.2", "10.0.0.3"])
    forwarded = (b"x-forwarded-for", b"198.51.100.7, 203.0.113.9, 10.0.0.3")
    scope: Any = {"type": "http", "client": ("10.0.0.2", 5), "scheme": "http", "headers": [forwarded]}
    asyncio.run(wrapped(scope, cast("Any", None), cast("Any", None)))
    assert seen == ["203.0.113.9"]


def check_matrix_server() -> None:
    """Neither framework requires a production server; uvicorn is in the extra `standard` of FastAPI only."""
    servers = ("gunicorn", "uvicorn", "waitress", "hypercorn", "granian")
    named = [line for package in ("flask", "fastapi") for line in requires(package) or [] if line.startswith(servers)]
    assert any('extra == "standard"' in line for line in named)
    assert all("extra ==" in line for line in named)
    assert not any(line.startswith(servers) for line in requires("flask") or [])


def check_matrix_workers() -> None:
    """Gunicorn and Uvicorn each have the option --workers and run one by default; neither needs the other."""
    default = int(os.environ.get("WEB_CONCURRENCY", 1))
    assert "--workers" in gunicorn.config.Workers.cli
    assert any("--workers" in parameter.opts for parameter in uvicorn.main.params)
    assert (gunicorn.config.Workers.default, gunicorn.config.WorkerThreads.default) == (default, 1)
    assert uvicorn.Config("app:app", log_config=None).workers == default
    needed = [line for package in ("gunicorn", "uvicorn") for line in requires(package) or [] if "extra ==" not in line]
    assert not any(line.startswith(("gunicorn", "uvicorn")) for line in needed)

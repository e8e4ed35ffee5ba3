"""Facts that no request to the demos shows: other senders, other settings, and what is off by default."""

import asyncio
import inspect
import os
import warnings
from collections.abc import MutableMapping
from typing import Any

import gunicorn.config
import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import FastAPIDeprecationWarning
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from flask import Flask, request
from gunicorn.http.parser import RequestParser
from gunicorn.http.wsgi import create
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import create_environ, run_wsgi_app

Message = MutableMapping[str, Any]


def _flask(forwarded: str, peer: str = "127.0.0.1", **counts: int) -> str:
    """Return the address that a Flask app sees behind ProxyFix; without counts, alone."""
    app = Flask(__name__)
    app.get("/")(lambda: f"{request.remote_addr} {request.scheme}")
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"}
    environ = create_environ("/", environ_base={"REMOTE_ADDR": peer}, headers=headers)
    body, _, _ = run_wsgi_app(ProxyFix(app, **counts) if counts else app, environ)
    return b"".join(body).decode()


def _client(forwarded: str, peer: str, trusted: str) -> str:
    """Return the address that an app sees behind uvicorn's middleware."""
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["client"][0])

    nothing: Any = None
    scope: Any = {"type": "http", "client": (peer, 5), "scheme": "http"}
    scope["headers"] = [(b"x-forwarded-for", forwarded.encode())]
    asyncio.run(ProxyHeadersMiddleware(app, trusted)(scope, nothing, nothing))
    return seen[0]


def _answer(app: FastAPI, path: str, root_path: str = "") -> tuple[int, dict[str, str], str]:
    """Return status, headers and body of the answer to a GET request, as uvicorn would ask for it."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "query_string": b"", "scheme": "http", "headers": [(b"host", b"a")]}
    scope |= {"path": root_path + path, "root_path": root_path, "server": ("a", 80), "client": ("127.0.0.1", 5)}
    asyncio.run(app({**scope, "asgi": {"version": "3.0"}}, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(m.get("body", b"") for m in sent[1:]).decode()


def _app() -> FastAPI:
    app = FastAPI()

    @app.get("/seen")
    def seen(request: Request) -> str:
        return str(request.url_for("seen"))

    return app


def check_flask_default() -> None:
    """A Flask app without ProxyFix sees the connection, whatever the headers say; with it, what they say."""
    assert _flask("203.0.113.9") == "127.0.0.1 http"
    assert _flask("203.0.113.9", x_for=1, x_proto=1) == "203.0.113.9 https"


def check_gunicorn() -> None:
    """Gunicorn takes the scheme from `X-Forwarded-Proto` if loopback sends it, and no address."""
    settings = gunicorn.config.Config()
    settings.set("forwarded_allow_ips", "127.0.0.1,::1")
    seen = []
    for peer in ("127.0.0.1", "10.0.0.2"):
        head = b"GET / HTTP/1.1\r\nHost: demo\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n\r\n"
        request = next(RequestParser(settings, iter([head]), (peer, 1)))
        _, environ = create(request, None, (peer, 1), ("127.0.0.1", 80), settings)
        seen.append((environ["wsgi.url_scheme"], environ["REMOTE_ADDR"]))
    assert seen == [("https", "127.0.0.1"), ("http", "10.0.0.2")]


def check_uvicorn_default() -> None:
    """Uvicorn wraps every app in its middleware and trusts loopback addresses, IPv4 and IPv6, unless told otherwise."""
    if "FORWARDED_ALLOW_IPS" not in os.environ:
        config = uvicorn.Config(_app(), log_config=None)
        config.load()
        assert isinstance(config.loaded_app, ProxyHeadersMiddleware)
        assert config.forwarded_allow_ips == "127.0.0.1,::1"
    assert _client("203.0.113.9", "127.0.0.1", "127.0.0.1,::1") == "203.0.113.9"


def check_proxyfix_asks_nobody() -> None:
    """ProxyFix believes the header of any sender."""
    assert _flask("203.0.113.9", peer="198.51.100.66", x_for=1, x_proto=1) == "203.0.113.9 https"


def check_stranger() -> None:
    """Uvicorn keeps the address of a sender that it was not told to trust."""
    assert _client("203.0.113.9", "198.51.100.66", "127.0.0.1,::1") == "198.51.100.66"


def check_asterisk() -> None:
    """Told to trust everybody, uvicorn takes the first address of the list: what the visitor wrote."""
    assert _client("198.51.100.7, 203.0.113.9", "10.0.0.2", "*") == "198.51.100.7"


def check_networks() -> None:
    """Uvicorn takes networks: every proxy in one is skipped."""
    assert _client("203.0.113.9, 10.1.2.3", "10.0.0.2", "10.0.0.0/8") == "203.0.113.9"


def check_names() -> None:
    """A host name among the trusted is text: it matches no address."""
    assert _client("203.0.113.9", "127.0.0.1", "localhost") == "127.0.0.1"


def check_counted_too_many() -> None:
    """With a count of two and one proxy, the address before the real one is taken."""
    assert _flask("198.51.100.7, 203.0.113.9", x_for=2, x_proto=1) == "198.51.100.7 https"


def check_proxyfix_defaults() -> None:
    """ProxyFix believes one proxy's address and scheme by default, and no host, port or prefix."""
    parameters = inspect.signature(ProxyFix).parameters
    defaults = {name: parameter.default for name, parameter in parameters.items() if name != "app"}
    assert defaults == {"x_for": 1, "x_proto": 1, "x_host": 0, "x_port": 0, "x_prefix": 0}


def check_root_path() -> None:
    """Uvicorn has the option --root-path; with the root path in the scope, links hold the prefix."""
    assert any("--root-path" in parameter.opts for parameter in uvicorn.main.params)
    assert _answer(_app(), "/seen", "/shop")[2] == '"http://a/shop/seen"'


def check_root_path_deprecated() -> None:
    """`FastAPI(root_path=...)` warns that it is deprecated and names the server's option."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        FastAPI(root_path="/shop")
    (warning,) = caught
    assert warning.category is FastAPIDeprecationWarning
    assert "--root-path" in str(warning.message)


def check_slash_redirect() -> None:
    """A path with one slash too many is answered with a redirect to an absolute URL, with scheme and prefix."""
    status, headers, _ = _answer(_app(), "/seen/", "/shop")
    assert (status, headers["location"]) == (307, "http://a/shop/seen")


def check_path_alone() -> None:
    """The path of `request.url_for` holds the prefix, and neither scheme nor host."""
    app = FastAPI()

    @app.get("/seen")
    def seen(request: Request) -> str:
        return request.url_for("seen").path

    assert _answer(app, "/seen", "/shop")[2] == '"/shop/seen"'


def check_hosts() -> None:
    """`TrustedHostMiddleware` and Flask's TRUSTED_HOSTS answer 400 to a name that is not listed."""
    old = Flask(__name__)
    old.config["TRUSTED_HOSTS"] = ["shop.example"]
    old.get("/seen")(lambda: "ok")
    for name, status in (("shop.example", 200), ("evil.example", 400)):
        assert old.test_client().get("/seen", headers={"Host": name}).status_code == status
    for allowed, status in (("a", 200), ("shop.example", 400)):
        new = _app()
        new.add_middleware(TrustedHostMiddleware, allowed_hosts=[allowed])
        assert _answer(new, "/seen")[0] == status


def check_matrix_proxies() -> None:
    """Werkzeug, which Flask requires, has ProxyFix; neither FastAPI nor Starlette has a class for it."""
    import pkgutil

    import fastapi.middleware
    import starlette.middleware

    assert ProxyFix.__module__ == "werkzeug.middleware.proxy_fix"
    for package in (fastapi.middleware, starlette.middleware):
        assert not [module.name for module in pkgutil.iter_modules(package.__path__) if "prox" in module.name]

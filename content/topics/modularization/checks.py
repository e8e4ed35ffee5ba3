"""Facts that no request to the demos shows."""

import asyncio
import json
from collections.abc import Callable, MutableMapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Request
from fastapi.exceptions import FastAPIError
from fastapi.responses import JSONResponse
from flask import Blueprint, Flask, abort, render_template, url_for
from jinja2 import DictLoader

Message = MutableMapping[str, Any]


class NoProduct(Exception):
    """A product that does not exist."""


def _get(app: FastAPI, path: str = "/", host: str = "a.example") -> tuple[int, Any]:
    """Return the status and the JSON of the answer to a GET request."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "query_string": b"", "scheme": "http", "asgi": {"spec_version": "2.4"}}
    asyncio.run(app({**scope, "path": path, "headers": [(b"host", host.encode())]}, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def _error(call: Callable[..., object], *arguments: Any, **named: Any) -> Exception:
    """Return what a call raises."""
    try:
        call(*arguments, **named)
    except Exception as error:
        return error
    raise AssertionError(f"{call} raised nothing")


def _modules() -> tuple[Flask, Blueprint, FastAPI, APIRouter]:
    """Return an empty app and an empty module of each side."""
    return Flask(__name__), Blueprint("shop", __name__), FastAPI(), APIRouter()


def check_tags() -> None:
    """The tags of a router are on its routes in `/openapi.json`."""
    app, router = FastAPI(), APIRouter(tags=["shop"])
    router.get("/pens")(lambda: None)
    app.include_router(router)
    assert _get(app, "/openapi.json")[1]["paths"]["/pens"]["get"]["tags"] == ["shop"]


def check_late_route() -> None:
    """A blueprint that is registered takes no more routes; a router that is included does, and they are served."""
    old, blueprint, new, router = _modules()
    old.register_blueprint(blueprint)
    new.include_router(router)
    error = _error(blueprint.get, "/late")
    assert isinstance(error, AssertionError)
    assert "can no longer be called on the blueprint 'shop'" in str(error)
    router.get("/late")(lambda: "late")
    assert _get(new, "/late") == (200, "late")


def check_guard_in_openapi() -> None:
    """The header that a dependency of a router reads is listed with each route of the router."""

    def guard(x_token: Annotated[str | None, Header()] = None) -> None:
        pass

    app, router = FastAPI(), APIRouter(dependencies=[Depends(guard)])
    router.get("/pens")(lambda: None)
    app.include_router(router)
    parameter = _get(app, "/openapi.json")[1]["paths"]["/pens"]["get"]["parameters"][0]
    assert (parameter["name"], parameter["in"]) == ("x-token", "header")


def check_router_has_none() -> None:
    """A router has no `exception_handler` and no `middleware`; the app has both."""
    for name in ("exception_handler", "add_exception_handler", "middleware", "add_middleware"):
        assert hasattr(FastAPI, name)
        assert not hasattr(APIRouter, name)


def check_same_name() -> None:
    """Two modules have a function `read`: Flask finds both, FastAPI the one that was included first."""
    old, first, new, router = _modules()
    second, other = Blueprint("cafe", __name__), APIRouter()

    def read() -> str:
        return "read"

    for blueprint, prefix in ((first, "/shop"), (second, "/cafe")):
        blueprint.get("/")(read)
        old.register_blueprint(blueprint, url_prefix=prefix)
    for module, prefix in ((router, "/shop"), (other, "/cafe")):
        module.get("/")(read)
        new.include_router(module, prefix=prefix)
    with old.test_request_context():
        assert [url_for("shop.read"), url_for("cafe.read")] == ["/shop/", "/cafe/"]
    assert new.url_path_for("read") == "/shop/"


def check_twice() -> None:
    """A blueprint that is registered twice needs `name=`; a router that is included twice does not."""
    old, blueprint, new, router = _modules()
    blueprint.get("/")(lambda: "shop")
    router.get("/")(lambda: "shop")
    old.register_blueprint(blueprint)
    error = _error(old.register_blueprint, blueprint, url_prefix="/v2")
    assert isinstance(error, ValueError)
    assert "Use 'name=' to provide a unique name." in str(error)
    new.include_router(router)
    new.include_router(router, prefix="/v2")
    assert _get(new, "/v2/") == (200, "shop")


def check_returned_value() -> None:
    """What a dependency of a router returns changes nothing: the view is called."""

    def guard() -> JSONResponse:
        return JSONResponse({"detail": "no token"}, 401)

    app, router = FastAPI(), APIRouter(dependencies=[Depends(guard)])
    router.get("/")(lambda: "view")
    app.include_router(router)
    assert _get(app) == (200, "view")


def check_own_exception() -> None:
    """A handler of the app for one class of exceptions answers those, and leaves an unknown page alone."""
    app, router = FastAPI(), APIRouter()

    @router.get("/product")
    async def product() -> None:
        raise NoProduct

    @app.exception_handler(NoProduct)
    async def no_product(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": "no such product"}, 404)

    app.include_router(router)
    assert _get(app, "/product") == (404, {"detail": "no such product"})
    assert _get(app, "/nope") == (404, {"detail": "Not Found"})


def check_own_name() -> None:
    """`name=` in the decorator is the name that `url_for` looks for."""
    app, router = FastAPI(), APIRouter()

    @router.get("/{number}", name="products.read")
    async def read(number: int, request: Request) -> str:
        return str(request.url_for("products.read", number=number))

    app.include_router(router, prefix="/products")
    assert _get(app, "/products/1") == (200, "http://a.example/products/1")


def check_path_alone() -> None:
    """`app.url_path_for` gives a path without scheme and host, the prefix included."""
    app, router = FastAPI(), APIRouter()

    @router.get("/{number}")
    async def read(number: int) -> None:
        pass

    app.include_router(router, prefix="/products")
    assert app.url_path_for("read", number=1) == "/products/1"


def check_nested_routes() -> None:
    """`app.routes` holds an included router as one entry that has no `path`."""
    app, router = FastAPI(openapi_url=None), APIRouter()
    router.get("/pens")(lambda: None)
    router.get("/ink")(lambda: None)
    app.include_router(router)
    (entry,) = app.routes
    assert not hasattr(entry, "path")
    assert _get(app, "/pens")[0] == 200


def check_templates() -> None:
    """A blueprint brings templates along; the app's own template of the same name is used instead."""
    app, blueprint, *_ = _modules()
    app.jinja_loader = DictLoader({"both.html": "app"})
    blueprint.jinja_loader = DictLoader({"both.html": "blueprint", "own.html": "blueprint"})
    blueprint.get("/<name>")(lambda name: render_template(name))
    app.register_blueprint(blueprint)
    client = app.test_client()
    assert [client.get(f"/{name}.html").text for name in ("own", "both")] == ["blueprint", "app"]


def check_static() -> None:
    """A blueprint with a `static_folder` serves it under its prefix."""
    app, blueprint = Flask(__name__), Blueprint("shop", __name__, static_folder="static")
    app.register_blueprint(blueprint, url_prefix="/shop")
    assert "/shop/static/<path:filename>" in {rule.rule for rule in app.url_map.iter_rules()}


def check_app_wide() -> None:
    """`app_errorhandler` of a blueprint answers for the whole app."""
    app, blueprint, *_ = _modules()
    blueprint.app_errorhandler(404)(lambda error: ("nothing here", 404))
    app.register_blueprint(blueprint)
    app.get("/other")(lambda: abort(404))
    client = app.test_client()
    assert client.get("/nope").text == client.get("/other").text == "nothing here"


def check_before_app() -> None:
    """`before_request` of a blueprint runs for its views, `before_app_request` for all."""
    app, blueprint, *_ = _modules()
    called: list[str] = []
    blueprint.before_request(lambda: called.append("own"))
    blueprint.before_app_request(lambda: called.append("all"))
    blueprint.get("/shop")(lambda: "")
    app.register_blueprint(blueprint)
    app.get("/other")(lambda: "")
    app.test_client().get("/other")
    assert called == ["all"]
    app.test_client().get("/shop")
    assert called == ["all", "all", "own"]


def check_prefixes() -> None:
    """Flask complains about a rule without a slash; FastAPI about a prefix that lacks a slash or ends with one."""
    old, blueprint, *_ = _modules()
    blueprint.get("/pens")(lambda: "")
    error = _error(old.register_blueprint, blueprint, url_prefix="products")
    assert isinstance(error, ValueError)
    assert str(error) == "URL rule 'products/pens' must start with a slash."
    for prefix in ("products", "/products/"):
        assert isinstance(_error(APIRouter, prefix=prefix), AssertionError)
    assert APIRouter(prefix="/products").prefix == "/products"


def check_empty_path() -> None:
    """A route with an empty path needs a prefix."""
    *_, new, router = _modules()
    router.get("")(lambda: None)
    error = _error(new.include_router, router)
    assert isinstance(error, FastAPIError)
    assert "Prefix and path cannot be both empty" in str(error)


def check_first_match() -> None:
    """FastAPI serves the router that was included first; Flask prefers the fixed path."""
    old, blueprint, new, router = _modules()
    blueprint.get("/<name>")(lambda name: "variable")
    old.register_blueprint(blueprint)
    old.get("/about")(lambda: "fixed")
    assert old.test_client().get("/about").text == "fixed"

    @router.get("/{name}")
    async def variable(name: str) -> str:
        return "variable"

    fixed = APIRouter()
    fixed.get("/about")(lambda: "fixed")
    new.include_router(router)
    new.include_router(fixed)
    assert _get(new, "/about") == (200, "variable")


def check_host() -> None:
    """`request.url_for` builds the address from the Host header, whatever it says."""
    app = FastAPI()

    @app.get("/")
    async def read(request: Request) -> str:
        return str(request.url_for("read"))

    assert _get(app, host="evil.example") == (200, "http://evil.example/")

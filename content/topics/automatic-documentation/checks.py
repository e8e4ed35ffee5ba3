"""Facts that no request to the demos shows."""

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

from apiflask import APIFlask
from fastapi import Depends, FastAPI, HTTPException, Request, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse
from flask import Flask
from flask_restx import Api, Resource, fields  # type: ignore[import-untyped]
from flask_smorest import Api as SmorestApi  # type: ignore[import-untyped]
from flask_smorest import Blueprint
from flask_swagger import swagger  # type: ignore[import-untyped]
from pydantic import BaseModel, Field

Message = MutableMapping[str, Any]


class Item(BaseModel):
    """What a shop keeps."""

    name: str
    qty: int


class StrictItem(BaseModel):
    """An item whose number must be one."""

    qty: int = Field(strict=True)


def _answer(app: FastAPI, path: str, body: bytes = b"") -> tuple[int, bytes]:
    """Send a GET request, or JSON if there is a body, and return status and body of the answer."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")] if body else []
    method = "POST" if body else "GET"
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}
    asyncio.run(app(scope, receive, send))
    start, *rest = sent
    return start["status"], b"".join(message.get("body", b"") for message in rest)


def _paths(app: FastAPI) -> set[str]:
    """Return the paths that the served document lists."""
    return set(json.loads(_answer(app, "/openapi.json")[1])["paths"])


def _old(app: Flask, path: str) -> Any:
    """Return the JSON that a Flask app answers to GET."""
    return app.test_client().get(path).json


def check_return_type() -> None:
    """Without a return type or a response model FastAPI documents the answer with an empty schema."""
    app = FastAPI()
    app.get("/")(lambda: {"name": "pen"})
    answer = app.openapi()["paths"]["/"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"] == {}


def check_self_hosted() -> None:
    """`get_swagger_ui_html` makes a page that loads nothing from elsewhere if it is given addresses of your files."""
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Shop",
        swagger_js_url="/ui.js",
        swagger_css_url="/ui.css",
        swagger_favicon_url="/ui.png",
    )
    assert b'src="/ui.js"' in page.body
    assert b"https://" not in page.body


def check_listed_409() -> None:
    """`responses={409: ...}` adds the status to the document."""
    app = FastAPI()

    @app.post("/items", responses={409: {"description": "It exists"}})
    def create(item: Item) -> Item:
        return item

    assert set(app.openapi()["paths"]["/items"]["post"]["responses"]) == {"200", "409", "422"}


def check_not_listed() -> None:
    """Routes with `include_in_schema=False`, mounted apps and WebSockets are not in the document."""

    async def talk(socket: WebSocket) -> None:
        await socket.accept()

    app, other = FastAPI(), FastAPI()
    other.get("/items")(lambda: None)
    app.mount("/other", other)
    app.websocket("/talk")(talk)
    app.get("/health", include_in_schema=False)(lambda: None)
    app.get("/items")(lambda: None)
    assert _paths(app) == {"/items"}


def check_operation_id() -> None:
    """FastAPI makes the `operationId` from function, path and method, unless it has a `generate_unique_id_function`."""

    def create(item: Item) -> Item:
        return item

    app, own = FastAPI(), FastAPI(generate_unique_id_function=lambda route: route.name)
    for one in (app, own):
        one.post("/items")(create)
    assert app.openapi()["paths"]["/items"]["post"]["operationId"] == "create_items_post"
    assert own.openapi()["paths"]["/items"]["post"]["operationId"] == "create"


def check_switched_off() -> None:
    """`FastAPI(openapi_url=None)` turns `/openapi.json`, `/docs` and `/redoc` into 404; they were public."""
    for app, status in ((FastAPI(), 200), (FastAPI(openapi_url=None), 404)):
        assert {_answer(app, path)[0] for path in ("/openapi.json", "/docs", "/redoc")} == {status}


def check_behind_a_dependency() -> None:
    """With `openapi_url=None`, routes of your own with a dependency serve document and page to whom you choose."""
    open_to_all = True

    def guard() -> None:
        if not open_to_all:
            raise HTTPException(401)

    app = FastAPI(openapi_url=None)

    @app.get("/openapi.json", dependencies=[Depends(guard)])
    def document() -> dict[str, Any]:
        return app.openapi()

    @app.get("/docs", dependencies=[Depends(guard)])
    def page() -> HTMLResponse:
        return get_swagger_ui_html(openapi_url="/openapi.json", title="Shop")

    assert _answer(app, "/openapi.json")[0] == _answer(app, "/docs")[0] == 200
    open_to_all = False
    assert _answer(app, "/openapi.json")[0] == _answer(app, "/docs")[0] == 401


def check_stays_422() -> None:
    """After an exception handler made it 400, a refused body is documented as 422 all the same."""
    app = FastAPI()

    @app.exception_handler(RequestValidationError)
    async def refuse(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"error": "bad request"}, 400)

    async def create(item: Item) -> Item:
        return item

    app.post("/items")(create)
    assert _answer(app, "/items", b"{}") == (400, b'{"error":"bad request"}')
    assert set(app.openapi()["paths"]["/items"]["post"]["responses"]) == {"200", "422"}


def check_strict() -> None:
    """With `Field(strict=True)` FastAPI refuses a number that is written as text: 422."""
    app = FastAPI()

    async def create(item: StrictItem) -> int:
        return item.qty

    app.post("/")(create)
    assert _answer(app, "/", b'{"qty": 3}') == (200, b"3")
    assert _answer(app, "/", b'{"qty": "3"}')[0] == 422


def check_restx_validate() -> None:
    """`@api.expect` checks nothing; with `validate=True` the same body is a 400."""
    for validate, status in ((None, 200), (True, 400)):
        app = Flask(__name__)
        api = Api(app, validate=validate)
        model = api.model("Item", {"qty": fields.Integer(required=True)})

        class Items(Resource):  # type: ignore[misc]  # Flask-RESTX has no types
            def post(self) -> str:
                return "stored"

        Items.post = api.expect(model)(Items.post)  # type: ignore[method-assign]
        api.add_resource(Items, "/items")
        assert app.test_client().post("/items", json={"qty": "many"}).status_code == status


def check_first_host() -> None:
    """APIFlask keeps the `Host` of the first request in its document, unless `SERVERS` is set."""
    for servers, expected in ((None, "http://evil.example/"), ([{"url": "."}], ".")):
        app = APIFlask(__name__)
        app.config["SERVERS"] = servers
        client = app.test_client()
        client.get("/openapi.json", headers={"Host": "evil.example"})
        answer = client.get("/openapi.json", headers={"Host": "shop.example"})
        assert answer.json is not None
        assert answer.json["servers"] == [{"url": expected}]


def check_json_data() -> None:
    """APIFlask hands the body on as `json_data`; a parameter with another name is a `TypeError` in each request."""
    app = APIFlask(__name__)
    heard: list[str] = []

    @app.errorhandler(TypeError)
    def hear(error: TypeError) -> tuple[str, int]:
        heard.append(str(error))
        return "", 500

    @app.post("/wrong")
    @app.input(Item)
    def wrong(item: Item) -> str:
        return item.name

    @app.post("/named")
    @app.input(Item, arg_name="item")
    def named(item: Item) -> str:
        return item.name

    body = {"name": "ink", "qty": 3}
    assert app.test_client().post("/named", json=body).text == "ink"
    assert app.test_client().post("/wrong", json=body).status_code == 500
    assert "unexpected keyword argument 'json_data'" in heard[0]


def check_known_only() -> None:
    """flask-smorest lists its blueprints, Flask-RESTX its resources, flask-swagger docstrings with `---`: no more."""
    app = Flask(__name__)
    options = {"TITLE": "Shop", "VERSION": "1.0"}
    app.config |= {f"API_{name}": value for name, value in options.items()}
    app.config |= {"OPENAPI_VERSION": "3.1.0", "OPENAPI_URL_PREFIX": "/", "OPENAPI_JSON_PATH": "smorest.json"}
    api = Api(app, doc=False, default_swagger_filename="restx.json")

    class Pens(Resource):  # type: ignore[misc]  # Flask-RESTX has no types
        def get(self) -> str:
            return "pens"

    def told() -> str:
        """Say that it is documented.
        ---
        responses: {}
        """
        return "told"

    api.add_resource(Pens, "/pens")
    shop = Blueprint("shop", __name__)
    shop.get("/inks")(lambda: "inks")
    SmorestApi(app).register_blueprint(shop)
    app.get("/told")(told)
    app.get("/plain", endpoint="plain")(lambda: "plain")
    assert app.test_client().get("/plain").text == "plain"
    assert set(_old(app, "/smorest.json")["paths"]) == {"/inks"}
    assert set(_old(app, "/restx.json")["paths"]) == {"/pens"}
    with app.app_context():
        assert set(swagger(app)["paths"]) == {"/told"}

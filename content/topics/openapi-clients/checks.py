"""Facts that no request to the demos shows."""

import json
from decimal import Decimal
from typing import Annotated, Any

from apiflask import APIFlask
from fastapi import FastAPI
from fastapi.routing import APIRoute
from flask import Flask
from flask_smorest import Api, Blueprint  # type: ignore[import-untyped]
from marshmallow import Schema, fields
from pydantic import AliasChoices, BaseModel, Field, create_model

PYTHON = {"string": "str", "integer": "int"}


class Item(BaseModel):
    name: str
    quantity: int


def _app(name: str = "create", **options: Any) -> FastAPI:
    """Return an application with one call, whose function has this name."""
    app = FastAPI(**{key: value for key, value in options.items() if key != "operation_id"})

    def view(item: Item) -> Item:
        return item

    view.__name__ = name
    app.post("/items", operation_id=options.get("operation_id"))(view)
    return app


def _operation(app: FastAPI) -> str:
    return str(app.openapi()["paths"]["/items"]["post"]["operationId"])


def check_types() -> None:
    """A schema says the name and type of each field, and which are required."""
    schema = _app().openapi()["components"]["schemas"]["Item"]
    assert {name: PYTHON[field["type"]] for name, field in schema["properties"].items()} == {
        "name": "str",
        "quantity": "int",
    }
    assert schema["required"] == ["name", "quantity"]


def check_renamed_function() -> None:
    """The operationId follows the function's name."""
    assert _operation(_app("create")) == "create_items_post"
    assert _operation(_app("add")) == "add_items_post"


def check_operation_id() -> None:
    """An operation_id stays whatever the function is called; a rule makes ids of names."""
    assert _operation(_app("create", operation_id="create_item")) == "create_item"
    assert _operation(_app("add", operation_id="create_item")) == "create_item"

    def by_name(route: APIRoute) -> str:
        return route.name

    assert _operation(_app("create", generate_unique_id_function=by_name)) == "create"


def check_apiflask_names() -> None:
    """APIFlask writes operationIds once AUTO_OPERATION_ID is on."""

    def operation(**config: bool) -> dict[str, Any]:
        app = APIFlask(__name__)
        app.config.update(config)

        @app.post("/items")
        @app.input(Item)
        def create(json_data: Item) -> str:
            return json_data.name

        found: dict[str, Any] = app.test_client().get("/openapi.json").json["paths"]["/items"]["post"]
        return found

    assert "operationId" not in operation()
    assert operation(AUTO_OPERATION_ID=True)["operationId"] == "post_create"


def check_smorest_names() -> None:
    """flask-smorest writes no operationId by itself."""

    class Body(Schema):
        name = fields.String()

    app = Flask(__name__)
    app.config.update(API_TITLE="Shop", API_VERSION="1", OPENAPI_VERSION="3.1.0")
    shop = Blueprint("shop", __name__)

    @shop.post("/items")
    @shop.arguments(Body)
    def create(item: dict[str, Any]) -> str:
        return str(item)

    api = Api(app)
    api.register_blueprint(shop)
    assert "operationId" not in json.dumps(api.spec.to_dict())
    assert "/items" in api.spec.to_dict()["paths"]


def check_aliases() -> None:
    """A field with AliasChoices takes both names; the schema shows the first."""

    class Renamed(BaseModel):
        quantity: Annotated[int, Field(validation_alias=AliasChoices("quantity", "qty"))]

    assert Renamed.model_validate({"qty": 3}) == Renamed.model_validate({"quantity": 3})
    app = FastAPI()

    @app.put("/items")
    def put(item: Renamed) -> None: ...

    assert list(app.openapi()["components"]["schemas"]["Renamed"]["properties"]) == ["quantity"]


def check_input_output() -> None:
    """A model with a decimal is described twice where it comes in and goes out, and once if that is switched off."""

    class Price(BaseModel):
        net: Decimal

    def names(**options: Any) -> set[str]:
        app = FastAPI(**options)

        @app.post("/prices")
        def create(price: Price) -> Price:
            return price

        return {name for name in app.openapi()["components"]["schemas"] if name.startswith("Price")}

    assert names() == {"Price-Input", "Price-Output"}
    assert names(separate_input_output_schemas=False) == {"Price"}


def check_same_name() -> None:
    """Two models of one name get the names of their modules in front."""
    old = create_model("Item", __module__="shop.v1", qty=(int, ...))
    new = create_model("Item", __module__="shop.v2", quantity=(int, ...))
    app = FastAPI()

    @app.post("/v1/items", response_model=old)
    def first() -> None: ...

    @app.post("/v2/items", response_model=new)
    def second() -> None: ...

    assert set(app.openapi()["components"]["schemas"]) == {"shop__v1__Item", "shop__v2__Item"}


def check_mounted() -> None:
    """A mounted application has a document of its own, and the outer one does not list its routes."""
    outer, inner = FastAPI(), _app()
    outer.mount("/v1", inner)
    assert outer.openapi()["paths"] == {}
    assert list(inner.openapi()["paths"]) == ["/items"]
    assert inner.openapi_url == "/openapi.json"

"""Facts that no request to the demos shows."""

import json
from decimal import Decimal
from inspect import signature
from typing import Annotated, Any

from apiflask import APIFlask
from fastapi import FastAPI
from fastapi.routing import APIRoute
from flask import Flask
from flask_smorest import Api, Blueprint  # type: ignore[import-untyped]
from marshmallow import Schema, fields
from pydantic import AliasChoices, BaseModel, Field, computed_field, create_model

PYTHON = {"string": "str", "integer": "int"}


def make_class(schema: dict[str, Any]) -> str:
    """Return the source of a class with the fields of a schema, as a generator of clients writes it."""
    fields = "".join(f"    {name}: {PYTHON[field['type']]}\n" for name, field in schema["properties"].items())
    return f"from dataclasses import dataclass\n\n\n@dataclass\nclass {schema['title']}:\n{fields}"


def describe_item(*names: str) -> dict[str, Any]:
    """Return how FastAPI describes a model Item with a name and numbers of these names."""
    app = FastAPI()
    numbers: dict[str, Any] = dict.fromkeys(names, (int, ...))
    app.post("/items", response_model=create_model("Item", name=(str, ...), **numbers))(lambda: None)
    schema: dict[str, Any] = app.openapi()["components"]["schemas"]["Item"]
    return schema


class Item(BaseModel):
    name: str
    quantity: int


class Price(BaseModel):
    net: Decimal


class Box(BaseModel):
    side: int

    @computed_field
    def volume(self) -> int:
        return self.side**3


def _schemas(model: type[BaseModel], **options: Any) -> dict[str, Any]:
    """Return the schemas of an application that takes a model and answers with it, without those of errors."""
    app = FastAPI(**options)

    @app.post("/things")
    def create(thing: model) -> model:  # type: ignore[valid-type]
        return thing

    found: dict[str, Any] = app.openapi()["components"]["schemas"]
    return {name: schema for name, schema in found.items() if "Validation" not in name}


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
    """A schema says the name and type of each field, and which are required: enough to write a class."""
    schema = describe_item("quantity")
    assert make_class(schema).endswith("class Item:\n    name: str\n    quantity: int\n")
    assert schema["required"] == ["name", "quantity"]


def check_renamed_field() -> None:
    """A call that fits the class made of a schema does not fit the one made after a field was renamed."""

    def fits(names: str, **values: Any) -> bool:
        made: dict[str, Any] = {}
        exec(make_class(describe_item(names)), made)
        try:
            signature(made["Item"]).bind(**values)
        except TypeError:
            return False
        return True

    assert fits("qty", name="bolt", qty=3)
    assert not fits("quantity", name="bolt", qty=3)
    assert fits("quantity", name="bolt", quantity=3)


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
    """Decimals and computed fields make two schemas of a model; switching that off makes one of decimals only."""
    prices, boxes = _schemas(Price), _schemas(Box)
    assert prices.keys() == {"Price-Input", "Price-Output"}
    assert {"type": "number"} in prices["Price-Input"]["properties"]["net"]["anyOf"]
    assert prices["Price-Output"]["properties"]["net"]["type"] == "string"
    assert {name: list(schema["properties"]) for name, schema in boxes.items()} == {
        "Box-Input": ["side"],
        "Box-Output": ["side", "volume"],
    }
    assert _schemas(Price, separate_input_output_schemas=False).keys() == {"Price"}
    assert _schemas(Box, separate_input_output_schemas=False) == boxes


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

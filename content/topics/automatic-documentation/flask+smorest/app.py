from typing import Any

from flask import Flask
from flask_smorest import Api, Blueprint, abort
from marshmallow import Schema, fields

app = Flask(__name__)
app.config.from_pyfile("settings.py")
shop = Blueprint("shop", __name__)
STOCK = ["pen"]


class Item(Schema):
    name = fields.String(required=True)
    qty = fields.Integer(required=True)


@shop.post("/items")
@shop.arguments(Item)
@shop.response(201, Item)
def create(item: dict[str, Any]) -> dict[str, Any]:
    """Store an item."""
    if item["name"] in STOCK:
        abort(409)
    return item


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


Api(app).register_blueprint(shop)

from typing import Any

from flask import Flask
from flask_restx import Api, Resource, fields

app = Flask(__name__)
api = Api(
    app,
    title="Shop",
    doc="/docs",
    default_swagger_filename="openapi.json",
    validate=True,
)
name = fields.String(required=True)
qty = fields.Integer(required=True)
item = api.model("Item", {"name": name, "qty": qty})
STOCK = ["pen"]


@api.route("/items")
class Items(Resource):
    @api.expect(item)
    @api.marshal_with(item, code=201)
    def post(self) -> tuple[Any, int]:
        """Store an item."""
        if api.payload["name"] in STOCK:
            api.abort(409)
        return api.payload, 201


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}

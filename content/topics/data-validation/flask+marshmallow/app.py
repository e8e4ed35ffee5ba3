from typing import Any

from flask import Flask, request
from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import Length, Range

app = Flask(__name__)
Answer = tuple[dict[str, Any], int]


class Item(Schema):
    name = fields.String(
        required=True, validate=Length(1, 10)
    )
    qty = fields.Integer(
        required=True, validate=Range(1, 5)
    )
    price = fields.Float(
        load_default=None, allow_none=True
    )


@app.errorhandler(ValidationError)
def invalid(error: ValidationError) -> Answer:
    return {"detail": error.messages}, 422


@app.post("/items")
def create() -> Answer:
    sent = request.get_json()
    item: dict[str, Any] = Item().load(sent)
    return item, 201

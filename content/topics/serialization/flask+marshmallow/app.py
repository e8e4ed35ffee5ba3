from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask import Flask, Response
from flask_marshmallow import Schema
from marshmallow import fields

app = Flask(__name__)
USER = {"name": "Ada", "id": 1, "password_hash": "x"}
VALUES: dict[str, Any] = {
    "time": datetime(2026, 11, 22, 12, tzinfo=UTC),
    "price": Decimal("1.10"),
    "ratio": float("nan"),
    "text": "<b>Zürich</b>",
}
FIELDS: dict[str, fields.Field[Any]] = {
    "time": fields.DateTime(),
    "price": fields.Decimal(),
    "ratio": fields.Float(),
    "text": fields.String(),
}


class UserOut(Schema):
    name = fields.String()
    id = fields.Integer()


@app.get("/values/<key>")
def value(key: str) -> Any:
    schema = Schema.from_dict({"value": FIELDS[key]})
    return schema().dump({"value": VALUES[key]})


@app.get("/raw/<key>")
def raw(key: str) -> Any:
    return VALUES.get(key)


@app.get("/user")
def user() -> Response:
    return UserOut().jsonify(USER)

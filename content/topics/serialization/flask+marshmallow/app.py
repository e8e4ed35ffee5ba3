from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask import Flask, Response
from flask_marshmallow import Marshmallow

app = Flask(__name__)
ma = Marshmallow(app)
USER = {"name": "Ada", "id": 1, "password_hash": "x"}
VALUES: dict[str, Any] = {
    "time": datetime(2026, 11, 22, 12, tzinfo=UTC),
    "price": Decimal("1.10"),
    "ratio": float("nan"),
    "text": "<b>Zürich</b>",
}
FIELDS: dict[str, Any] = {
    "time": ma.DateTime(),
    "price": ma.Decimal(),
    "ratio": ma.Float(),
    "text": ma.String(),
}


class UserOut(ma.Schema):
    name = ma.String()
    id = ma.Integer()


@app.get("/values/<key>")
def value(key: str) -> Response:
    schema = ma.Schema.from_dict({"value": FIELDS[key]})
    return schema().jsonify({"value": VALUES[key]})


@app.get("/raw/<key>")
def raw(key: str) -> Any:
    return VALUES.get(key)


@app.get("/user")
def user() -> Response:
    return UserOut().jsonify(USER)

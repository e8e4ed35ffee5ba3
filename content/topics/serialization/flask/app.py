from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask import Flask

app = Flask(__name__)
USER = {"name": "Ada", "id": 1, "password_hash": "x"}
VALUES: dict[str, Any] = {
    "time": datetime(2026, 11, 22, 12, tzinfo=UTC),
    "price": Decimal("1.10"),
    "ratio": float("nan"),
    "text": "<b>Zürich</b>",
}


@app.get("/values/<key>")
def value(key: str) -> dict[str, Any]:
    return {"value": VALUES[key]}


@app.get("/raw/<key>")
def raw(key: str) -> Any:
    return VALUES.get(key)


@app.get("/user")
def user() -> dict[str, Any]:
    return {key: USER[key] for key in ("name", "id")}

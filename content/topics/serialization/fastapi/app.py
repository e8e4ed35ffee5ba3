from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
USER = {"name": "Ada", "id": 1, "password_hash": "x"}
VALUES: dict[str, Any] = {
    "time": datetime(2026, 11, 22, 12, tzinfo=UTC),
    "price": Decimal("1.10"),
    "ratio": float("nan"),
    "text": "<b>Zürich</b>",
}


class UserOut(BaseModel):
    name: str
    id: int


@app.get("/values/{key}")
def value(key: str) -> dict[str, Any]:
    return {"value": VALUES[key]}


@app.get("/raw/{key}", response_model=None)
def raw(key: str) -> Any:
    return VALUES.get(key)


@app.get("/user", response_model=UserOut)
def user() -> dict[str, Any]:
    return USER

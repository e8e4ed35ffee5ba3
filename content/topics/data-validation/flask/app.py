from typing import Any

from flask import Flask, request
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
)

app = Flask(__name__)
Answer = tuple[dict[str, Any], int]


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=10)
    qty: int = Field(ge=1, le=5)
    price: float | None = None


@app.errorhandler(ValidationError)
def invalid(error: ValidationError) -> Answer:
    detail = error.errors(
        include_url=False,
        include_context=False,
        include_input=False,
    )
    return {"detail": detail}, 422


@app.post("/items")
def create() -> Answer:
    item = Item.model_validate(request.get_json())
    return item.model_dump(), 201

from flask import Flask
from flask_pydantic import validate
from pydantic import BaseModel, ConfigDict, Field

app = Flask(__name__)


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=10)
    qty: int = Field(ge=1, le=5)
    price: float | None = None


@app.post("/items")
@validate(on_success_status=201)
def create(body: Item) -> Item:
    return body

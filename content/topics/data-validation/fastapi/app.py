from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

app = FastAPI()


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=10)
    qty: int = Field(ge=1, le=5)
    price: float | None = None


@app.post("/items", status_code=201)
def create(item: Item) -> Item:
    return item

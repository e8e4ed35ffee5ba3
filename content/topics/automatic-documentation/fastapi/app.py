from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI(title="Shop", version="1.0")
STOCK = ["pen"]


class Item(BaseModel):
    name: str
    qty: int


@app.post("/items", status_code=201)
def create(item: Item) -> Item:
    """Store an item."""
    if item.name in STOCK:
        raise HTTPException(409)
    return item


@app.get("/health", include_in_schema=False)
def health() -> dict[str, str]:
    return {"status": "ok"}

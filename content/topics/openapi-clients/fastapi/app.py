from fastapi import APIRouter, FastAPI
from pydantic import BaseModel

app = FastAPI(title="Shop", version="2.0")
v1 = APIRouter(prefix="/v1", deprecated=True)
v2 = APIRouter(prefix="/v2")


class OldItem(BaseModel):
    name: str
    qty: int


class Item(BaseModel):
    name: str
    quantity: int


@v1.post("/items")
def create_old(item: OldItem) -> OldItem:
    return item


@v2.post("/items")
def create(item: Item) -> Item:
    return item


app.include_router(v1)
app.include_router(v2)

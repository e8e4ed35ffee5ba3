from html import escape

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

app = FastAPI()


class Order(BaseModel):
    item: str
    qty: int


@app.get("/", response_class=HTMLResponse)
def page(name: str = "you") -> str:
    return f"<h1>Hello {escape(name)}</h1>"


@app.post("/orders", status_code=201)
def order(order: Order) -> Order:
    return order

from typing import Annotated

from fastapi import Cookie, FastAPI
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
app.add_middleware(
    CORSMiddleware,
    allow_origins=["https://app.example"],
    allow_methods=["GET", "POST"],
    allow_headers=["Content-Type"],
    allow_credentials=True,
    max_age=600,
)
User = Annotated[str, Cookie()]


@app.get("/orders")
def list_orders(user: User = "guest") -> dict[str, str]:
    return {"orders_of": user}


@app.post("/orders")
def place_order(user: User = "guest") -> dict[str, str]:
    return {"placed_for": user}


@app.get("/broken")
def broken() -> dict[str, float]:
    return {"share": 1 / 0}

from typing import Annotated

from fastapi import Cookie, FastAPI
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
app.add_middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_methods=["*"],
    allow_headers=["*"],
    allow_credentials=True,
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

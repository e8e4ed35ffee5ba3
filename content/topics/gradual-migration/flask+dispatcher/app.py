from a2wsgi import ASGIMiddleware
from fastapi import FastAPI, HTTPException
from legacy import ORDERS, app
from werkzeug.middleware.dispatcher import (
    DispatcherMiddleware,
)

new = FastAPI()


@new.get("/{number}")
def read_order(number: int) -> dict[str, str]:
    if number not in ORDERS:
        raise HTTPException(404)
    return {"order": ORDERS[number]}


orders = ASGIMiddleware(new)  # type: ignore[arg-type]
both = DispatcherMiddleware(
    app.wsgi_app,
    {"/orders": orders},  # type: ignore[dict-item]
)
app.wsgi_app = both  # type: ignore[method-assign]

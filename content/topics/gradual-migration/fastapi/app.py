from typing import Annotated, Any

from a2wsgi import WSGIMiddleware
from fastapi import (
    APIRouter,
    Cookie,
    Depends,
    FastAPI,
    HTTPException,
)
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature
from legacy import ORDERS
from legacy import app as old

app = FastAPI()
orders, people = APIRouter(), APIRouter()
sessions = SecureCookieSessionInterface()
signer = sessions.get_signing_serializer(old)
if signer is None:
    raise RuntimeError("Flask has no secret key")
loads = signer.loads
lifetime = old.permanent_session_lifetime
max_age = int(lifetime.total_seconds())


def read_session(
    session: Annotated[str, Cookie()] = "",
) -> Any:
    try:
        return loads(session, max_age)
    except BadSignature:
        return {}


@people.get("/me")
def me(
    session: Annotated[Any, Depends(read_session)],
) -> dict[str, str]:
    if "user" not in session:
        raise HTTPException(401)
    return {"user": session["user"]}


@orders.get("/orders/{number}")
def read_order(number: int) -> dict[str, str]:
    if number not in ORDERS:
        raise HTTPException(404)
    return {"order": ORDERS[number]}


app.include_router(people)
app.include_router(orders)
app.mount(
    "/",
    WSGIMiddleware(old),  # type: ignore[arg-type]
)

from typing import Annotated

from fastapi import (
    APIRouter,
    Depends,
    Header,
    HTTPException,
    Request,
)

PRODUCTS = {1: "pen", 2: "ink"}
Token = Annotated[str | None, Header()]


def guard(x_token: Token = None) -> None:
    if x_token != "secret":
        raise HTTPException(401, "no token")


products = APIRouter(dependencies=[Depends(guard)])


@products.get("/{number}")
def read_product(
    number: int, request: Request
) -> dict[str, str]:
    if number not in PRODUCTS:
        raise HTTPException(404)
    url = request.url_for("read_product", number=number)
    return {"name": PRODUCTS[number], "url": str(url)}

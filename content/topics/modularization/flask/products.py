from flask import Blueprint, abort, request, url_for

PRODUCTS = {1: "pen", 2: "ink"}
products = Blueprint("products", __name__)


@products.before_request
def guard() -> tuple[str, int] | None:
    if request.headers.get("X-Token") != "secret":
        return "no token", 401
    return None


@products.errorhandler(404)
def not_found(error: Exception) -> tuple[str, int]:
    return "no such product", 404


@products.get("/<int:number>")
def read_product(number: int) -> dict[str, str]:
    name = PRODUCTS.get(number) or abort(404)
    url = url_for(".read_product", number=number)
    return {"name": name, "url": url}

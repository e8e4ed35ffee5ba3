from flask import Flask, abort, request
from werkzeug.exceptions import Conflict, HTTPException
from werkzeug.wrappers import Response

app = Flask(__name__)
STOCK = {"tea": 3, "rice": 9}
PRICES = {"tea": 4}


class Shortage(Exception):
    pass


@app.errorhandler(HTTPException)
def problem(error: HTTPException) -> Response:
    detail, status = error.description, error.code
    body = {"status": status, "detail": detail}
    response = error.get_response()
    response.data = app.json.dumps(body)
    response.content_type = "application/problem+json"
    return response


@app.errorhandler(Shortage)
def shortage(error: Shortage) -> Response:
    return problem(Conflict(str(error)))


@app.post("/orders/<item>")
def order(item: str) -> dict[str, int]:
    count = request.args.get("count", type=int)
    if count is None:
        abort(400, "count must be a number")
    if item not in STOCK:
        abort(404, f"no {item} here")
    if count > STOCK[item]:
        raise Shortage(f"{STOCK[item]} left")
    return {"price": count * PRICES[item]}

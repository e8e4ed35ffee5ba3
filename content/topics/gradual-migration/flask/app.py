from flask import Flask, abort, session
from werkzeug.wrappers import Response

app = Flask(__name__)
app.secret_key = "change me, and keep me secret"
ORDERS = {1: "tea", 2: "rice"}
STOCK = {"tea": 3}


@app.after_request
def sign(response: Response) -> Response:
    response.headers["Answered-By"] = "Flask"
    return response


@app.post("/login")
def login() -> dict[str, str]:
    session["user"] = "ada"
    return {"user": "ada"}


@app.get("/me")
def me() -> dict[str, str]:
    if "user" not in session:
        abort(401)
    return {"user": session["user"]}


@app.get("/orders/<int:number>")
def read_order(number: int) -> dict[str, str]:
    return {"order": ORDERS.get(number) or abort(404)}


@app.delete("/orders/<int:number>")
def delete_order(number: int) -> dict[str, str]:
    return {"deleted": ORDERS.pop(number, "nothing")}


@app.get("/stock/<item>")
def read_stock(item: str) -> dict[str, int]:
    return {"left": STOCK[item]}

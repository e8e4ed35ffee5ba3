from typing import Any

from flask import Blueprint, Flask, request

app = Flask(__name__)
v1 = Blueprint("v1", __name__, url_prefix="/v1")
v2 = Blueprint("v2", __name__, url_prefix="/v2")


@v1.post("/items")
def create_old() -> dict[str, Any]:
    item = request.get_json()
    return {"name": item["name"], "qty": item["qty"]}


@v2.post("/items")
def create() -> dict[str, Any]:
    item = request.get_json()
    return {
        "name": item["name"],
        "quantity": item["quantity"],
    }


app.register_blueprint(v1)
app.register_blueprint(v2)

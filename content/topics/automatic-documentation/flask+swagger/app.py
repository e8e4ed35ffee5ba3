from typing import Any

from flask import Flask, abort, request
from flask_swagger import swagger

app = Flask(__name__)
STOCK = ["pen"]


@app.post("/items")
def create() -> tuple[dict[str, Any], int]:
    """Store an item.
    ---
    parameters:
      - in: body
        schema:
          id: Item
          properties:
            name: {type: string}
            qty: {type: integer}
    """
    item = request.get_json()
    if item["name"] in STOCK:
        abort(409)
    return item, 201


@app.get("/openapi.json")
def document() -> dict[str, Any]:
    return swagger(app)


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}

from typing import Any

from flask import Flask, abort, request

app = Flask(__name__)
STOCK = ["pen"]


@app.post("/items")
def create() -> tuple[dict[str, Any], int]:
    """Store an item."""
    item = request.get_json()
    if item["name"] in STOCK:
        abort(409)
    return item, 201


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}

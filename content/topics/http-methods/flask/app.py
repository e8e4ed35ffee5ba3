from flask import Flask, request

app = Flask(__name__)
items: dict[int, dict[str, str]] = {1: {"name": "pen"}}


@app.get("/items")
def list_items() -> list[dict[str, str]]:
    return list(items.values())


@app.put("/items/<int:item_id>")
def replace_item(item_id: int) -> dict[str, str]:
    items[item_id] = request.get_json()
    return items[item_id]


@app.delete("/items/<int:item_id>")
def delete_item(item_id: int) -> tuple[str, int]:
    items.pop(item_id, None)
    return "", 204


@app.route("/search", methods=["GET", "POST"])
def search() -> dict[str, str]:
    return {"method": request.method}

from fastapi import FastAPI, Request

app = FastAPI()
items: dict[int, dict[str, str]] = {1: {"name": "pen"}}


@app.get("/items")
def list_items() -> list[dict[str, str]]:
    return list(items.values())


@app.put("/items/{item_id}")
def replace_item(
    item_id: int, item: dict[str, str]
) -> dict[str, str]:
    items[item_id] = item
    return item


@app.delete("/items/{item_id}", status_code=204)
def delete_item(item_id: int) -> None:
    items.pop(item_id, None)


@app.api_route("/search", methods=["GET", "POST"])
def search(request: Request) -> dict[str, str]:
    return {"method": request.method}

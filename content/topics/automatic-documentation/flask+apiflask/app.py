from apiflask import APIFlask, abort
from pydantic import BaseModel

app = APIFlask(__name__, title="Shop", version="1.0")
app.config["SERVERS"] = [{"url": "."}]
STOCK = ["pen"]


class Item(BaseModel):
    name: str
    qty: int


@app.post("/items")
@app.input(Item)
@app.output(Item, status_code=201)
def create(json_data: Item) -> Item:
    """Store an item."""
    if json_data.name in STOCK:
        abort(409)
    return json_data


@app.get("/health")
@app.doc(hide=True)
def health() -> dict[str, str]:
    return {"status": "ok"}

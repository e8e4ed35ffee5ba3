from apiflask import APIBlueprint, APIFlask
from pydantic import BaseModel

app = APIFlask(__name__, title="Shop", version="2.0")
app.config["SERVERS"] = [{"url": "."}]
app.config["AUTO_OPERATION_ID"] = True
v1 = APIBlueprint("v1", __name__, url_prefix="/v1")
v2 = APIBlueprint("v2", __name__, url_prefix="/v2")


class OldItem(BaseModel):
    name: str
    qty: int


class Item(BaseModel):
    name: str
    quantity: int


@v1.post("/items")
@v1.doc(deprecated=True)
@v1.input(OldItem)
@v1.output(OldItem)
def create_old(json_data: OldItem) -> OldItem:
    return json_data


@v2.post("/items")
@v2.input(Item)
@v2.output(Item)
def create(json_data: Item) -> Item:
    return json_data


app.register_blueprint(v1)
app.register_blueprint(v2)

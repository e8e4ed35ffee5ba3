from flask import Flask
from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields

app = Flask(__name__)
app.config.update(
    API_TITLE="Shop",
    API_VERSION="2.0",
    OPENAPI_VERSION="3.1.0",
    OPENAPI_URL_PREFIX="/",
    OPENAPI_JSON_PATH="openapi.json",
)
v1 = Blueprint("v1", __name__, url_prefix="/v1")
v2 = Blueprint("v2", __name__, url_prefix="/v2")


class OldItem(Schema):
    name = fields.String(required=True)
    qty = fields.Integer(required=True)


class Item(Schema):
    name = fields.String(required=True)
    quantity = fields.Integer(required=True)


@v1.post("/items")
@v1.doc(deprecated=True)
@v1.arguments(OldItem)
@v1.response(200, OldItem)
def create_old(item: dict[str, str]) -> dict[str, str]:
    return item


@v2.post("/items")
@v2.arguments(Item)
@v2.response(200, Item)
def create(item: dict[str, str]) -> dict[str, str]:
    return item


api = Api(app)
api.register_blueprint(v1)
api.register_blueprint(v2)

from flask import Flask, url_for
from products import products

app = Flask(__name__)
app.register_blueprint(products, url_prefix="/products")
app.register_blueprint(
    products, name="v2", url_prefix="/v2/products"
)


@app.get("/")
def index() -> dict[str, str]:
    url = url_for("products.read_product", number=1)
    return {"first": url}

from flask import Flask, request
from flask_cors import CORS

app = Flask(__name__)
CORS(app, origins="*", supports_credentials=True)


@app.get("/orders")
def list_orders() -> dict[str, str]:
    user = request.cookies.get("user", "guest")
    return {"orders_of": user}


@app.post("/orders")
def place_order() -> dict[str, str]:
    user = request.cookies.get("user", "guest")
    return {"placed_for": user}


@app.get("/broken")
def broken() -> dict[str, float]:
    return {"share": 1 / 0}

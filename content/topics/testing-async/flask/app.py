import time
from typing import Any

from flask import Flask, abort, request

app = Flask(__name__)
left = {"desk": 1}


def fetch_rate() -> int:
    return 95


def get_price() -> int:
    return 200 * fetch_rate() // 100


@app.post("/orders/<item>")
def order(item: str) -> dict[str, Any]:
    count = request.args.get("count", 1, int)
    if left.get(item, 0) < count:
        abort(409, "Sold out.")
    time.sleep(0.05)
    left[item] -= count
    paid = count * get_price()
    return {"paid": paid, "left": left[item]}

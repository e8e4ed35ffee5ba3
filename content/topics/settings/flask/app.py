import json
from typing import Any

from flask import Flask, request

app = Flask(__name__)
config: dict[str, Any] = {"POOL": 5, "OPEN": True}


def parse(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


@app.post("/start")
def start() -> dict[str, Any]:
    for name, text in request.get_json().items():
        config[name] = parse(text)
    return config


@app.get("/shop")
def read_shop() -> dict[str, Any]:
    return {
        "open": bool(config["OPEN"]),
        "free": config["POOL"] - 1,
    }

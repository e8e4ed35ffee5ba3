from typing import Any

from flask import Flask, render_template_string, request

app = Flask(__name__)
PAGE = "<h1>Hello {{ name }}</h1>"


@app.get("/")
def page() -> str:
    name = request.args.get("name", "you")
    return render_template_string(PAGE, name=name)


@app.post("/orders")
def order() -> tuple[dict[str, Any], int]:
    data = request.get_json()
    qty = int(data["qty"])
    return {"item": data["item"], "qty": qty}, 201

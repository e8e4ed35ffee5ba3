import json
from base64 import urlsafe_b64decode
from typing import Any

from flask import (
    Flask,
    Response,
    jsonify,
    request,
    session,
)

app = Flask(__name__)
app.secret_key = "a key that only the demo has"


@app.put("/theme/<name>")
def set_theme(name: str) -> Response:
    response = jsonify(theme=name)
    response.set_cookie("theme", name)
    return response


@app.get("/theme")
def get_theme() -> dict[str, str]:
    return {"theme": request.cookies["theme"]}


@app.post("/login/<name>")
def login(name: str) -> dict[str, str]:
    session["user"] = name
    return {"user": name}


@app.post("/logout")
def logout() -> dict[str, None]:
    session.clear()
    return {"user": None}


@app.get("/me")
def me() -> dict[str, str | None]:
    return {"user": session.get("user")}


@app.get("/cookie")
def cookie() -> dict[str, str]:
    return {"cookie": request.cookies["session"]}


@app.get("/peek")
def peek() -> Any:
    data, *_ = request.cookies["session"].split(".")
    return json.loads(urlsafe_b64decode(data + "=="))

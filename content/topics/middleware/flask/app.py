from collections.abc import Iterator
from typing import Any

from flask import Flask, Response, request

app = Flask(__name__)
LOG: list[str] = []


@app.before_request
def require_id() -> tuple[str, int] | None:
    if "X-Request-Id" not in request.headers:
        return "no id", 400
    return None


@app.after_request
def add_id(response: Response) -> Response:
    value = request.headers.get("X-Request-Id", "none")
    response.headers["X-Request-Id"] = value
    LOG.append("add_id")
    return response


@app.get("/share/<int:people>")
def share(people: int) -> dict[str, Any]:
    return {"share": 100 // people, "log": LOG}


@app.get("/stream")
def stream() -> Iterator[str]:
    yield "some text"
    LOG.append("stream")

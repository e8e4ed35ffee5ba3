import time
from collections.abc import Iterator

from flask import Flask, Response, request

app = Flask(__name__)
log: list[str] = []


def count(start: int, to: int) -> Iterator[int]:
    try:
        for number in range(start, to + 1):
            log.append(f"makes {number}")
            yield number
            time.sleep(0.1)
    finally:
        log.append("generator closed")


@app.get("/events")
def events() -> Response:
    to = request.args.get("to", 3, int)
    last = request.headers.get("Last-Event-ID", 0, int)
    numbers = count(last + 1, to)
    text = (f"data: {n}\nid: {n}\n\n" for n in numbers)
    return Response(text, mimetype="text/event-stream")


@app.get("/shares")
def shares() -> Response:
    of = request.args.get("of", 6, int)
    text = (f"{of // n}\n" for n in (3, 2, 1, 0))
    return Response(text, mimetype="text/plain")

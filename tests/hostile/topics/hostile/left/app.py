import sys
import time
from collections.abc import Iterator

from flask import Flask, Response, request

app = Flask(__name__)


@app.get("/calm")
def calm() -> dict[str, bool]:
    return {"calm": True}


@app.get("/slow")
def slow() -> dict[str, bool]:
    time.sleep(1)
    return {"slow": True}


@app.get("/endless")
def endless() -> Iterator[str]:
    while True:
        yield "tick\n"
        time.sleep(0.02)


@app.get("/flood")
def flood() -> Iterator[bytes]:
    while True:
        yield b"x" * 65_536


@app.get("/hang")
def hang() -> str:
    time.sleep(4)
    return "late"


@app.get("/block")
def block() -> str:
    time.sleep(20)
    return "too late"


@app.get("/raise")
def explode() -> str:
    raise RuntimeError("boom")


@app.get("/raise-late")
def explode_late() -> Iterator[str]:
    yield "half"
    raise RuntimeError("boom")


@app.get("/headers")
def headers() -> Response:
    return Response("many", headers=[(f"X-{n}", "v") for n in range(100_000)])


@app.get("/large")
def large() -> str:
    return "x" * 300 * 1024


@app.get("/exit")
def leave() -> str:
    sys.exit("bye")


@app.get("/interrupt")
def interrupt() -> str:
    raise KeyboardInterrupt


@app.get("/reflect")
def reflect() -> Response:
    pairs = [(name, value) for name, _, value in (h.partition(":") for h in request.args.getlist("h"))]
    return Response("reflected", headers=pairs)


@app.route("/echo", methods=["GET", "POST"])
def echo() -> dict[str, object]:
    return {"headers": dict(request.headers), "path": request.path, "root": request.script_root, "url": request.url}

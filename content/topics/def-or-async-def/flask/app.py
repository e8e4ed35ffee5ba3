import asyncio
import time
from threading import Thread

from flask import Flask, request

app = Flask(__name__)
log: list[str] = []


def serve() -> None:
    time.sleep(0.05)
    log.append("another request: answered")


@app.before_request
def neighbour() -> None:
    Thread(target=serve).start()


def build(pages: int) -> dict[str, object]:
    log.append("report: starts")
    seen = len(log)
    time.sleep(0.2)
    meanwhile = log[seen:]
    log.append("report: ready")
    return {"pages": pages, "meanwhile": meanwhile}


@app.get("/plain")
def plain() -> dict[str, object]:
    return build(request.args.get("pages", 1, int))


@app.get("/blocking")
async def blocking() -> dict[str, object]:
    return build(request.args.get("pages", 1, int))


@app.get("/moved")
async def moved() -> dict[str, object]:
    pages = request.args.get("pages", 1, int)
    return await asyncio.to_thread(build, pages)

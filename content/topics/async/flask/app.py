import asyncio
import time

from flask import Flask, request
from shops import LOG, ask

app = Flask(__name__)
TASKS: set[asyncio.Task[int]] = set()


@app.get("/prices")
async def prices() -> dict[str, object]:
    shops = request.args.getlist("shop")
    found = await asyncio.gather(*map(ask, shops))
    return {"prices": found, "log": LOG}


@app.post("/orders/<shop>")
async def order(shop: str) -> dict[str, str]:
    task = asyncio.create_task(ask(shop))
    TASKS.add(task)
    task.add_done_callback(TASKS.discard)
    return {"order": "placed"}


@app.get("/wait")
def wait() -> dict[str, str]:
    time.sleep(0.1)
    return {"view": "def"}


@app.get("/block")
async def block() -> dict[str, str]:
    time.sleep(0.1)
    return {"view": "async def"}

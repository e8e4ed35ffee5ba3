import asyncio
import time
from typing import Annotated

from fastapi import FastAPI, Query
from shops import LOG, ask

app = FastAPI()
TASKS: set[asyncio.Task[int]] = set()
Shops = Annotated[list[str], Query()]


@app.get("/prices")
async def prices(shop: Shops) -> dict[str, object]:
    found = await asyncio.gather(*map(ask, shop))
    return {"prices": found, "log": LOG}


@app.post("/orders/{shop}")
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

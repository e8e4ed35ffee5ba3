import asyncio
import time
from collections.abc import AsyncIterator

from fastapi import Depends, FastAPI

log: list[str] = []


async def serve() -> None:
    await asyncio.sleep(0.05)
    log.append("another request: answered")


async def neighbour() -> AsyncIterator[None]:
    task = asyncio.create_task(serve())
    try:
        yield
    finally:
        await task


app = FastAPI(dependencies=[Depends(neighbour)])


def build(pages: int) -> dict[str, object]:
    log.append("report: starts")
    seen = len(log)
    time.sleep(0.2)
    meanwhile = log[seen:]
    log.append("report: ready")
    return {"pages": pages, "meanwhile": meanwhile}


@app.get("/plain")
def plain(pages: int = 1) -> dict[str, object]:
    return build(pages)


@app.get("/blocking")
async def blocking(pages: int = 1) -> dict[str, object]:
    return build(pages)


@app.get("/moved")
async def moved(pages: int = 1) -> dict[str, object]:
    return await asyncio.to_thread(build, pages)

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

log: list[str] = []
rates: dict[str, int] = {}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    log.append("start: rates loaded")
    rates.update(EUR=100, CHF=95)
    yield
    rates.clear()
    log.append("end: rates dropped")


app = FastAPI(lifespan=lifespan)


@app.get("/convert/{cents}")
def convert(cents: int, to: str) -> dict[str, int]:
    log.append("request")
    rate = rates[to]
    starts = log.count("start: rates loaded")
    cents = cents * rate // 100
    return {"cents": cents, "starts": starts}

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request

Rates = dict[str, int]
log: list[str] = []


@asynccontextmanager
async def lifespan(
    app: FastAPI,
) -> AsyncIterator[dict[str, Rates]]:
    log.append("start: rates loaded")
    yield {"rates": {"EUR": 100, "CHF": 95}}
    log.append("end: rates dropped")


app = FastAPI(lifespan=lifespan)


@app.get("/convert/{cents}")
def convert(
    cents: int, to: str, request: Request
) -> dict[str, int]:
    log.append("request")
    rate: int = request.state.rates[to]
    starts = log.count("start: rates loaded")
    cents = cents * rate // 100
    return {"cents": cents, "starts": starts}

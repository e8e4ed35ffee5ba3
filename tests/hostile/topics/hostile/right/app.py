import asyncio
import sys
import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import FastAPI, Query, Request
from starlette.responses import PlainTextResponse, StreamingResponse

app = FastAPI()


@app.get("/calm")
def calm() -> dict[str, bool]:
    return {"calm": True}


@app.get("/slow")
async def slow() -> dict[str, bool]:
    await asyncio.sleep(1)
    return {"slow": True}


@app.get("/endless")
async def endless() -> StreamingResponse:
    async def ticks() -> AsyncIterator[str]:
        while True:
            yield "tick\n"
            await asyncio.sleep(0.02)

    return StreamingResponse(ticks())


@app.get("/flood")
async def flood() -> StreamingResponse:
    async def water() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65_536

    return StreamingResponse(water())


@app.get("/hang")
def hang() -> str:
    time.sleep(4)
    return "late"


@app.get("/block")
async def block() -> str:
    time.sleep(20)  # noqa: ASYNC251 # blocks the event loop on purpose
    return "too late"


@app.get("/raise")
def explode() -> str:
    raise RuntimeError("boom")


@app.get("/raise-late")
async def explode_late() -> StreamingResponse:
    async def half() -> AsyncIterator[str]:
        yield "half"
        raise RuntimeError("boom")

    return StreamingResponse(half())


@app.get("/headers")
def headers() -> PlainTextResponse:
    response = PlainTextResponse("many")
    response.raw_headers += [(f"x-{n}".encode(), b"v") for n in range(100_000)]
    return response


@app.get("/large")
def large() -> PlainTextResponse:
    return PlainTextResponse("x" * 300 * 1024)


@app.get("/exit")
async def leave() -> str:
    sys.exit("bye")


@app.get("/interrupt")
async def interrupt() -> str:
    raise KeyboardInterrupt


@app.get("/cancel")
async def cancel() -> str:
    raise asyncio.CancelledError


@app.get("/reflect")
def reflect(h: Annotated[list[str], Query(default_factory=list)]) -> PlainTextResponse:
    response = PlainTextResponse("reflected")
    response.raw_headers += [(n.encode(), v.encode()) for n, _, v in (pair.partition(":") for pair in h)]
    return response


@app.api_route("/echo", methods=["GET", "POST"])
def echo(request: Request) -> dict[str, object]:
    return {
        "headers": dict(request.headers),
        "path": request.scope["path"],
        "root": request.scope["root_path"],
        "url": str(request.url),
    }

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import FastAPI, Header
from fastapi.responses import StreamingResponse
from fastapi.sse import (
    EventSourceResponse,
    ServerSentEvent,
)

app = FastAPI()
log: list[str] = []


async def count(
    start: int, to: int
) -> AsyncIterator[int]:
    try:
        for number in range(start, to + 1):
            log.append(f"makes {number}")
            yield number
            await asyncio.sleep(0.1)
    finally:
        log.append("generator closed")


@app.get("/events", response_class=EventSourceResponse)
async def events(
    to: int = 3,
    last_event_id: Annotated[int, Header()] = 0,
) -> AsyncIterator[ServerSentEvent]:
    async for n in count(last_event_id + 1, to):
        yield ServerSentEvent(data=n, id=str(n))


@app.get("/shares")
def shares(of: int = 6) -> StreamingResponse:
    text = (f"{of // n}\n" for n in (3, 2, 1, 0))
    return StreamingResponse(
        text, media_type="text/plain"
    )

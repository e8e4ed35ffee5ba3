from collections.abc import Callable, Iterator
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

app = FastAPI()
LOG: list[str] = []
Next = Callable[[Request], Any]


@app.middleware("http")
async def add_id(
    request: Request, call_next: Next
) -> Response:
    if "X-Request-Id" not in request.headers:
        return Response("no id", 400)
    response: Response = await call_next(request)
    value = request.headers["X-Request-Id"]
    response.headers["X-Request-Id"] = value
    LOG.append("add_id")
    return response


@app.get("/share/{people}")
def share(people: int) -> dict[str, Any]:
    return {"share": 100 // people, "log": LOG}


@app.get("/stream", response_class=StreamingResponse)
def stream() -> Iterator[str]:
    yield "some text"
    LOG.append("stream")

import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar

from fastapi import FastAPI, Request, Response

log: list[str] = []
request_id = ContextVar("request_id", default="-")


class Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname
        text = f"{level} {record.getMessage()}"
        log.append(f"{request_id.get()} {text}")


logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)
logger.addHandler(Lines())
app = FastAPI()
Next = Callable[[Request], Awaitable[Response]]


@app.middleware("http")
async def keep_id(
    request: Request, call_next: Next
) -> Response:
    number = request.headers.get("X-Request-Id", "none")
    request_id.set(number)
    response = await call_next(request)
    response.headers["X-Request-Id"] = number
    return response


@app.get("/share/{people}")
def share(
    people: int, note: str = "no note"
) -> dict[str, int]:
    logger.info("share: %s", note)
    return {"pieces": 12 // people}

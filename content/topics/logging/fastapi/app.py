import logging
from contextvars import ContextVar
from typing import Annotated

from fastapi import Depends, FastAPI, Header, Response

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


async def keep_id(
    response: Response,
    x_request_id: Annotated[str, Header()] = "none",
) -> None:
    request_id.set(x_request_id)
    response.headers["X-Request-Id"] = x_request_id


app = FastAPI(dependencies=[Depends(keep_id)])


@app.get("/share/{people}")
def share(
    people: int, note: str = "no note"
) -> dict[str, int]:
    logger.info("share: %s", note)
    return {"pieces": 12 // people}

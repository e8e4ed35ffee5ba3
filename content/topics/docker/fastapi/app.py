from typing import Annotated

from fastapi import (
    Body,
    FastAPI,
    HTTPException,
    Response,
)

app = FastAPI()
PARTS: dict[str, bool] = {"database": True}


@app.get("/healthz")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/readyz")
def ready(response: Response) -> dict[str, bool]:
    if not all(PARTS.values()):
        response.status_code = 503
    return PARTS


@app.put("/parts/{name}")
def report(
    name: str, works: Annotated[bool, Body()]
) -> dict[str, bool]:
    if name not in PARTS:
        raise HTTPException(404)
    PARTS[name] = works
    return PARTS

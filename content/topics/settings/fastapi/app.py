from typing import Any

from fastapi import FastAPI, HTTPException
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings

app = FastAPI()


class Settings(
    BaseSettings, env_prefix="SHOP_", extra="ignore"
):
    pool: int = Field(default=5, ge=1)
    open: bool = True
    secret_key: SecretStr


running: list[Settings] = []


@app.post("/start")
def start(environ: dict[str, Any]) -> dict[str, Any]:
    values = {n.lower(): environ[n] for n in environ}
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise HTTPException(503, str(error)) from None
    running[:] = [settings]
    shown = settings.model_dump(mode="json")
    return {name.upper(): shown[name] for name in shown}


@app.get("/shop")
def read_shop() -> dict[str, bool | int]:
    if not running:
        raise HTTPException(503, "It is not running.")
    settings = running[0]
    return {
        "open": settings.open,
        "free": settings.pool - 1,
    }

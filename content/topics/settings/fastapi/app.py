from typing import Any

from fastapi import FastAPI, HTTPException
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings

app = FastAPI()


class Settings(
    BaseSettings, env_prefix="SHOP_", extra="ignore"
):
    POOL: int = Field(default=5, ge=1)
    OPEN: bool = True
    SECRET_KEY: SecretStr


running: list[Settings] = []


@app.post("/start")
def start(environ: dict[str, Any]) -> Settings:
    try:
        settings = Settings(**environ)
    except ValidationError as error:
        raise HTTPException(503, str(error)) from None
    running[:] = [settings]
    return settings


@app.get("/shop")
def read_shop() -> dict[str, bool | int]:
    if not running:
        raise HTTPException(503, "It is not running.")
    settings = running[0]
    return {
        "open": settings.OPEN,
        "free": settings.POOL - 1,
    }

from typing import Any

from flask import Flask, abort, request
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings

app = Flask(__name__)


class Settings(
    BaseSettings, env_prefix="SHOP_", extra="ignore"
):
    POOL: int = Field(default=5, ge=1)
    OPEN: bool = True
    SECRET_KEY: SecretStr


running: list[Settings] = []


@app.post("/start")
def start() -> dict[str, Any]:
    try:
        settings = Settings(**request.get_json())
    except ValidationError as error:
        abort(503, str(error))
    running[:] = [settings]
    return settings.model_dump(mode="json")


@app.get("/shop")
def read_shop() -> dict[str, Any]:
    if not running:
        abort(503, "It is not running.")
    settings = running[0]
    return {
        "open": settings.OPEN,
        "free": settings.POOL - 1,
    }

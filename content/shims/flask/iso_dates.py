from datetime import date, time
from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider


def install(app: Flask) -> None:
    provider = app.json
    assert isinstance(provider, DefaultJSONProvider)
    inner = provider.default

    def default(value: Any) -> Any:
        if isinstance(value, date | time):
            return value.isoformat().replace("+00:00", "Z")
        return inner(value)

    provider.default = default

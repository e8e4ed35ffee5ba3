from math import isfinite
from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider


def finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    return value


class FiniteProvider(DefaultJSONProvider):
    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return super().dumps(finite(obj), **kwargs)


def install(app: Flask) -> None:
    provider = FiniteProvider(app)
    vars(provider).update(vars(app.json))
    app.json = provider

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import wraps
from typing import Any

from flask import Flask, jsonify

SCALARS = str | int | float | Decimal | date | None


def as_json(app: Flask, view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = app.ensure_sync(view)(*args, **kwargs)
        return jsonify(result) if isinstance(result, SCALARS) else result

    return wrapped


def install(app: Flask) -> None:
    for name, view in app.view_functions.items():
        app.view_functions[name] = as_json(app, view)

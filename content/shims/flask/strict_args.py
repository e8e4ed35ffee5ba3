from typing import Any

from flask import Flask, abort
from pydantic import TypeAdapter, ValidationError
from werkzeug.datastructures import ImmutableMultiDict


class StrictValues(ImmutableMultiDict[str, Any]):
    def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        kind = kwargs.get("type", args[-1] if args else None)
        if key not in self or kind not in (int, float, bool):
            return super().get(key, *args, **kwargs)
        try:
            return TypeAdapter(kind).validate_python(self[key])
        except ValidationError:
            abort(422, f"{key} must be a valid {kind.__name__}.")


def install(app: Flask) -> None:
    storage = app.request_class.parameter_storage_class
    values = type("StrictArgs", (StrictValues, storage), {})
    fields = {"parameter_storage_class": values}
    app.request_class = type("StrictRequest", (app.request_class,), fields)

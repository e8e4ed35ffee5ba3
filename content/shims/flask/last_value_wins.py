from typing import Any

from flask import Flask
from werkzeug.datastructures import ImmutableMultiDict


class LastValues(ImmutableMultiDict[str, Any]):
    def __getitem__(self, key: str) -> Any:
        values = self.getlist(key)
        return values[-1] if values else super().__getitem__(key)


def install(app: Flask) -> None:
    storage = app.request_class.parameter_storage_class
    values = type("LastValueArgs", (LastValues, storage), {})
    fields = {"parameter_storage_class": values}
    app.request_class = type("LastValueRequest", (app.request_class,), fields)

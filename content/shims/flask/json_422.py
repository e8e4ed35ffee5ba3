from typing import Any

from flask import Flask, Request, abort


class JsonOr422(Request):
    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        abort(422, str(e or "The Content-Type must be application/json."))


def install(app: Flask) -> None:
    app.request_class = type("Json422Request", (JsonOr422, app.request_class), {})

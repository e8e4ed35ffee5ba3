from typing import Any

from flask import Flask, request
from werkzeug.exceptions import BadRequestKeyError

FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


def install(app: Flask) -> None:
    @app.errorhandler(BadRequestKeyError)
    def missing(error: BadRequestKeyError) -> tuple[dict[str, Any], int]:
        source = "body" if request.mimetype in FORMS else "query"
        part = {
            "type": "missing",
            "loc": [source, *error.args],
            "msg": "Field required",
            "input": None,
        }
        return {"detail": [part]}, 422

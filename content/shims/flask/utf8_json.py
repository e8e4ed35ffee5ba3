from flask import Flask
from flask.json.provider import DefaultJSONProvider


def install(app: Flask) -> None:
    assert isinstance(app.json, DefaultJSONProvider)
    app.json.ensure_ascii = False

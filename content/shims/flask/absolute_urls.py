from functools import partial

from flask import Flask


def install(app: Flask) -> None:
    app.add_template_global(partial(app.url_for, _external=True), "url_for")

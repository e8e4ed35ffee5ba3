from flask import Flask, redirect, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response


def install(app: Flask) -> None:
    @app.before_request
    def without_slash() -> Response | None:
        path = request.path.rstrip("/")
        is_missing = isinstance(request.routing_exception, NotFound)
        adapter = app.create_url_adapter(request)
        if path in ("", request.path) or not is_missing or adapter is None:
            return None
        if not adapter.allowed_methods(path):
            return None
        base, mark, query = request.url.partition("?")
        return redirect(base.rstrip("/") + mark + query, 307)

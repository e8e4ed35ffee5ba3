from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response


def install(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def as_json(error: HTTPException) -> Response:
        detail = vars(error).get("description", error.name)
        response = error.get_response()
        response.data = app.json.dumps({"detail": detail})
        response.content_type = "application/json"
        return response

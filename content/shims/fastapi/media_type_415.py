from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


def install(app: FastAPI) -> None:
    inner = app.exception_handlers[RequestValidationError]

    @app.exception_handler(RequestValidationError)
    async def unreadable(request: Request, error: RequestValidationError) -> Response:
        kind, _, _ = request.headers.get("content-type", "").lower().partition(";")
        known = kind.strip().endswith(("/json", "+json", *FORMS))
        if not known and any(part["loc"][0] == "body" for part in error.errors()):
            refuse = app.exception_handlers[HTTPException]
            answer = refuse(request, HTTPException(415))
        else:
            answer = inner(request, error)
        return answer if isinstance(answer, Response) else await answer

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException


def install(app: FastAPI) -> None:
    inner = app.exception_handlers[RequestValidationError]

    @app.exception_handler(RequestValidationError)
    async def not_found(request: Request, error: RequestValidationError) -> Response:
        if any(part["loc"][0] == "path" for part in error.errors()):
            refuse = app.exception_handlers[HTTPException]
            answer = refuse(request, HTTPException(404))
        else:
            answer = inner(request, error)
        return answer if isinstance(answer, Response) else await answer

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError


def install(app: FastAPI) -> None:
    inner = app.exception_handlers[RequestValidationError]

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        parts = [{**part} for part in error.errors()]
        for part in parts:
            part.pop("input", None)
        answer = inner(request, RequestValidationError(parts))
        return answer if isinstance(answer, Response) else await answer

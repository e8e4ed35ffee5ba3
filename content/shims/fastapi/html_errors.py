from html import escape

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.utils import is_body_allowed_for_status_code
from starlette.exceptions import HTTPException


def install(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    async def page(request: Request, error: HTTPException) -> Response:
        status, headers = error.status_code, error.headers
        if not is_body_allowed_for_status_code(status):
            return Response(status_code=status, headers=headers)
        detail = escape(str(error.detail))
        title = f"<!doctype html>\n<title>{status} {detail}</title>\n"
        return HTMLResponse(f"{title}<h1>{detail}</h1>\n", status, headers)

    @app.exception_handler(Exception)
    async def crash(request: Request, error: Exception) -> Response:
        return await page(request, HTTPException(500))

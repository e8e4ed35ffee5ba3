from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from uvicorn.middleware.proxy_headers import (
    ProxyHeadersMiddleware,
)

api = FastAPI()
app = ProxyHeadersMiddleware(
    api,  # type: ignore[arg-type]
    trusted_hosts="127.0.0.1,::1",
)


@api.get("/seen")
def seen(request: Request) -> dict[str, str | None]:
    client = request.client
    return {
        "client": client.host if client else None,
        "scheme": request.url.scheme,
        "link": str(request.url_for("seen")),
    }


@api.get("/old")
def old(request: Request) -> RedirectResponse:
    return RedirectResponse(request.url_for("seen"))

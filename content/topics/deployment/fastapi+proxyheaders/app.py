from fastapi import FastAPI, Request
from uvicorn.middleware.proxy_headers import (
    ProxyHeadersMiddleware,
)

api = FastAPI()
app = ProxyHeadersMiddleware(api, trusted_hosts="*")


@api.get("/seen")
def seen(request: Request) -> dict[str, str | None]:
    client = request.client
    return {
        "client": client.host if client else None,
        "link": str(request.url_for("seen")),
    }


@api.get("/crash")
def crash() -> str:
    raise RuntimeError("not for visitors")

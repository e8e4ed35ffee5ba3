import re

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from starlette.datastructures import URL
from starlette.types import ASGIApp, Receive, Scope, Send


class MergeSlashes:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.app
        if scope["type"] == "http" and "//" in scope["path"]:
            url = URL(scope=scope)
            merged = url.replace(path=re.sub("/+", "/", url.path))
            app = RedirectResponse(merged, 308)
        await app(scope, receive, send)


def install(app: FastAPI) -> None:
    app.add_middleware(MergeSlashes)

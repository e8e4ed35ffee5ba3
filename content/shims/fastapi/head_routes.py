from fastapi import FastAPI
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadRoutes:
    def __init__(self, app: ASGIApp, site: FastAPI) -> None:
        self.app, self.site = app, site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD" or self.has(scope):
            await self.app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
            elif not message.get("more_body", False):
                await send({"type": "http.response.body"})

        await self.app({**scope, "method": "GET"}, receive, send_head)

    def has(self, scope: Scope) -> bool:
        return any(r.matches(scope)[0] is Match.FULL for r in self.site.routes)


def install(app: FastAPI) -> None:
    app.add_middleware(HeadRoutes, site=app)

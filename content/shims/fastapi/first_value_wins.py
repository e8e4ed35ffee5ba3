from itertools import chain
from urllib.parse import unquote_plus

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send


class FirstValueWins:
    def __init__(self, app: ASGIApp, site: FastAPI) -> None:
        self.app = app
        paths = site.openapi()["paths"].values()
        declared = [o.get("parameters", []) for path in paths for o in path.values()]
        self.lists = {p["name"] for p in chain(*declared) if "'array'" in str(p)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if query := scope.get("query_string"):
            kept: dict[tuple[str, int], str] = {}
            for place, field in enumerate(query.decode("latin-1").split("&")):
                name = unquote_plus(field.partition("=")[0])
                kept.setdefault((name, place if name in self.lists else 0), field)
            scope = {**scope, "query_string": "&".join(kept.values()).encode("latin-1")}
        await self.app(scope, receive, send)


def install(app: FastAPI) -> None:
    app.add_middleware(FirstValueWins, site=app)

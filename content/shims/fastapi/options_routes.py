from fastapi import FastAPI, Request, Response
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import Match


def install(app: FastAPI) -> None:
    inner = app.exception_handlers.get(405)

    @app.exception_handler(405)
    async def options(request: Request, error: HTTPException) -> Response:
        named = (error.headers or {}).get("Allow", "")
        allowed = {"OPTIONS", *named.split(", ")} - {""}
        if "route" in request.scope:
            for route in iter_route_contexts(app.routes):
                match, _ = route.matches(request.scope)
                if route.methods and match is not Match.NONE:
                    allowed |= route.methods
        headers = {"Allow": ", ".join(sorted(allowed))}
        if request.method == "OPTIONS":
            return Response(headers=headers)
        refuse = inner or app.exception_handlers[HTTPException]
        answer = refuse(request, HTTPException(405, error.detail, headers))
        return answer if isinstance(answer, Response) else await answer

from fastapi import FastAPI
from starlette.routing import BaseRoute, Route


def has_parameters(route: BaseRoute) -> bool:
    return not isinstance(route, Route) or "{" in route.path


def install(app: FastAPI) -> None:
    app.router.routes.sort(key=has_parameters)

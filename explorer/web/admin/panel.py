"""The admin as a part of the site: sqladmin with our views, our sign-in, our pages, and none of its own scripts.

Of sqladmin's routes only the start, signing in and signing out are left; all else are views with routes of their own.
"""

from __future__ import annotations

from fastapi import FastAPI
from sqladmin import Admin, BaseView
from sqladmin.authentication import login_required
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from explorer.publisher import Publisher
from explorer.settings import ROOT
from explorer.web.admin import errors
from explorer.web.admin.account import Account
from explorer.web.admin.companions import Companions
from explorer.web.admin.comparing import Comparing
from explorer.web.admin.cookie import identify
from explorer.web.admin.dashboard import dashboard
from explorer.web.admin.desk import Desk
from explorer.web.admin.editing import Editing
from explorer.web.admin.editors import EditorPages
from explorer.web.admin.history import History
from explorer.web.admin.merging import Merging
from explorer.web.admin.origins import SameOrigin
from explorer.web.admin.pages import lead
from explorer.web.admin.previews import Previews
from explorer.web.admin.restoring import Restoring
from explorer.web.admin.sections import Sections
from explorer.web.admin.settingup import SettingUp
from explorer.web.admin.sharing import Sharing, shared_route
from explorer.web.admin.signing import Auth, sign_in_page, under_admin
from explorer.web.admin.tables import TABLES
from explorer.web.admin.topics import Topics
from explorer.web.admin.upgrading import Upgrading
from explorer.web.problems import Look
from explorer.web.state import State

VIEWS: tuple[type[BaseView], ...] = (
    *(SettingUp, Account, EditorPages),
    *(Topics, Sections, Editing, Merging, Previews, Companions),
    *(History, Comparing, Restoring, Upgrading, Sharing),
)
"""Views in modules of their own. Names of their methods are names of routes: each only once."""


def install(app: FastAPI, state: State, publisher: Publisher) -> Look:
    """Put the admin under /admin of the site. Returns how errors under that path look."""
    desk = Desk(state, publisher)
    panel = Panel(app, desk)
    app.router.routes.append(shared_route(desk))
    app.router.add_route("/admin", _to_start, include_in_schema=False)
    return errors.look(panel.admin)


class Panel(Admin):
    """sqladmin, with pages of ours."""

    def __init__(self, app: FastAPI, desk: Desk) -> None:
        """Mount the admin on the site."""
        super().__init__(
            app,
            engine=desk.database.engine,
            templates_dir=str(ROOT / "templates" / "admin"),
            authentication_backend=Auth(),
            middlewares=[Middleware(SameOrigin)],
        )
        self.admin.state.desk = desk
        self.admin.state.explorer = desk.state
        self.admin.state.looks = {}  # the site's handler of faults asks, though the answer here is sent already
        self.admin.exception_handlers = dict(errors.HANDLERS)
        self.admin.router.redirect_slashes = False  # its redirects would name the host that the client named
        self.admin.router.routes = [
            Route("/", self.index, name="index"),
            Route("/login", self.login, name="login", methods=["GET", "POST"]),
            Route("/logout", self.logout, name="logout", methods=["POST"]),
        ]
        for view in (*VIEWS, *TABLES):
            self.add_view(view)
        self.admin.router.routes.sort(key=_parameters)  # /topics/new before /topics/{slug}

    @login_required
    async def index(self, request: Request) -> Response:
        """Show what needs work."""
        return await dashboard(request)

    async def login(self, request: Request) -> Response:
        """Show the sign-in page, or sign in."""
        to = under_admin(request.query_params.get("next", ""))
        if request.method == "POST":
            assert isinstance(self.authentication_backend, Auth)
            return await self.authentication_backend.login(request)
        return lead(request, to) if await identify(request) else await sign_in_page(request, to)


def _parameters(route: object) -> int:
    return getattr(route, "path", "").count("{")


async def _to_start(request: Request) -> Response:
    """Lead from /admin to its start."""
    state: State = request.app.state.explorer
    return RedirectResponse(state.templates.url("/admin/"), 308, {"Cache-Control": "no-store"})

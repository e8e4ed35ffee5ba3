"""The page behind a one-time link: somebody chooses a password, the first owner a name too."""

from __future__ import annotations

from sqladmin import BaseView, expose
from starlette.requests import Request
from starlette.responses import Response

from explorer import editors, sessions
from explorer.errors import Busy, Refused
from explorer.models import SetupLink
from explorer.throttle import Throttled
from explorer.web.admin.cookie import with_cookie
from explorer.web.admin.desk import desk_of
from explorer.web.admin.errors import error_page
from explorer.web.admin.forms import read_form
from explorer.web.admin.pages import done, page
from explorer.web.admin.signing import HOME
from explorer.web.limits import address_of

GONE = (
    "This link was used, is too old or was replaced by a newer one. Ask an owner for another, or run "
    "`explorer editor password NAME --link` on the server."
)


class SettingUp(BaseView):
    """Set-up links."""

    @expose("/setup/{token}", methods=["GET"])
    async def show_setup(self, request: Request) -> Response:
        """Show the form."""
        link = await editors.look_up_link(desk_of(request).database, request.path_params["token"])
        return await _form(request, link) if link else error_page(request, 404, "This link leads nowhere", GONE)

    @expose("/setup/{token}", methods=["POST"])
    async def use_setup(self, request: Request) -> Response:
        """Set the password and sign in with it."""
        database, token, form = desk_of(request).database, request.path_params["token"], await read_form(request)
        link = await editors.look_up_link(database, token)
        if link is None:
            return error_page(request, 404, "This link leads nowhere", GONE)
        name, password = form.get("name", ""), form.get("password", "")
        try:
            if password != form.get("again", ""):
                raise Refused("The two passwords are not the same: type both again.")
            editor = await editors.use_link(database, token, password, name)
        except (Refused, Busy) as error:
            return await _form(request, link, name=name, wrong=error.detail, status=error.status)
        try:
            session = await sessions.sign_in(database, editor.name, password, address_of(request.scope))
        except (Throttled, Busy):
            return done(request, "/admin/login", "chosen")
        return with_cookie(request, done(request, HOME, "welcome"), session)


async def _form(
    request: Request, link: SetupLink, *, name: str = "", wrong: str | None = None, status: int = 200
) -> Response:
    whose = await editors.whose_link(desk_of(request).database, link)
    context = {"whose": whose, "name": name[:100], "wrong": wrong}
    return page(request, "admin/setup.html", context, status)

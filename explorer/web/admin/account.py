"""What everybody may do about their own account: another password, and an end of sessions elsewhere."""

from __future__ import annotations

from sqladmin import BaseView, expose
from starlette.requests import Request
from starlette.responses import Response

from explorer import sessions
from explorer.editors import hash_token
from explorer.errors import Busy, ExplorerError, Refused
from explorer.sessions import IDLE, WrongPassword
from explorer.throttle import Throttled
from explorer.web.admin.cookie import token_of, with_cookie
from explorer.web.admin.desk import desk_of, editor_of
from explorer.web.admin.forms import read_form
from explorer.web.admin.pages import done, page, waiting
from explorer.web.limits import address_of

PATH = "/admin/account"


class Account(BaseView):
    """One's own account."""

    @expose("/account", methods=["GET"])
    async def account(self, request: Request) -> Response:
        """Show name, role and sessions."""
        return await _account(request)

    @expose("/account/password", methods=["POST"])
    async def change_password(self, request: Request) -> Response:
        """Set a new password; whoever knows the current one stays signed in here, and only here."""
        form, editor = await read_form(request), editor_of(request)
        try:
            if form.get("password", "") != form.get("again", ""):
                raise Refused("The two new passwords are not the same: type both again.")
            token = await sessions.change_password(
                desk_of(request).database,
                editor,
                form.get("current", ""),
                form.get("password", ""),
                address_of(request.scope),
            )
        except WrongPassword:
            return await _account(request, Refused("The current password is another one."))
        except (Refused, Throttled, Busy) as error:
            return await _account(request, error)
        return with_cookie(request, done(request, PATH, "password"), token)

    @expose("/account/others", methods=["POST"])
    async def end_others(self, request: Request) -> Response:
        """End all sessions but this one."""
        await sessions.sign_out_others(desk_of(request).database, editor_of(request), token_of(request) or "")
        return done(request, PATH, "others")


async def _account(request: Request, error: ExplorerError | None = None) -> Response:
    mine = await sessions.opened(desk_of(request).database, editor_of(request))
    here = hash_token(token_of(request) or "")
    context = {
        "sessions": [(row.created_at, row.expires_at - IDLE, row.token_hash == here) for row in mine],
        "wrong": error.detail if error else None,
    }
    return page(request, "admin/account.html", context, error.status if error else 200, waiting(error))

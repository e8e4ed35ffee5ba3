"""Links to drafts for people without an account: making and ending them in the admin, and the page behind one.

That page is the real one, with the site's own policy and a banner that says what it is. It is outside of /admin: who
opens it needs no session, and sees nothing else of a draft.
"""

from __future__ import annotations

from datetime import datetime

from sqladmin import BaseView, expose
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from explorer import revisions, shares
from explorer.errors import NotFound, Refused
from explorer.models import Revision, Share
from explorer.views.topic import Draft
from explorer.web.admin.desk import Desk, desk_of, editor_of
from explorer.web.admin.forms import read_form
from explorer.web.admin.history import history_page
from explorer.web.admin.pages import done, page
from explorer.web.admin.standing import standing_of
from explorer.web.admin.typed import number_of
from explorer.web.admin.versions import title_of

GONE = (
    "This link was ended, is too old, or a part of it is missing. Ask whoever gave it to you for another; "
    "what is published stands in the list of topics."
)


class Sharing(BaseView):
    """Links to the drafts of a topic."""

    @expose("/topics/{slug}/share", methods=["POST"])
    async def share_topic(self, request: Request) -> Response:
        """Make a link to a draft and show it, once."""
        form, standing, desk = await read_form(request), await standing_of(request), desk_of(request)
        number, days = number_of(form.get("number", "")), number_of(form.get("days", ""))
        try:
            token, until = await shares.share(desk.database, standing.slug, number, days, by=editor_of(request).name)
        except Refused as error:
            return await history_page(request, error)
        path = desk.state.templates.url(f"/preview/{token}")
        context = {
            "standing": standing,
            "title": title_of(desk, standing.slug),
            "number": number,
            "until": until,
            "link": str(request.url.replace(path=path, query="", fragment="")),
        }
        return page(request, "admin/shared.html", context)

    @expose("/topics/{slug}/unshare", methods=["POST"])
    async def unshare_topic(self, request: Request) -> Response:
        """End all links of the topic."""
        standing = await standing_of(request)
        await shares.end_shares(desk_of(request).database, standing.slug, by=editor_of(request).name)
        return done(request, f"/admin/topics/{standing.slug}/history", "unshared")


def shared_route(desk: Desk) -> Route:
    """Return the route of the page behind a link; it belongs to the site, not to the admin."""

    async def show_shared(request: Request) -> Response:
        return await _shared_page(desk, request.path_params["token"])

    return Route("/preview/{token}", show_shared, include_in_schema=False)


async def _shared_page(desk: Desk, token: str) -> Response:
    """Return the page behind a link. Raises NotFound in words, DatabaseAway."""
    share = await shares.shared(desk.database, token)
    revision = await revisions.revision_of(desk.database, share.topic, share.number) if share else None
    if share is None or revision is None:
        raise NotFound(GONE)
    newest = await revisions.revision_of(desk.database, share.topic)
    draft = _draft(desk, share, revision, newest is None or newest.number > revision.number)
    async with desk.renderings:
        html = await run_in_threadpool(_render, desk, revision, draft)
    if html is None:
        raise NotFound("The words behind this link cannot be shown as a page. Ask whoever gave it to you for another.")
    return HTMLResponse(html)


def _render(desk: Desk, revision: Revision, draft: Draft) -> bytes | None:
    return desk.publisher.consider(revision.topic, revision.wording).html(draft)


def _draft(desk: Desk, share: Share, revision: Revision, outdated: bool) -> Draft:
    live = desk.state.templates.url(f"/topics/{share.topic}") if desk.publisher.shown(share.topic).live else None
    saved, until = _moment(revision.saved_at), _moment(share.expires_at)
    return Draft(revision.number, revision.author, saved, until, outdated, live)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"

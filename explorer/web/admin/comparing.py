"""Two versions of a topic beside each other: what differs word by word, and both pages as readers would see them.

`/compare` without choices holds the newest version against what is live. Pages are shown in frames, without script.
"""

from __future__ import annotations

from sqladmin import BaseView, expose
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from explorer import revisions
from explorer.editors import may
from explorer.topics import Wording
from explorer.web.admin.desk import Desk, desk_of, editor_of
from explorer.web.admin.fields import WordsDiff, compare_words
from explorer.web.admin.pages import page
from explorer.web.admin.previews import look_at
from explorer.web.admin.standing import standing_of
from explorer.web.admin.versions import LIVE, live_version, title_of, version_of


class Comparing(BaseView):
    """Versions beside each other."""

    @expose("/topics/{slug}/compare", methods=["GET"])
    async def compare_topic(self, request: Request) -> Response:
        """Compare the versions that `left` and `right` name: the live and the newest one if they do not."""
        desk, standing, query = desk_of(request), await standing_of(request), request.query_params
        newest = str(standing.number) if standing.number else "shipped"
        left = await version_of(desk, standing.slug, query.get("left", LIVE))
        right = await version_of(desk, standing.slug, query.get("right", newest))
        context = {
            "standing": standing,
            "title": title_of(desk, standing.slug),
            "left": left,
            "right": right,
            "live": live_version(desk, standing.slug),
            "versions": await revisions.history(desk.database, standing.slug),
            "diff": await differences(desk, left.words, right.words),
            "publishes": may(editor_of(request), "publisher"),
        }
        return page(request, "admin/compare.html", context)

    @expose("/topics/{slug}/rendered", methods=["GET"])
    async def rendered_topic(self, request: Request) -> Response:
        """Show the page of the version that `of` names, for a frame."""
        desk, standing = desk_of(request), await standing_of(request)
        version = await version_of(desk, standing.slug, request.query_params.get("of", LIVE))
        look = await look_at(desk, standing.slug, version.words) if version.words else None
        if look and look.html:
            return HTMLResponse(look.html)
        return page(request, "admin/unshown.html", {"version": version, "look": look}, 404)


async def differences(desk: Desk, left: Wording | None, right: Wording | None) -> WordsDiff:
    """Return what differs between two versions."""
    async with desk.renderings:
        return await run_in_threadpool(compare_words, left, right, desk.state.live.current.content.sections)

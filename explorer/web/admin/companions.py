"""Who else has a topic open, told to script every few seconds; and whether somebody saved it meanwhile."""

from __future__ import annotations

from sqladmin import BaseView, expose
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from explorer import presence
from explorer.web.admin.desk import desk_of, editor_of
from explorer.web.admin.standing import standing_of


class Companions(BaseView):
    """Editors of the same topic."""

    @expose("/topics/{slug}/presence", methods=["POST"])
    async def arrive_topic(self, request: Request) -> Response:
        """Note that the topic is open here; answer who else has it open, and what was saved last."""
        standing = await standing_of(request)
        others = await presence.arrive(desk_of(request).database, editor_of(request), standing.slug)
        author = standing.newest.author if standing.newest else ""
        return JSONResponse({"others": list(others), "number": standing.number, "author": author})

    @expose("/topics/{slug}/leave", methods=["POST"])
    async def leave_topic(self, request: Request) -> Response:
        """Note that the topic is closed."""
        standing = await standing_of(request)
        await presence.leave(desk_of(request).database, editor_of(request), standing.slug)
        return JSONResponse({})

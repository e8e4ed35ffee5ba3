"""The history of a topic: every version with who, when, why and state, ways to compare them, links to drafts.

Lists; restoring and archiving are in `restoring`, making links in `sharing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqladmin import BaseView, expose
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from explorer import revisions, shares
from explorer.editors import may
from explorer.errors import Refused
from explorer.models import Revision
from explorer.web.admin.desk import desk_of, editor_of
from explorer.web.admin.pages import page
from explorer.web.admin.standing import standing_of
from explorer.web.admin.versions import live_version, title_of

SIZE = 25
"""Versions of a page."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A version in the list."""

    revision: Revision
    decides: bool
    """Whether it is what readers see, or why they see nothing."""
    before: str
    """The name of the version below it."""


class History(BaseView):
    """What was saved of a topic."""

    @expose("/topics/{slug}/history", methods=["GET"])
    async def topic_history(self, request: Request) -> Response:
        """List versions, the newest first."""
        return await history_page(request)


async def history_page(request: Request, error: Refused | None = None) -> Response:
    """Return the page; `error` is why a link could not be made."""
    desk, standing = desk_of(request), await standing_of(request)
    found = await revisions.history(desk.database, standing.slug)
    number, pages = request.query_params.get("page", "1"), max(1, -(-len(found) // SIZE))
    if not (number.isascii() and number.isdecimal() and len(number) < 9 and 1 <= int(number) <= pages):
        raise HTTPException(404)
    live, start = live_version(desk, standing.slug), (int(number) - 1) * SIZE
    deciding = live.revision.number if live.revision else None
    lowest = "shipped" if standing.shipped else ""
    context = {
        "standing": standing,
        "title": title_of(desk, standing.slug),
        "live": live,
        "unreadable": desk.publisher.unreadable.get(standing.slug),
        "news": desk.publisher.shown(standing.slug).news,
        "entries": _entries(found[start : start + SIZE], deciding, lowest),
        "count": len(found),
        "page": int(number),
        "pages": pages,
        "draft_on_top": standing.newest is not None and standing.newest.state == "draft",
        "drafts": [revision for revision in found if revision.state == "draft"][:SIZE],
        "shares": await shares.open_shares(desk.database, standing.slug),
        "days": shares.DAYS,
        "publishes": may(editor_of(request), "publisher"),
        "wrong": error.detail if error else None,
    }
    return page(request, "admin/history.html", context, error.status if error else 200)


def _entries(found: Sequence[Revision], deciding: int | None, lowest: str) -> list[Entry]:
    return [Entry(one, one.number == deciding, str(one.number - 1) if one.number > 1 else lowest) for one in found]

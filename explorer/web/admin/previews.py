"""What words would look like: the real page in a frame, without script, and what is wrong with them.

Saves nothing. The page is shown in a sandbox that neither runs a script nor sends a form.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqladmin import BaseView, expose
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from explorer.candidates import Candidate, Remark
from explorer.claims import Claim
from explorer.errors import Complaint
from explorer.topics import Wording
from explorer.web.admin.desk import Desk, desk_of
from explorer.web.admin.forms import read_form
from explorer.web.admin.remarks import Row, error, mark_of, rows
from explorer.web.admin.standing import Standing, standing_of
from explorer.web.admin.typed import Typed, read_typed, typed_of

BEHIND = (
    "the text in the files changed after this draft was begun; readers see the new one, and publishing takes it away.",
    "compare the draft with what is live, and take over what changed.",
)
_ACTIVE = re.compile(r"<script\b[^>]*></script>|<iframe\b[^>]*></iframe>")
"""What needs the site's own policy: our scripts, and demos in frames of their own. Words cannot hold either."""


class Previews(BaseView):
    """The page while it is typed."""

    @expose("/topics/{slug}/preview", methods=["POST"])
    async def preview_topic(self, request: Request) -> Response:
        """Answer script with the page, and with the list of what is wrong as HTML."""
        standing, desk = await standing_of(request), desk_of(request)
        look = await look_at(desk, standing.slug, read_typed(await read_form(request)), standing)
        return JSONResponse({"html": look.html, "remarks": findings(desk, look)})


@dataclass(frozen=True, slots=True)
class Look:
    """Words as they would be shown."""

    html: str | None
    """The page as it stands, without script; None if it cannot be made."""
    rows: Sequence[Row]
    claims: Sequence[Claim]
    mark: str
    """What stands for the warnings, see `remarks.mark_of`."""

    @property
    def errors(self) -> int:
        """Count what stands in the way of publishing."""
        return sum(row.level == "error" for row in self.rows)

    @property
    def warnings(self) -> int:
        """Count what asks."""
        return len(self.rows) - self.errors


async def look_at(desk: Desk, slug: str, words: Wording | Typed, standing: Standing | None = None) -> Look:
    """Return what words or a form would look like; with `standing`, also whether its draft is behind the files."""
    behind = standing is not None and is_behind(desk, standing)
    typed = words if isinstance(words, Typed) else typed_of(words, None, None)
    async with desk.renderings:
        return await run_in_threadpool(_look, desk, slug, typed, behind)


def is_behind(desk: Desk, standing: Standing) -> bool:
    """Tell whether readers see shipped words that are newer than those a draft was begun with."""
    draft = standing.newest if standing.newest and standing.newest.state == "draft" else None
    edited = desk.publisher.deciding(standing.slug) is not None
    return draft is not None and not edited and draft.shipped_wording != standing.shipped


def _look(desk: Desk, slug: str, typed: Typed, behind: bool) -> Look:
    candidate = desk.publisher.consider(slug, typed.words)
    wrong = [error(typed.complaint)] if typed.complaint else []
    late = [Remark("warning", Complaint(f"content/topics/{slug}/topic.md", 1, *BEHIND))] if behind else []
    remarks = (*wrong, *late, *candidate.remarks)
    return Look(still(candidate.html()), rows(remarks, slug), _claims(candidate), mark_of(remarks))


def still(html: bytes | None) -> str | None:
    """Return a page without what runs in it."""
    return None if html is None else _ACTIVE.sub("", html.decode())


def _claims(candidate: Candidate) -> Sequence[Claim]:
    if candidate.catalog is None or candidate.topic is None:
        return ()
    return candidate.catalog.words(candidate.topic.slug).claims


def findings(desk: Desk, look: Look) -> str:
    """Return the list of what is wrong as HTML."""
    return desk.state.templates.render_fragment("admin/_remarks.html", "findings", look)

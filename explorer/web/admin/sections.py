"""The order of the sections: shown, and changed one at a time. Their titles come with the files."""

from __future__ import annotations

from collections.abc import Mapping

from sqladmin import BaseView, expose
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from explorer import revisions
from explorer.editors import may
from explorer.revisions import SECTIONS, Stale
from explorer.web.admin.desk import Desk, desk_of, editor_of
from explorer.web.admin.forms import from_script, read_form
from explorer.web.admin.moving import Gone
from explorer.web.admin.pages import lead, page

PATH = "/admin/sections"


class Sections(BaseView):
    """The sections of the site."""

    @expose("/sections", methods=["GET"])
    async def sections(self, request: Request) -> Response:
        """List the sections in their order."""
        return _list(request)

    @expose("/sections/order", methods=["POST"])
    async def order_sections(self, request: Request) -> Response:
        """Move a section: one place up or down, or before another one."""
        form = await read_form(request)
        try:
            said = await _move(desk_of(request), editor_of(request).name, form)
        except (Gone, Stale):
            detail = "The order changed meanwhile. This is how it is now: move the section again."
            return JSONResponse({"detail": detail}, 409) if from_script(request) else _list(request, detail, 409)
        if from_script(request):
            return JSONResponse({"said": said})
        return lead(request, f"{PATH}?done=placed#topic-{form['slug']}")


async def _move(desk: Desk, author: str, form: Mapping[str, str]) -> str:
    """Move a section and say where it is now. Raises Gone, Stale, DatabaseAway."""
    newest = await revisions.revision_of(desk.database, SECTIONS)
    await desk.publisher.refresh()  # after that: a move by another process is in it, or makes this one stale
    sections = desk.state.live.current.content.sections
    section = next((section for section in sections if section.id == form.get("slug")), None)
    if section is None:
        raise Gone("There is no such section.")
    others = [other.id for other in sections if other != section]
    at = _place(form, others, section.position - 1)
    order = [*others[:at], section.id, *others[at:]]
    said = f"{section.title} is at place {at + 1} of {len(order)}."
    if order == [other.id for other in sections]:
        return said
    why = f"Moved {section.title} to place {at + 1} of {len(order)}"
    await desk.publisher.arrange(order, author=author, why=why, based_on=newest.number if newest else 0)
    return said


def _place(form: Mapping[str, str], others: list[str], now: int) -> int:
    """Return the place among the others to which a form moves a section. Raises Gone."""
    if form.get("move") in ("up", "down"):
        return min(max(now + (-1 if form["move"] == "up" else 1), 0), len(others))
    before = form.get("before")
    if not before:
        return len(others)
    if before not in others:
        raise Gone("There is no such section.")
    return others.index(before)


def _list(request: Request, wrong: str = "", status: int = 200) -> Response:
    content = desk_of(request).state.live.current.content
    counts = {s.id: sum(topic.section.id == s.id for topic in content.topics) for s in content.sections}
    moves = may(editor_of(request), "publisher")
    context = {"sections": content.sections, "counts": counts, "wrong": wrong, "moves": moves}
    return page(request, "admin/sections.html", context, status)

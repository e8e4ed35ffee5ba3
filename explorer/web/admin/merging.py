"""The page of a stale save: both texts and a choice for each change; and what comes of the choices.

Saves nothing: what is put together goes back into the editor, to be looked at and saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqladmin import BaseView, expose
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from explorer.web.admin import conflicts
from explorer.web.admin.desk import desk_of
from explorer.web.admin.forms import from_script, read_form
from explorer.web.admin.pages import page
from explorer.web.admin.sheet import sheet
from explorer.web.admin.standing import Standing, standing_of, words_at
from explorer.web.admin.typed import Typed, number_of, read_typed, rebased


class Merging(BaseView):
    """What comes of two texts."""

    @expose("/topics/{slug}/merge", methods=["POST"])
    async def merge_topic(self, request: Request) -> Response:
        """Put the choices together and go on editing."""
        form, standing, desk = await read_form(request), await standing_of(request), desk_of(request)
        typed, against = read_typed(form), number_of(form.get("against", ""))
        theirs = await words_at(desk, standing, against) if against >= 0 else None
        if theirs is None:
            return await conflict(request, standing, typed)
        base = await words_at(desk, standing, typed.based_on, typed.shipped) if typed.based_on >= 0 else None
        merged = await run_in_threadpool(conflicts.settle, base, typed, theirs, form)
        if merged is None:
            return await conflict(request, standing, typed, picked=form)
        seen = replace(rebased(merged, standing.newest, standing.shipped), based_on=against)
        said = "Both texts are put together here. Look it over, then save: nothing is saved yet."
        return await sheet(request, standing, seen, said=said)


async def conflict(
    request: Request, standing: Standing, typed: Typed, *, picked: Mapping[str, str] | None = None
) -> Response:
    """Answer a save that is stale: 409. `picked` are choices of which some are missing: 400."""
    status = 409 if picked is None else 400
    if from_script(request):
        return JSONResponse({"detail": "Somebody else saved this topic."}, status)
    desk = desk_of(request)
    base = await words_at(desk, standing, typed.based_on, typed.shipped) if typed.based_on >= 0 else None
    context = {
        "standing": standing,
        "typed": typed,
        "fields": await run_in_threadpool(conflicts.conflict, base, typed, standing.words),
        "choices": conflicts.CHOICES,
        "picked": picked or {},
        "status": status,
    }
    return page(request, "admin/conflict.html", context, status)

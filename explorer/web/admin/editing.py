"""The editor of a topic: showing it, saving a draft, publishing.

Whatever a save is answered with, what was typed is in the answer or still in the browser. Whether words are right is
decided in `candidates`, whether a save is stale in `revisions`.
"""

from __future__ import annotations

from dataclasses import replace

from sqladmin import BaseView, expose
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from explorer.editors import may
from explorer.errors import DatabaseAway, Refused
from explorer.revisions import Shipped, Stale
from explorer.web.admin.desk import desk_of, editor_of
from explorer.web.admin.done import DONE
from explorer.web.admin.forms import from_script, read_form
from explorer.web.admin.merging import conflict
from explorer.web.admin.pages import in_time, lead, waiting
from explorer.web.admin.previews import look_at
from explorer.web.admin.sheet import refuse, sheet
from explorer.web.admin.standing import Standing, standing_of
from explorer.web.admin.typed import Typed, button_of, read_typed, typed_of

DRAFT = "Draft"
"""What the history says of a draft whose author gives no reason."""


class Editing(BaseView):
    """One topic, to be edited."""

    @expose("/topics/{slug}", methods=["GET"])
    async def edit_topic(self, request: Request) -> Response:
        """Show the editor with the newest words."""
        standing = await standing_of(request)
        return await sheet(request, standing, typed_of(standing.words, standing.newest, standing.shipped))

    @expose("/topics/{slug}", methods=["POST"])
    async def save_topic(self, request: Request) -> Response:
        """Save what was typed as a draft, publish it, or show what it would look like."""
        form, standing = await read_form(request), await standing_of(request)
        typed, button = read_typed(form), button_of(form)
        if button == "preview":
            return await sheet(
                request, standing, typed, look=await look_at(desk_of(request), standing.slug, typed, standing)
            )
        if button == "publish":
            return await _held_back(request, standing, typed) or await _save(request, standing, typed, publish=True)
        if typed.complaint:
            wrong = typed.complaint
            return await refuse(request, standing, typed, 400, f"Not saved: {wrong.message} Mend: {wrong.mend}")
        return await _save(request, standing, typed, publish=False)


async def _held_back(request: Request, standing: Standing, typed: Typed) -> Response | None:
    """Answer a wish to publish that is not granted, None if nothing stands in the way."""
    if not may(editor_of(request), "publisher"):
        said = "Not published: your role saves drafts, and a publisher makes them live. Save it as a draft."
        return await refuse(request, standing, typed, 403, said)
    look = await look_at(desk_of(request), standing.slug, typed, standing)
    if look.errors:
        said = "Not published: mend what is listed as an error. A draft can be saved as it is."
    elif not typed.why.strip():
        said = "Not published: say in a few words why. It stands in the history."
    elif look.mark != typed.accepted:
        typed = replace(typed, accepted=look.mark)
        said = "Not published yet: look at the warnings. Publish again if it is to be so."
    else:
        return None
    return await refuse(request, standing, typed, 400, said, look)


async def _save(request: Request, standing: Standing, typed: Typed, *, publish: bool) -> Response:
    """Save words that may be saved, and answer for every way in which that ends."""
    same = typed.words == standing.words
    if same and standing.settled(published=publish):
        return _done(request, standing, typed, "unchanged")
    fingerprint = standing.shipped.fingerprint if standing.shipped else ""
    try:
        if typed.based_on == 0 and typed.shipped != fingerprint and not same:
            raise Stale(standing.newest, typed.words)  # other files were deployed meanwhile
        revision = await desk_of(request).publisher.save(
            standing.slug,
            typed.words,
            author=editor_of(request).name,
            why=typed.why.strip() or ("" if publish else DRAFT),
            based_on=standing.number if same else typed.based_on,
            state="published" if publish else "draft",
            shipped=standing.shipped if standing.newest is None else Shipped.AS_BEFORE,
        )
    except Stale as error:
        return await conflict(request, replace(standing, newest=error.newest), typed)
    except Refused as error:
        return await refuse(request, standing, typed, 400, f"Not saved: {error.detail}")
    except DatabaseAway as error:
        said = f"Not saved: {error.detail} What you typed is here; save it again in a moment."
        return await refuse(request, standing, typed, 503, said, headers=waiting(error))
    code = in_time(request, "published") if publish else "draft"
    return _done(request, replace(standing, newest=revision), typed, code)


def _done(request: Request, standing: Standing, typed: Typed, code: str) -> Response:
    """Answer a save that went well: the browser may forget what it kept under this name."""
    path = f"/admin/topics/{standing.slug}?done={code}" + (f"&kept={typed.kept}" if typed.kept else "")
    if not from_script(request):
        return lead(request, path)
    templates, newest = desk_of(request).state.templates, standing.newest
    told = {"url": templates.url(path), "based_on": standing.number, "said": DONE[code]}
    if newest:
        badge = templates.render_fragment("admin/_parts.html", "state", newest.state)
        told |= {"state": badge, "last": f"number {newest.number}, {newest.author}, {newest.saved_at:%H:%M:%S} UTC"}
    return JSONResponse(told)

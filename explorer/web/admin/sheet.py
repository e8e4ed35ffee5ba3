"""The page of the editor: a form with what was typed or what there is, and what goes with it.

Shows; saves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from explorer import presence
from explorer.editors import may
from explorer.revisions import LIMIT
from explorer.settings import WORDS_LIMIT
from explorer.web.admin.desk import desk_of, editor_of
from explorer.web.admin.forms import from_script
from explorer.web.admin.materials import materials
from explorer.web.admin.pages import page
from explorer.web.admin.previews import Look, findings
from explorer.web.admin.standing import Standing
from explorer.web.admin.typed import Typed


async def sheet(
    request: Request,
    standing: Standing,
    typed: Typed,
    *,
    status: int = 200,
    said: str = "",
    look: Look | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the editor with what is in `typed`, which is kept to the letter. `said` is what became of it."""
    desk, slug = desk_of(request), standing.slug
    catalog, topic = desk.state.live.current, desk.publisher.base(slug)
    variants = {variant.id: variant.title for variant in topic.variants}
    live = catalog.topics.get(slug)
    context = {
        "standing": standing,
        "typed": typed,
        "saved": typed.words == standing.words and not typed.complaint,
        "title": live.title if live else slug,
        "live": live is not None,
        "sections": catalog.content.sections,
        "variants": variants | {variant: variant for variant in typed.notes if variant not in variants},
        "materials": materials(catalog, topic),
        "news": desk.publisher.shown(slug).news,
        "publishes": may(editor_of(request), "publisher"),
        "others": await _others(request, slug) if status != 503 else (),
        "look": look,
        "notice": said,
        "status": status,
        "limits": {"field": LIMIT, "form": WORDS_LIMIT},
    }
    return page(request, "admin/edit.html", context, status, headers)


async def refuse(
    request: Request,
    standing: Standing,
    typed: Typed,
    status: int,
    said: str,
    look: Look | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer a save that was refused: script with what is wrong, a form with everything that was typed."""
    if not from_script(request):
        return await sheet(request, standing, typed, status=status, said=said, look=look, headers=headers)
    told = {"detail": said, "accepted": typed.accepted}
    if look:
        told |= {"remarks": findings(desk_of(request), look)}
    return JSONResponse(told, status, headers)


async def _others(request: Request, slug: str) -> list[str]:
    """Return who else has the topic open."""
    there = await presence.present(desk_of(request).database)
    return [name for name in there.get(slug, ()) if name != editor_of(request).name]

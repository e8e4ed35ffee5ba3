"""All topics: the list, making a new one, and putting them in another order.

A new topic is a draft. Who moves a topic publishes it where it is to stand, with the words that are live.
"""

from __future__ import annotations

from sqladmin import BaseView, expose
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from explorer import revisions
from explorer.content.topic import SLUG
from explorer.editors import may
from explorer.errors import Refused
from explorer.revisions import Stale
from explorer.topics import Wording
from explorer.web.admin.desk import Desk, desk_of, editor_of
from explorer.web.admin.forms import from_script, read_form
from explorer.web.admin.moving import Gone, Move, move_of, next_position
from explorer.web.admin.pages import done, lead, page
from explorer.web.admin.shelf import shelf
from explorer.web.admin.standing import SLUG_LIMIT

PATH = "/admin/topics"
RESERVED = ("new", "order")
"""Addresses below `PATH` that are no topics."""
OUTLINE = "# {title}\n\n{summary}\n\n## What differs\n\n## When it does not matter\n\n## Sources\n"
"""What a new topic begins with: the sections that every topic has."""


class Topics(BaseView):
    """The list of topics."""

    @expose("/topics", methods=["GET"])
    async def topics(self, request: Request) -> Response:
        """List all topics, or those that a search finds."""
        return await _list(request)

    @expose("/topics/order", methods=["POST"])
    async def order_topics(self, request: Request) -> Response:
        """Move a topic: one place up or down, or before another one."""
        desk, form = desk_of(request), await read_form(request)
        try:
            moved = await Move(desk, editor_of(request)).do(move_of(desk, form))
        except (Gone, Stale):
            detail = "The order changed meanwhile, or the topic was saved. This is how it is now: move it again."
            return JSONResponse({"detail": detail}, 409) if from_script(request) else await _list(request, detail, 409)
        if from_script(request):
            return JSONResponse({"said": moved})
        return lead(request, f"{PATH}?done=moved#topic-{form['slug']}")

    @expose("/topics/new", methods=["GET"])
    async def new_topic(self, request: Request) -> Response:
        """Show the form for a new topic."""
        return _new(request, {})

    @expose("/topics/new", methods=["POST"])
    async def create_topic(self, request: Request) -> Response:
        """Make a new topic, as a draft."""
        desk, form = desk_of(request), await read_form(request)
        slug = form.get("slug", "").strip()
        try:
            await _check(desk, slug, form)
            text = OUTLINE.format(title=form["title"].strip(), summary=form["summary"].strip())
            words = Wording(text, "", form["section"], next_position(desk, form["section"]))
            author = editor_of(request).name
            await desk.publisher.save(slug, words, author=author, why="New topic", based_on=0, state="draft")
        except Stale:
            return _new(request, form, "slug", f"There is a topic {slug} already.", 409)
        except Unfit as error:
            return _new(request, form, error.field, error.detail, error.status)
        except Refused as error:
            return _new(request, form, "", error.detail, error.status)
        return done(request, f"{PATH}/{slug}", "created")


class Unfit(Refused):
    """A field of the form for a new topic that will not do."""

    status = 400

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


async def _check(desk: Desk, slug: str, form: dict[str, str]) -> None:
    """Raise Unfit for the first field that will not do."""
    if slug in RESERVED:
        raise Unfit("slug", f"The address {slug} is a page of the admin's own: choose another one.")
    if not SLUG.fullmatch(slug) or len(slug) > SLUG_LIMIT:
        raise Unfit("slug", f"Use small letters, digits and single hyphens, {SLUG_LIMIT} characters at most.")
    if slug in desk.publisher.slugs() or await revisions.revision_of(desk.database, slug):
        raise Unfit("slug", f"There is a topic {slug} already.")
    for name, what in (("title", "a title of one line"), ("summary", "one or two sentences")):
        if not form.get(name, "").strip() or (name == "title" and "\n" in form[name].strip()):
            raise Unfit(name, f"Write {what}.")
    if all(section.id != form.get("section") for section in desk.state.live.current.content.sections):
        raise Unfit("section", "Choose one of the sections.")


async def _list(request: Request, wrong: str = "", status: int = 200) -> Response:
    desk, search = desk_of(request), request.query_params.get("search", "")[:100]
    groups, absent = await shelf(desk, search)
    context = {
        "groups": groups,
        "absent": absent,
        "search": search,
        "wrong": wrong,
        "moves": may(editor_of(request), "publisher"),
    }
    return page(request, "admin/topics.html", context, status)


def _new(request: Request, form: dict[str, str], field: str = "", wrong: str = "", status: int = 200) -> Response:
    sections = desk_of(request).state.live.current.content.sections
    context = {"form": form, "field": field, "wrong": wrong, "sections": sections, "limit": SLUG_LIMIT}
    return page(request, "admin/new.html", context, status)

"""Publishing an old version again, and taking a topic off the site. Each is a page that says what it does, and a POST.

Bringing an archived topic back is publishing its last version again. Nothing is ever deleted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqladmin import BaseView, expose
from starlette.requests import Request
from starlette.responses import Response

from explorer.errors import Refused
from explorer.revisions import Shipped, Stale
from explorer.topics import Topic
from explorer.web.admin.comparing import differences
from explorer.web.admin.desk import Desk, desk_of, editor_of
from explorer.web.admin.forms import read_form
from explorer.web.admin.pages import done, in_time, page
from explorer.web.admin.previews import Look, look_at
from explorer.web.admin.standing import Standing, standing_of
from explorer.web.admin.typed import number_of
from explorer.web.admin.versions import SHIPPED, Version, live_version, title_of, version_of


class Restoring(BaseView):
    """Back to an old version, off the site, and back."""

    @expose("/topics/{slug}/restore", methods=["GET"])
    async def show_restore(self, request: Request) -> Response:
        """Say what publishing the version that `of` names again would do."""
        standing = await standing_of(request)
        return await _restore_page(request, standing, request.query_params.get("of", ""))

    @expose("/topics/{slug}/restore", methods=["POST"])
    async def restore_topic(self, request: Request) -> Response:
        """Publish it again, as the newest version."""
        form, standing, desk = await read_form(request), await standing_of(request), desk_of(request)
        version = await version_of(desk, standing.slug, form.get("of", ""))
        look = await _look(desk, standing, version)
        why, wrong, status = form.get("why", "").strip(), None, 400
        if version.words and version.words == live_version(desk, standing.slug).words:
            wrong, status = "Nothing was changed: readers see these words already.", 409
        elif version.words is None or look is None or look.errors:
            wrong = "Not published: mend what is listed as an error first. Open the version in the editor for that."
        elif not why:
            wrong = "Not published: say in a few words why. It stands in the history."
        elif look.mark != form.get("accepted", ""):
            wrong = "Not published yet: look at the warnings. Publish again if it is to be so."
        if wrong or version.words is None:
            return await _restore_page(request, standing, version.name, why=why, wrong=wrong, status=status)
        unseen = version.name == SHIPPED or standing.newest is None
        try:
            await desk.publisher.save(
                standing.slug,
                version.words,
                author=editor_of(request).name,
                why=why,
                based_on=number_of(form.get("based_on", "")),
                state="published",
                shipped=standing.shipped if unseen else Shipped.AS_BEFORE,
            )
        except (Stale, Refused) as error:
            now = await standing_of(request)
            return await _restore_page(
                request, now, version.name, why=why, wrong=_said(error, form), status=error.status
            )
        return decided(request, standing.slug, "restored")

    @expose("/topics/{slug}/archive", methods=["GET"])
    async def show_archive(self, request: Request) -> Response:
        """Say what taking the topic off the site would do."""
        return await _archive_page(request, await standing_of(request))

    @expose("/topics/{slug}/archive", methods=["POST"])
    async def archive_topic(self, request: Request) -> Response:
        """Take it off the site. Its live words are kept with that, to come back to."""
        form, standing, desk = await read_form(request), await standing_of(request), desk_of(request)
        why = form.get("why", "").strip()
        if not why:
            wrong = "Not archived: say in a few words why. It stands in the history."
            return await _archive_page(request, standing, wrong=wrong, status=400)
        if _is_archived(desk, standing.slug):
            return await _archive_page(request, standing, why=why, wrong="It is archived already.", status=409)
        try:
            await desk.publisher.save(
                standing.slug,
                desk.publisher.shown(standing.slug).live or standing.words,
                author=editor_of(request).name,
                why=why,
                based_on=number_of(form.get("based_on", "")),
                state="archived",
                shipped=Shipped.AS_BEFORE if desk.publisher.deciding(standing.slug) else standing.shipped,
            )
        except (Stale, Refused) as error:
            now = await standing_of(request)
            return await _archive_page(request, now, why=why, wrong=_said(error, form), status=error.status)
        return decided(request, standing.slug, "archived")


async def _restore_page(
    request: Request, standing: Standing, name: str, *, why: str = "", wrong: str | None = None, status: int = 200
) -> Response:
    desk = desk_of(request)
    version = await version_of(desk, standing.slug, name)
    live = live_version(desk, standing.slug)
    context = {
        "standing": standing,
        "title": title_of(desk, standing.slug),
        "version": version,
        "live": live,
        "archived": _is_archived(desk, standing.slug),
        "diff": await differences(desk, live.words, version.words),
        "look": await _look(desk, standing, version),
        "draft": _draft_beside(standing, version.name),
        "why": why,
        "wrong": wrong,
    }
    return page(request, "admin/restore.html", context, status)


async def _archive_page(
    request: Request, standing: Standing, *, why: str = "", wrong: str | None = None, status: int = 200
) -> Response:
    desk = desk_of(request)
    catalog, live = desk.state.live.current, live_version(desk, standing.slug)
    context = {
        "standing": standing,
        "title": title_of(desk, standing.slug),
        "live": live,
        "archived": _is_archived(desk, standing.slug),
        "leading": _leading_to(standing.slug, catalog.topics),
        "draft": _draft_beside(standing, live.name),
        "why": why,
        "wrong": wrong,
    }
    return page(request, "admin/archive.html", context, status)


async def _look(desk: Desk, standing: Standing, version: Version) -> Look | None:
    """Return what a version would look like, None if it has no words."""
    if version.words is None:
        return None
    newest = standing.newest and version.revision and standing.newest.number == version.revision.number
    return await look_at(desk, standing.slug, version.words, standing if newest else None)


def _is_archived(desk: Desk, slug: str) -> bool:
    deciding = desk.publisher.deciding(slug)
    return deciding is not None and deciding.state == "archived"


def _draft_beside(standing: Standing, name: str) -> int | None:
    """Return the number of the newest version if it is a draft that is left behind."""
    newest = standing.newest
    return newest.number if newest and newest.state == "draft" and str(newest.number) != name else None


def _leading_to(slug: str, topics: Mapping[str, Topic]) -> list[Topic]:
    """Return the topics whose words link to one."""
    link = re.compile(rf"\]\((?:\.\./|/topics/){re.escape(slug)}(?=[/#)\s])")
    return [topic for topic in topics.values() if topic.slug != slug and any(link.search(t) for t in _texts(topic))]


def _texts(topic: Topic) -> list[str]:
    return [topic.summary, topic.takeaway, topic.body, *(variant.notes for variant in topic.variants)]


def _said(error: Stale | Refused, form: Mapping[str, str]) -> str:
    """Return what became of a save that was refused."""
    if not isinstance(error, Stale):
        return f"Nothing was changed: {error.detail}"
    if error.newest is None or form.get("based_on", "") == "":
        return "Nothing was changed: the form did not say which version it began with. Send it from here."
    newest = error.newest
    return (
        f"Nothing was changed: {newest.author} saved number {newest.number} meanwhile ({newest.why}). "
        "Look at it, then decide again: what is shown here is how it stands now."
    )


def decided(request: Request, slug: str, code: str) -> Response:
    """Lead to the history, which says what is done, or that readers see it later."""
    return done(request, f"/admin/topics/{slug}/history", in_time(request, code))

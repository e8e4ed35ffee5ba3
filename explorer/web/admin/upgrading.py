"""The shipped text of an edited topic changed: three texts, and a choice to keep, to take, or to merge.

The choice is saved as a version that takes the shipped words of today into account, so it is asked for once. What is
merged is proposed line by line and finished by the editor. Decides nothing by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from sqladmin import BaseView, expose
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from explorer.candidates import Remark
from explorer.editors import may
from explorer.errors import Refused
from explorer.models import Revision, State
from explorer.revisions import Stale
from explorer.topics import Wording
from explorer.upgrades import News
from explorer.web.admin.comparing import differences
from explorer.web.admin.desk import Desk, desk_of, editor_of
from explorer.web.admin.forms import read_form
from explorer.web.admin.pages import page
from explorer.web.admin.previews import Look, look_at
from explorer.web.admin.proposals import left_marks, propose
from explorer.web.admin.remarks import Row, rows
from explorer.web.admin.restoring import decided
from explorer.web.admin.standing import Standing, standing_of
from explorer.web.admin.typed import Typed, number_of, read_typed
from explorer.web.admin.versions import title_of

Choice = Literal["keep", "take", "merge"]
DONE: dict[Choice, str] = {"keep": "kept", "take": "taken", "merge": "merged"}


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What there is to decide about a topic."""

    news: News
    then: Wording | None
    """The shipped words that the edit takes into account."""
    now: Wording | None
    """The shipped words of today."""
    deciding: Revision

    @property
    def archived(self) -> bool:
        """Tell whether the topic is off the site."""
        return self.deciding.state == "archived"

    @property
    def mark(self) -> str:
        """Return what stands for the shipped words of today in a form."""
        return self.now.fingerprint if self.now else ""

    def outcome(self, choice: Choice, typed: Typed) -> tuple[Wording, State]:
        """Return what a choice saves."""
        if choice == "merge" and self.now:
            return typed.words, "published"
        if choice == "take":
            return (self.now, "published") if self.now else (self.deciding.wording, "archived")
        return self.deciding.wording, self.deciding.state


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a choice that was not saved."""

    choice: Choice | None
    wrong: str
    status: int
    why: str
    typed: Typed
    rows: tuple[Row, ...] = ()
    accepted: str = ""


class Upgrading(BaseView):
    """A shipped text that changed."""

    @expose("/topics/{slug}/upgrade", methods=["GET"])
    async def show_upgrade(self, request: Request) -> Response:
        """Show the three texts and what can be done."""
        return await _upgrade_page(request, await standing_of(request))

    @expose("/topics/{slug}/upgrade", methods=["POST"])
    async def decide_upgrade(self, request: Request) -> Response:
        """Keep the edit, take the shipped words, or publish what was merged."""
        form, standing, desk = await read_form(request), await standing_of(request), desk_of(request)
        typed, upgrade = read_typed(form), upgrade_of(desk, standing.slug)
        choice = _choice(form, upgrade)
        refusal = await _refuse(desk, standing, upgrade, choice, typed)
        if refusal or choice is None or upgrade is None:
            return await _upgrade_page(request, standing, refusal)
        words, state = upgrade.outcome(choice, typed)
        try:
            await desk.publisher.save(
                standing.slug,
                words,
                author=editor_of(request).name,
                why=typed.why.strip(),
                based_on=number_of(form.get("based_on", "")),
                state=state,
                shipped=upgrade.now,
            )
        except (Stale, Refused) as error:
            refusal = Answer(choice, _said(error), error.status, typed.why, typed)
            return await _upgrade_page(request, await standing_of(request), refusal)
        return decided(request, standing.slug, DONE[choice])


def upgrade_of(desk: Desk, slug: str) -> Upgrade | None:
    """Return what there is to decide, None if nothing is."""
    deciding, news = desk.publisher.deciding(slug), desk.publisher.shown(slug).news
    if deciding is None or news is None:
        return None
    return Upgrade(news, deciding.shipped_wording, desk.publisher.wordings.get(slug), deciding)


def _choice(form: Mapping[str, str], upgrade: Upgrade | None) -> Choice | None:
    """Return the choice in a form, None if it is none of those offered."""
    sent = form.get("choice", "")
    if sent == "merge":
        return "merge" if upgrade and upgrade.now else None
    return "keep" if sent == "keep" else "take" if sent == "take" else None


async def _refuse(
    desk: Desk, standing: Standing, upgrade: Upgrade | None, choice: Choice | None, typed: Typed
) -> Answer | None:
    """Return why a choice is not saved, None if nothing stands in the way."""
    if upgrade is None:
        return Answer(None, "Nothing was changed: there is nothing to decide any more.", 409, typed.why, typed)
    if choice is None:
        return Answer(None, "Nothing was changed: choose what is to be done.", 400, typed.why, typed)
    if typed.shipped != upgrade.mark:
        said = "Nothing was changed: other files were deployed meanwhile. Look at them, then decide again."
        return Answer(choice, said, 409, typed.why, typed)
    if not typed.why.strip():
        said = "Nothing was changed: say in a few words why. It stands in the history."
        return Answer(choice, said, 400, typed.why, typed)
    if choice == "keep" or upgrade.now is None:
        return None
    look, left = await _look(desk, standing.slug, upgrade, choice, typed)
    if left or look.errors:
        found = (*left, *look.rows)
        return Answer(choice, "Nothing was changed: mend what is listed as an error.", 400, typed.why, typed, found)
    if look.mark != typed.accepted:
        said = "Nothing was changed yet: look at the warnings. Send it again if it is to be so."
        return Answer(choice, said, 400, typed.why, typed, tuple(look.rows), look.mark)
    return None


async def _look(desk: Desk, slug: str, upgrade: Upgrade, choice: Choice, typed: Typed) -> tuple[Look, tuple[Row, ...]]:
    """Return what the words of a choice would look like, and the marks that were left in them."""
    if choice == "take" and upgrade.now:
        return await look_at(desk, slug, upgrade.now), ()
    left = rows([Remark("error", complaint) for complaint in left_marks(typed, slug)], slug)
    return await look_at(desk, slug, typed), tuple(left)


def _said(error: Stale | Refused) -> str:
    newest = error.newest if isinstance(error, Stale) else None
    if newest is None:
        return f"Nothing was changed: {error.detail}"
    return (
        f"Nothing was changed: {newest.author} saved number {newest.number} meanwhile ({newest.why}). What you merged "
        "is still here, but does not hold that: compare, put in what is missing, then send it again."
    )


async def _upgrade_page(request: Request, standing: Standing, refusal: Answer | None = None) -> Response:
    desk, slug = desk_of(request), standing.slug
    upgrade = upgrade_of(desk, slug)
    context: dict[str, object] = {
        "standing": standing,
        "title": title_of(desk, slug),
        "upgrade": upgrade,
        "deciding": desk.publisher.deciding(slug),
        "refusal": refusal,
        "publishes": may(editor_of(request), "publisher"),
        "sections": desk.state.live.current.content.sections,
    }
    if upgrade is None:
        return page(request, "admin/upgraded.html", context, refusal.status if refusal else 200)
    mine = upgrade.deciding.wording
    newest = standing.newest
    context |= {
        "draft": newest.number if newest and newest.state == "draft" else None,
        "shipped": await differences(desk, upgrade.then, upgrade.now) if upgrade.then else None,
        "edited": await differences(desk, upgrade.then, mine) if upgrade.then else None,
        "between": await differences(desk, mine, upgrade.now),
    }
    if upgrade.now:
        context["look"] = await look_at(desk, slug, upgrade.now)
        context["merged"] = await _merged(desk, upgrade, refusal)
    return page(request, "admin/upgrade.html", context, refusal.status if refusal else 200)


async def _merged(desk: Desk, upgrade: Upgrade, refusal: Answer | None) -> object:
    """Return the proposal; who has worked on it already gets that back."""
    assert upgrade.now
    sections = desk.state.live.current.content.sections
    async with desk.renderings:
        found = await run_in_threadpool(propose, upgrade.then, upgrade.deciding.wording, upgrade.now, sections)
    if refusal and refusal.choice == "merge":
        return replace(found, typed=refusal.typed)
    return found

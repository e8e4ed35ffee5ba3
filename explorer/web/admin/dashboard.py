"""The start of the admin: what needs work, and what changed last. Finds; mends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from explorer import audit, revisions
from explorer.models import Revision
from explorer.upgrades import News
from explorer.web.admin.desk import Desk, desk_of
from explorer.web.admin.pages import page

STALE = timedelta(days=7)
"""A draft older than this is shown as forgotten."""
CHANGES = 12
"""Last changes that are shown."""

NEWS = {
    "changed": "The shipped text changed after the edit.",
    "deleted": "The files no longer have this topic; the edit is shown.",
    "new": "The files have a topic of this name now; the edit is shown.",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do."""

    title: str
    url: str | None
    """Where to do it."""
    detail: str


@dataclass(frozen=True, slots=True)
class Group:
    """Things to do of one kind."""

    title: str
    items: tuple[Item, ...]
    urgent: bool = False
    """Readers see that something is wrong."""


async def dashboard(request: Request) -> Response:
    """Show what needs work."""
    desk = desk_of(request)
    drafts = await revisions.drafts(desk.database)
    catalog = desk.state.live.current
    context = {
        "groups": [group for group in (*_site(desk), *_words(desk, drafts)) if group.items],
        "drafts": drafts,
        "topics": len(catalog.topics),
        "scenarios": sum(len(topic.scenarios) for topic in catalog.topics.values()),
        "tested": catalog.site.tested,
        "changes": await audit.changes(desk.database, CHANGES),
    }
    return page(request, "admin/dashboard.html", context)


def _site(desk: Desk) -> Iterator[Group]:
    """Yield what is wrong with files and demos: mended by a commit, not here."""
    content, demos = desk.state.live.current.content, desk.state.demos
    left_out = (Item(f"{c.file}:{c.line}", None, f"{c.message} Mend: {c.mend}") for c in content.complaints)
    yield Group("Topics that cannot be read from the files", tuple(left_out), urgent=True)
    failures = demos.failures if demos else {}
    broken = (Item(f"{slug}, {variant}", None, reason) for (slug, variant), reason in failures.items())
    yield Group("Demos that do not run", tuple(broken), urgent=True)
    yield Group("Scenarios and checks that fail", tuple(_failing(desk)), urgent=True)
    yield Group("Topics without a side", tuple(_one_sided(desk)))


def _words(desk: Desk, drafts: Sequence[Revision]) -> Iterator[Group]:
    """Yield what is to do about words."""
    publisher = desk.publisher
    unreadable = (Item(slug, _place(slug), why) for slug, why in sorted(publisher.unreadable.items()))
    yield Group("Published words that this version cannot show", tuple(unreadable), urgent=True)
    shown = ((slug, publisher.shown(slug).news) for slug in publisher.slugs())
    news = (Item(slug, f"/admin/topics/{slug}/upgrade", _news(desk, slug, told)) for slug, told in shown if told)
    yield Group("Shipped texts that changed", tuple(news))
    old = (draft for draft in drafts if datetime.now(UTC) - draft.saved_at > STALE)
    stale = (Item(d.topic, f"/admin/topics/{d.topic}", f"{d.author}, {d.saved_at:%Y-%m-%d}: {d.why}") for d in old)
    yield Group("Drafts older than a week", tuple(stale))


def _news(desk: Desk, slug: str, told: News) -> str:
    """Return what happened to a shipped text; of one that was kept in another form nobody knows whether it changed."""
    deciding = desk.publisher.deciding(slug)
    if deciding is None or not deciding.shipped_unreadable:
        return NEWS[told]
    fields = ", ".join(deciding.shipped_unreadable)
    return f"The shipped text that number {deciding.number} is based on cannot be read ({fields}): decide once more."


def _place(slug: str) -> str:
    """Return where an editor mends what was published under a name."""
    return "/admin/sections" if slug == revisions.SECTIONS else f"/admin/topics/{slug}"


def _failing(desk: Desk) -> Iterator[Item]:
    """Yield scenarios and checks that are not as declared; those of a demo that does not run are told by that."""
    catalog, demos = desk.state.live.current, desk.state.demos
    for slug, topic in catalog.topics.items():
        failing: dict[str, list[str]] = {}
        for evidence, finding in catalog.results.found.get(slug, {}).items():
            name, of_variant, variant = evidence.partition("/")
            scenario_as_a_whole = name.startswith("scenario:") and not of_variant
            if not (finding.holds or scenario_as_a_whole or (demos and (slug, variant) in demos.failures)):
                failing.setdefault(name, []).append(finding.detail)
        for name, details in failing.items():
            kind, _, of = name.partition(":")
            anchor = f"#scenario-{of}" if kind == "scenario" else ""
            yield Item(f"{topic.title}, {kind} {of}", f"/topics/{slug}{anchor}", " ".join(details))


def _one_sided(desk: Desk) -> Iterator[Item]:
    content = desk.state.live.current.content
    for topic in content.topics:
        has = {variant.side.id for variant in topic.variants}
        missing = [side.title for side in content.sides if side.id not in has]
        if missing:
            yield Item(topic.title, f"/admin/topics/{topic.slug}", f"There is no demo for {' and '.join(missing)}.")

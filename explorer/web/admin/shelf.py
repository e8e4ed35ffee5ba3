"""The list of all topics: what state each is in, who changed it last, who has it open. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from explorer import presence, revisions
from explorer.content.topic import split_text
from explorer.errors import ContentError
from explorer.models import Revision
from explorer.topics import Topic
from explorer.upgrades import News
from explorer.web.admin.desk import Desk


@dataclass(frozen=True, slots=True)
class Entry:
    """One topic in the list."""

    slug: str
    title: str
    edited: bool
    """The words on the site are not the shipped ones."""
    newest: Revision | None
    """Without its texts."""
    news: News | None
    open: Sequence[str]
    """Who has it open in the editor."""

    @property
    def draft(self) -> bool:
        """Tell whether there is something newer than what is published."""
        return self.newest is not None and self.newest.state == "draft"

    @property
    def words(self) -> str:
        """Return what a search looks at."""
        return f"{self.title} {self.slug}".lower()


@dataclass(frozen=True, slots=True)
class Group:
    """The topics of a section in their order, or those that are not on the site."""

    id: str
    title: str
    entries: Sequence[Entry]


async def shelf(desk: Desk, search: str) -> tuple[list[Group], Group]:
    """Return the sections with the topics that a search finds, and the topics that are not on the site."""
    heads, there = await revisions.heads(desk.database), await presence.present(desk.database)
    content = desk.state.live.current.content
    live = {topic.slug: topic for topic in content.topics}
    titles = {draft.topic: written_title(draft.text, draft.topic) for draft in await revisions.drafts(desk.database)}

    def entry(slug: str, topic: Topic | None) -> Entry:
        shown = desk.publisher.shown(slug)
        title = topic.title if topic else titles.get(slug, slug)
        edited = topic is not None and shown.live != desk.publisher.wordings.get(slug)
        return Entry(slug, title, edited, heads.get(slug), shown.news, there.get(slug, ()))

    def found(slugs: Sequence[str]) -> list[Entry]:
        entries = [entry(slug, live.get(slug)) for slug in slugs]
        return [one for one in entries if all(word in one.words for word in search.lower().split())]

    sections: Mapping[str, list[str]] = {section.id: [] for section in content.sections}
    for slug, topic in live.items():
        sections[topic.section.id].append(slug)
    groups = [Group(section.id, section.title, found(sections[section.id])) for section in content.sections]
    absent = sorted({*heads, *desk.publisher.slugs()} - {*live, revisions.SECTIONS})
    return groups, Group("", "Not on the site", found(absent))


def written_title(text: str, otherwise: str) -> str:
    """Return the title of a draft, which may not be one yet."""
    try:
        return split_text(text, "topic.md")[0]
    except ContentError:
        return otherwise

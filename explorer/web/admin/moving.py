"""Moves a topic to another place in the order: saves those topics whose position has to change.

The words that are live are published again with the new position. A draft that lies on top stays on top: it is saved
again after that, so that it is not lost from sight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from explorer import revisions
from explorer.errors import ExplorerError
from explorer.models import Editor, Revision
from explorer.positions import GAP, changed_positions
from explorer.topics import Section, Topic
from explorer.web.admin.desk import Desk


class Gone(ExplorerError):
    """The topic, the section or the neighbour is not there any more."""

    status = 409


@dataclass(frozen=True, slots=True)
class Target:
    """Where a topic is to stand."""

    topic: Topic
    section: Section
    before: str | None
    """The topic that is to follow it; None puts it at the end of the section."""


def move_of(desk: Desk, form: Mapping[str, str]) -> Target:
    """Return where a form moves a topic. Raises Gone."""
    content = desk.state.live.current.content
    topic = next((topic for topic in content.topics if topic.slug == form.get("slug")), None)
    if topic is None:
        raise Gone("There is no such topic on the site.")
    if form.get("move") in ("up", "down"):
        return _step(desk, topic, -1 if form["move"] == "up" else 1)
    section = next((section for section in content.sections if section.id == form.get("section")), None)
    before = form.get("before") or None
    if section is None or (before and before not in _slugs(desk, section, topic)):
        raise Gone("There is no such place any more.")
    return Target(topic, section, before)


def next_position(desk: Desk, section_id: str) -> int:
    """Return a position behind all topics of a section."""
    topics = desk.state.live.current.content.topics
    return max((topic.position for topic in topics if topic.section.id == section_id), default=0) // GAP * GAP + GAP


def _slugs(desk: Desk, section: Section, but: Topic) -> list[str]:
    """Return the topics of a section in order, without one."""
    topics = desk.state.live.current.content.topics
    return [topic.slug for topic in topics if topic.section.id == section.id and topic.slug != but.slug]


def _step(desk: Desk, topic: Topic, step: int) -> Target:
    """Return the next place up or down: from the end of a section on into the next one."""
    sections = desk.state.live.current.content.sections
    topics = desk.state.live.current.content.topics
    inside = [other.slug for other in topics if other.section.id == topic.section.id]
    to = inside.index(topic.slug) + step
    others = [slug for slug in inside if slug != topic.slug]
    if 0 <= to <= len(others):
        return Target(topic, topic.section, others[to] if to < len(others) else None)
    at = next(n for n, section in enumerate(sections) if section.id == topic.section.id) + step
    if not 0 <= at < len(sections):
        return Target(topic, topic.section, others[0] if step < 0 and others else None)  # it stays
    section = sections[at]
    return Target(topic, section, None if step < 0 else next(iter(_slugs(desk, section, topic)), None))


class Move:
    """Moves topics for one editor."""

    def __init__(self, desk: Desk, editor: Editor) -> None:
        self._desk = desk
        self._by = editor.name

    async def do(self, target: Target) -> str:
        """Move a topic and say where it is now. Raises Stale, Refused, DatabaseAway; then a part may be done."""
        order = _slugs(self._desk, target.section, target.topic)
        at = order.index(target.before) if target.before else len(order)
        order.insert(at, target.topic.slug)
        positions = {topic.slug: topic.position for topic in self._desk.state.live.current.content.topics}
        changed = changed_positions([(slug, positions[slug]) for slug in order], target.topic.slug)
        if target.section.id != target.topic.section.id:
            changed.setdefault(target.topic.slug, target.topic.position)
        where = f"place {at + 1} of {len(order)} in {target.section.title}"
        for slug, position in changed.items():
            mine = slug == target.topic.slug
            why = f"Moved to {where}" if mine else f"Makes room for {target.topic.title}"
            await self._place(slug, target.section.id, position, why)
        return f"{target.topic.title} is at {where}."

    async def _place(self, slug: str, section: str, position: int, why: str) -> None:
        """Publish a topic's live words at another place."""
        database, shipped = self._desk.database, self._desk.publisher.wordings.get(slug)
        newest, live = await revisions.revision_of(database, slug), await revisions.deciding(database, slug)
        words = live.wording if live else shipped
        if words is None or (live and live.state == "archived"):
            raise Gone("The topic is not on the site any more.")
        published = await self._desk.publisher.save(
            slug,
            replace(words, section=section, position=position),
            author=self._by,
            why=why,
            based_on=newest.number if newest else 0,
            state="published",
            shipped=revisions.Shipped.AS_BEFORE if live else shipped,  # a draft may go back to older files
        )
        if newest and newest.state == "draft":
            await self._lift(newest, published, section, position)

    async def _lift(self, draft: Revision, published: Revision, section: str, position: int) -> None:
        """Save a draft again above what was published now, at the same place."""
        await self._desk.publisher.save(
            draft.topic,
            replace(draft.wording, section=section, position=position),
            author=self._by,
            why=f"The draft of {draft.author}, moved along: {draft.why}"[:500],
            based_on=published.number,
            state="draft",
            shipped=draft.shipped_wording,
        )

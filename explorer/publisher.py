"""Keeps the live catalog in step with the database: words that were published here or by another process.

The only module that knows both. Reads the database in the background, never for a reader's request; while it is away
the pages stay as they are and `problem` says why.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from explorer import migrations, notices, revisions
from explorer.candidates import Candidate, consider
from explorer.catalog import Catalog, LiveCatalog
from explorer.content import Content
from explorer.content.file import read_text
from explorer.content.sections import NAME, arranged, in_order, order_of
from explorer.content.wording import new_topic, with_wording, wording_of
from explorer.database import Database
from explorer.errors import ContentError, DatabaseAway, Refused
from explorer.models import Revision, State
from explorer.revisions import SECTIONS
from explorer.topics import Section, Topic, in_reading_order
from explorer.upgrades import Edit, Shown, decide
from explorer.wording import Wording

logger = logging.getLogger("explorer")

POLL = 0.4
"""Seconds between two looks for what other processes published: their saves are live here within one second. On
PostgreSQL a notice makes the look come at once."""
STUCK = "What was published last cannot be made live; the log says why."
PATIENCE = 6.0
"""Seconds that the start waits for the edits; a database that takes longer is waited for in the background."""


class Publisher:
    """Publishes words to one process's live catalog."""

    def __init__(
        self, database: Database, live: LiveCatalog, went_live: Callable[[float], None] = lambda seconds: None
    ) -> None:
        """Publish to `live`; nothing happens before `start`. `went_live` is told how old a revision was when it did."""
        self.database = database
        self.live = live
        self.wordings: Mapping[str, Wording] = {}
        """The words in the files."""
        self.problem: str | None = "The database was not asked yet."
        """Why the database cannot be used, in words; None if it can."""
        self.unreadable: dict[str, str] = {}
        """Published words that this version of the site cannot show, by topic: the shipped ones stand in."""
        self._shipped: Mapping[str, Topic] = {}
        self._sections_text = ""
        self._deciding: dict[str, Revision] = {}
        """By topic, the newest revision that is no draft; also that of the sections' order."""
        self._migrated = False
        self._seen = 0
        """The id of the newest revision of all, drafts too, when we last looked."""
        self._turn = asyncio.Lock()
        self._went_live = went_live
        self._made = datetime.now(UTC)
        self._first: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take what is live for what is shipped, and put the edits on top. Does not wait long for a database."""
        content = self.live.current.content
        self._shipped = {topic.slug: topic for topic in content.topics}
        self.wordings = {topic.slug: wording_of(topic) for topic in content.topics}
        self._sections_text = read_text(content.root / NAME, content.root)
        self._first = asyncio.create_task(self.refresh())
        await asyncio.wait({self._first}, timeout=PATIENCE)

    def base(self, slug: str) -> Topic:
        """Return a topic's demos and scenarios as shipped; a topic that was made in the admin has none."""
        content = self.live.current.content
        return self._shipped.get(slug) or new_topic(slug, content.sections[0], content.root / "topics")

    def consider(self, slug: str, words: Wording) -> Candidate:
        """Return what a topic would look like with these words. Renders it: call it in a thread."""
        return consider(self.live.current, self.base(slug), words)

    def shown(self, slug: str) -> Shown:
        """Return what a topic shows, as far as this process knows, and what happened to its shipped text."""
        return decide(self.wordings.get(slug), _edit(self._deciding.get(slug)))

    def deciding(self, slug: str) -> Revision | None:
        """Return the revision that decides what a topic shows, None if no edit does, as far as this process knows."""
        return self._deciding.get(slug)

    def slugs(self) -> list[str]:
        """Return every topic that is shipped or was ever published or archived."""
        return sorted((self.wordings.keys() | self._deciding.keys()) - {SECTIONS})

    async def save(
        self,
        slug: str,
        words: Wording,
        *,
        author: str,
        why: str,
        based_on: int,
        state: State,
        shipped: Wording | revisions.Shipped | None = revisions.Shipped.AS_BEFORE,
    ) -> Revision:
        """Save a revision and, unless it is a draft, make it live here before returning. Raises what `save` raises."""
        revision = await revisions.save(
            self.database, slug, words, author=author, why=why, based_on=based_on, state=state, shipped=shipped
        )
        if state != "draft":
            await self.refresh()
        return revision

    async def arrange(self, order: Sequence[str], *, author: str, why: str, based_on: int) -> Revision:
        """Put the sections in an order, by their ids, and make it live here. Raises what `save` raises."""
        words = Wording(in_order(self._sections_text, order), "", "", 0)
        return await self.save(SECTIONS, words, author=author, why=why, based_on=based_on, state="published")

    async def refresh(self) -> None:
        """Take over what was published since the last look. A database that is away leaves everything as it is."""
        async with self._turn:
            try:
                await self._look()
            except DatabaseAway as error:
                if self.problem != error.detail:
                    logger.error("edits cannot be read, the pages stay as they are: %s", error.detail)
                self.problem = error.detail
                return
            if self.problem:
                logger.info("edits can be read")
            self.problem = None

    async def complain(self) -> str | None:
        """Return in words what is wrong now with the database, or with what it holds; None if nothing is."""
        return self.problem or await self.database.probe()

    async def watch(self) -> None:
        """Follow the database until cancelled: look when it gives notice, and from time to time."""
        told = asyncio.Event()
        taking = asyncio.create_task(notices.take(self.database, told.set))
        try:
            await self._watch(told)
        finally:
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)

    async def _watch(self, told: asyncio.Event) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await told.wait()
            told.clear()
            try:
                await self.refresh()
            except Exception:  # a fault of ours: tried again at each look, and logged once
                if self.problem != STUCK:
                    logger.exception("what was published cannot be made live")
                self.problem = STUCK

    async def _look(self) -> None:
        if not self._migrated:
            await migrations.upgrade(self.database)
            self._migrated = True
        latest = await revisions.latest(self.database)  # asked first: what comes meanwhile is seen at the next look
        if latest == self._seen:
            return
        older = latest < self._seen  # another database was put in its place
        found = await revisions.live(self.database, after=0 if older else self._seen)
        changed = frozenset(found)
        if older:
            on_site = (topic.slug for topic in self.live.current.content.topics)  # also topics that it does not have
            changed |= {*self.wordings, *on_site, SECTIONS}
            self._deciding = {}
        self._deciding |= found
        if changed:
            self.live.replace(await asyncio.to_thread(self._next, changed))
            now = datetime.now(UTC)
            for revision in found.values():
                if revision.saved_at > self._made:  # what was saved before waited for this process, not the reverse
                    self._went_live(max(0.0, (now - revision.saved_at).total_seconds()))
        self._seen = latest

    def _next(self, changed: frozenset[str]) -> Catalog:
        """Return the catalog with the words of these topics, and the sections, as they are to be now."""
        current = self.live.current
        content = self._arranged(current.content)
        topics = [topic for topic in content.topics if topic.slug not in changed]
        topics += [topic for slug in changed - {SECTIONS} if (topic := self._topic(slug, content.sections))]
        return current.replaced(replace(content, topics=in_reading_order(topics)))

    def _arranged(self, content: Content) -> Content:
        """Return content with its sections in the order that was saved, or that of the files."""
        self.unreadable.pop(SECTIONS, None)
        try:
            revision = self._deciding.get(SECTIONS)
            sections = arranged(content.sections, order_of(revision.text if revision else self._sections_text))
        except Exception as error:
            self._unreadable(SECTIONS, error)
            sections = content.sections
        if sections == content.sections:
            return content
        by_id = {section.id: section for section in sections}

        def moved(topic: Topic) -> Topic:
            return replace(topic, section=by_id[topic.section.id])

        self._shipped = {slug: moved(topic) for slug, topic in self._shipped.items()}
        return replace(content, sections=sections, topics=tuple(map(moved, content.topics)))

    def _topic(self, slug: str, sections: Sequence[Section]) -> Topic | None:
        """Return a topic with the words it is to show, None if it is not on the site."""
        self.unreadable.pop(slug, None)
        try:
            words = self.shown(slug).live
            if words is None:
                return None
            if revision := self._deciding.get(slug):
                revisions.require_readable(revision)
            if words == self.wordings.get(slug):
                return self._shipped[slug]
            return with_wording(self.base(slug), words, sections)
        except Exception as error:
            self._unreadable(slug, error)
            return self._shipped.get(slug)

    def _unreadable(self, slug: str, error: Exception) -> None:
        """Take down what cannot be shown: another version of the site published it, or we are at fault.

        Whatever it is, it costs one text: what others published, before or later, goes live.
        """
        ours = not isinstance(error, ContentError | Refused)
        detail = f"this program fails at it ({type(error).__name__}); the log says where." if ours else str(error)
        self.unreadable[slug] = detail
        said = "what was published of %s cannot be shown, what stood there before does: %s"
        logger.error(said, slug, detail, exc_info=error if ours else None)


def _edit(revision: Revision | None) -> Edit | None:
    if revision is None:
        return None
    return Edit(revision.wording, revision.state == "archived", revision.shipped_wording)

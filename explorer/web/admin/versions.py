"""Versions of a topic's words by the names they have in addresses: a number, `live` or `shipped`.

Finds them and says what they are called; compares and saves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from explorer import revisions
from explorer.errors import NotFound
from explorer.models import Revision
from explorer.topics import Wording
from explorer.web.admin.desk import Desk

LIVE, SHIPPED = "live", "shipped"
DIGITS = 9
"""Numbers have fewer than that: what a database keeps as an integer."""


@dataclass(frozen=True, slots=True)
class Version:
    """The words of a topic at some time."""

    name: str
    """As it stands in addresses."""
    title: str
    words: Wording | None
    """None: readers, or the files, do not have the topic."""
    revision: Revision | None
    """None for what is not in the database."""


async def version_of(desk: Desk, slug: str, name: str) -> Version:
    """Return a version of a topic by its name. Raises NotFound, DatabaseAway."""
    if name == LIVE:
        return live_version(desk, slug)
    if name == SHIPPED:
        words = desk.publisher.wordings.get(slug)
        return Version(name, "Shipped words" if words else "Not in the files", words, None)
    if not (name.isascii() and name.isdecimal() and len(name) <= DIGITS):
        raise NotFound("There is no version of this name: take a number, `live` or `shipped`.")
    revision = await revisions.revision_of(desk.database, slug, int(name))
    if revision is None:
        raise NotFound(f"{slug} has no number {int(name)}.")
    return Version(str(revision.number), f"Number {revision.number}", revision.wording, revision)


def live_version(desk: Desk, slug: str) -> Version:
    """Return what readers see, as far as this process knows."""
    deciding, words = desk.publisher.deciding(slug), desk.publisher.shown(slug).live
    if words is None:
        title = "Not on the site"
    else:
        title = f"Live, number {deciding.number}" if deciding else "Live, as shipped"
    return Version(LIVE, title, words, deciding)


def title_of(desk: Desk, slug: str) -> str:
    """Return what a topic is called; one that is not on the site by its files or its address."""
    live = desk.state.live.current.topics.get(slug)
    return (live.title if live else desk.publisher.base(slug).title) or slug

"""How things stand with one topic: its newest revision, the words in the files, and whether there is such a topic."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from explorer import revisions
from explorer.content.topic import SLUG
from explorer.errors import NotFound
from explorer.models import Revision
from explorer.topics import Wording
from explorer.web.admin.desk import Desk, desk_of

SLUG_LIMIT = 60
"""Characters of a topic's address."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One topic, as the database and the files have it. At least one of the two has it."""

    slug: str
    newest: Revision | None
    shipped: Wording | None
    """The words in the files."""

    @property
    def number(self) -> int:
        """Return the number of the newest revision, 0 if there is none."""
        return self.newest.number if self.newest else 0

    @property
    def words(self) -> Wording:
        """Return the words to go on with: the newest revision, or what is shipped."""
        words = self.newest.wording if self.newest else self.shipped
        assert words is not None
        return words

    def settled(self, *, published: bool) -> bool:
        """Tell whether saving the same words again would change nothing."""
        if self.newest is None:
            return True
        return not self.newest.unreadable and (not published or self.newest.state == "published")


async def standing_of(request: Request) -> Standing:
    """Return how things stand with the topic in the address. Raises NotFound, DatabaseAway."""
    return await stand(desk_of(request), request.path_params["slug"])


async def stand(desk: Desk, slug: str) -> Standing:
    """Return how things stand with a topic. Raises NotFound, DatabaseAway."""
    shipped = desk.publisher.wordings.get(slug)
    newest = await revisions.revision_of(desk.database, slug) if SLUG.fullmatch(slug) and len(slug) <= 100 else None
    if newest is None and shipped is None:
        raise NotFound("There is no topic of this name.")
    return Standing(slug, newest, shipped)


async def words_at(desk: Desk, standing: Standing, number: int, fingerprint: str = "") -> Wording | None:
    """Return the words of a revision; 0 stands for the words in the files, which `fingerprint` tells apart.

    None if they are not known any more.
    """
    if number:
        revision = await revisions.revision_of(desk.database, standing.slug, number)
        return revision.wording if revision else None
    known = (standing.shipped, standing.newest.shipped_wording if standing.newest else None)
    return next((words for words in known if words and fingerprint in ("", words.fingerprint)), None)

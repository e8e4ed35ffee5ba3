"""What words would look like if they went live, and what is wrong with them: the page and a list of remarks.

Holds words against what the demos answered. Saves nothing and makes nothing live. Takes as long as rendering a topic:
call it in a thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from explorer.catalog import Catalog
from explorer.check import complain_claims, complain_words
from explorer.content import Content
from explorer.content.wording import with_wording
from explorer.errors import Complaint, ContentError
from explorer.topics import Topic, in_reading_order
from explorer.views.topic import Draft
from explorer.wording import Wording
from explorer.words import Words

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that is wrong with words: an error stands in the way of publishing, a warning asks."""

    level: Level
    complaint: Complaint


@dataclass(frozen=True, slots=True)
class Candidate:
    """Words as they would be shown."""

    topic: Topic | None
    """None if the words cannot be read at all; then the one remark says why."""
    catalog: Catalog | None
    """What would be live."""
    remarks: tuple[Remark, ...]

    def html(self, draft: Draft | None = None) -> bytes | None:
        """Return the topic's page as it would be sent, None if the words cannot be read."""
        if self.topic is None or self.catalog is None:
            return None
        return self.catalog.topic_page(self.topic.slug, draft)


def consider(catalog: Catalog, base: Topic, words: Wording) -> Candidate:
    """Return what a topic would look like with other words, on the site as it is now.

    `base` brings the demos and scenarios; its own words do not matter.
    """
    try:
        topic = with_wording(base, words, catalog.content.sections)
    except ContentError as error:
        return Candidate(None, None, (Remark("error", error.complaint),))
    candidate = catalog.replaced(with_topic(catalog.content, topic))
    return Candidate(topic, candidate, tuple(_remarks(candidate, topic)))


def with_topic(content: Content, topic: Topic) -> Content:
    """Return content with a topic added, or in the place of the one of the same slug."""
    others = [other for other in content.topics if other.slug != topic.slug]
    return replace(content, topics=in_reading_order([*others, topic]))


def _remarks(catalog: Catalog, topic: Topic) -> Iterator[Remark]:
    words = catalog.words(topic.slug)
    for complaint in words.complaints:  # a quote, a link or a piece of evidence that does not exist
        yield Remark("error", complaint)
    for complaint in (*complain_words(topic, words), *complain_claims(words), *_broken(words), *_twins(catalog, topic)):
        yield Remark("warning", complaint)


def _broken(words: Words) -> Iterator[Complaint]:
    """Complain about claims whose scenario is not answered as declared; checks are complained about elsewhere."""
    for claim in words.claims:
        if claim.evidence.kind == "scenario" and claim.finding and not claim.holds:
            message = f"the claim {claim.text[:60]!r} does not hold: {claim.finding.detail}"
            yield Complaint(claim.file, claim.line, message, f"correct the words, or what {claim.evidence} declares.")


def _twins(catalog: Catalog, topic: Topic) -> Iterator[Complaint]:
    for other in catalog.content.topics:
        if other.title == topic.title and other.slug != topic.slug:
            message = f"the topic {other.slug} has the title {topic.title!r}, too."
            yield Complaint(f"content/topics/{topic.slug}/topic.md", 1, message, "give it a title of its own.")

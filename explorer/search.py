"""Finds topics, headings and lines of code by words. In memory, built with the catalog; knows no HTTP.

A hit must hold every word of the query. Titles come before headings, headings before code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup, escape

from explorer.topics import Topic
from explorer.views.pages import SearchHit
from explorer.views.site import Mark, SideView, TopicLink
from explorer.words import Words

QUERY_LIMIT = 100
"""Characters of a query that are read."""
HIT_LIMIT = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be found. A site has one for each line of code: what they share is one object."""

    kind: Literal["topic", "heading", "code"]
    text: str
    more: str
    """Further words that find the entry, in lower case: a topic's summary and idioms."""
    place: str
    """The section of a topic, the title of the page of everything else."""
    page: str
    """The address of the page."""
    anchor: str = ""
    """Where on the page; of a line of code, the variant it is of."""
    line: int = 0
    """Of code, from 1."""
    side: SideView | None = None
    mark: Mark | None = None
    """Of a topic."""

    @property
    def context(self) -> str:
        """Return where it was found, for a reader."""
        return f"{self.place}, line {self.line}" if self.line else self.place

    @property
    def url(self) -> str:
        """Return the address that leads to it."""
        fragment = f"{self.anchor}-{self.line}" if self.line else self.anchor
        return f"{self.page}#{fragment}" if fragment else self.page


class SearchIndex:
    """What can be found on the site."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Take the entries of all topics, in reading order."""
        self._entries = tuple(entries)

    def search(self, query: str, limit: int = HIT_LIMIT) -> tuple[SearchHit, ...]:
        """Return the best hits, at most `limit`."""
        terms = query[:QUERY_LIMIT].lower().split()
        if not terms:
            return ()
        ranked = [(rank, entry) for entry in self._entries if (rank := _rank(entry, terms)) is not None]
        ranked.sort(key=lambda pair: pair[0])
        return tuple(_hit(entry, terms) for _, entry in ranked[:limit])


def index_page(url: str, title: str, more: str) -> Entry:
    """Return the entry of a page that is no topic's."""
    return Entry("heading", title, more, "Page", url)


def index_topic(topic: Topic, link: TopicLink, words: Words, sides: Mapping[str, SideView]) -> tuple[Entry, ...]:
    """Return the entries of a topic's page."""
    return tuple(_entries(topic, link, words, sides))


def _entries(topic: Topic, link: TopicLink, words: Words, sides: Mapping[str, SideView]) -> Iterable[Entry]:
    idioms = " ".join(text for _, text in link.idioms)
    more = f"{words.summary.striptags()} {words.takeaway.striptags()} {idioms}".lower()
    yield Entry("topic", topic.title, more, topic.section.title, link.url, mark=link.mark)
    for number, note in enumerate(words.notes, 1):
        yield Entry("heading", note.title.striptags(), "", topic.title, link.url, f"note-{number}")
    for gotcha in words.gotchas:
        whose = gotcha.variant.side.title.lower()
        yield Entry("heading", gotcha.title.striptags(), whose, topic.title, link.url, "gotchas")
    for variant in topic.default_variants:
        for number, line in enumerate(variant.files[0].text.split("\n"), 1):
            if len(line.strip()) > 3:
                side = sides[variant.side.id]
                yield Entry("code", line.strip(), "", topic.title, link.url, variant.id, number, side)


def _rank(entry: Entry, terms: list[str]) -> tuple[int, int] | None:
    text = entry.text.lower()
    if not all(term in text or term in entry.more for term in terms):
        return None
    kind = ("topic", "heading", "code").index(entry.kind)
    if all(term in text for term in terms):
        starts = all(re.search(rf"(?<!\w){re.escape(term)}", text) for term in terms)
        return (kind, 0 if text.startswith(terms[0]) else 1 if starts else 2)
    return (kind, 3)


def _hit(entry: Entry, terms: list[str]) -> SearchHit:
    return SearchHit(entry.kind, _marked(entry.text, terms), entry.context, entry.url, entry.side, entry.mark)


def _marked(text: str, terms: list[str]) -> Markup:
    pattern = "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
    parts = re.split(f"({pattern})", text, flags=re.I)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(part) if index % 2 else escape(part) for index, part in enumerate(parts)
    )

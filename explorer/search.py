"""Finds topics, headings and lines of code by words. In memory, built with the catalog; knows no HTTP.

A hit must hold every word of the query. Titles come before headings, headings before code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup, escape

from explorer.views.pages import SearchHit
from explorer.views.topic import TopicPage

QUERY_LIMIT = 100
"""Characters of a query that are read."""
HIT_LIMIT = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be found."""

    kind: Literal["topic", "heading", "code"]
    text: str
    more: str
    """Further words that find the entry, in lower case: a topic's summary and idioms."""
    context: str
    url: str
    page: TopicPage | None
    """None for a page that is no topic's."""
    side: int | None = None
    """Index of the pane a line of code stands in."""


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


def index_page(page: TopicPage, code: Iterable[str]) -> tuple[Entry, ...]:
    """Return a topic page's entries; `code` is the text of the first file of each of its panes."""
    return tuple(_entries(page, code))


def _entries(page: TopicPage, code: Iterable[str]) -> Iterable[Entry]:
    idioms = " ".join(text for _, text in page.link.idioms)
    more = f"{page.description} {page.takeaway.striptags()} {idioms}".lower()
    yield Entry("topic", page.title, more, page.section, page.link.url, page)
    for note in page.notes:
        yield Entry("heading", note.title.striptags(), "", page.title, f"{page.link.url}#note-{note.number}", page)
    for gotcha in page.gotchas:
        title = gotcha.title.striptags()
        yield Entry("heading", title, gotcha.side.title.lower(), page.title, f"{page.link.url}#gotchas", page)
    for index, (pane, text) in enumerate(zip(page.panes, code, strict=True)):
        for number, line in enumerate(text.split("\n"), 1):
            if len(line.strip()) > 3:
                url = f"{page.link.url}#{pane.variant}-{number}"
                yield Entry("code", line.strip(), "", f"{page.title}, line {number}", url, page, index)


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
    page = entry.page
    pane = page.panes[entry.side] if page and entry.side is not None else None
    return SearchHit(
        kind=entry.kind,
        title=_marked(entry.text, terms),
        context=entry.context,
        url=entry.url,
        side=pane.side if pane else None,
        mark=page.link.mark if page and entry.kind == "topic" else None,
    )


def _marked(text: str, terms: list[str]) -> Markup:
    pattern = "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
    parts = re.split(f"({pattern})", text, flags=re.I)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(part) if index % 2 else escape(part) for index, part in enumerate(parts)
    )

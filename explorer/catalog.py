"""The immutable snapshot of everything that is live: pages ready to send, contexts, search index.

Built from content and results. Its readers see one state; what a state shows is made when it is first asked for, and
kept by the next one where nothing changed. Touches no network, no database and no demo.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from explorer.atlas import Atlas
from explorer.checklist import build_checklist, checklist_markdown
from explorer.claims import Claim
from explorer.composing import Composer
from explorer.content import Content
from explorer.encoding import Encoded, encode
from explorer.errata import build_errata
from explorer.fingerprints import versions
from explorer.kept_pages import KeptPages
from explorer.ledger import build_ledger, topic_ledger
from explorer.matrix import build_matrix
from explorer.prepared import Maker, Prepared
from explorer.rendering import Markdown
from explorer.results import UNKNOWN, Results
from explorer.search import Entry, SearchIndex, index_page, index_topic
from explorer.templating import Page, Templates
from explorer.views.answers import Answers
from explorer.views.evidence import ChecklistPage, LedgerPage
from explorer.views.site import Site
from explorer.views.topic import Draft, TopicPage
from explorer.words import Words, render_words

HTML = "text/html; charset=utf-8"
MARKDOWN = "text/markdown; charset=utf-8"
RECENT = 64
"""Contexts and words that are held: they are larger than the pages made of them."""

CHECKLIST = ("Moving over: the checklist", "migration steps from flask to fastapi")
"""What finds the checklist itself; its steps are found with their topics."""

T = TypeVar("T")


class Catalog:
    """Everything that is live."""

    def __init__(
        self,
        content: Content,
        results: Results,
        templates: Templates,
        kept: KeptPages = KeptPages(None),  # noqa: B008 -- frozen
        previous: Catalog | None = None,
    ) -> None:
        """Take over from `previous` what is still right: the cost of a change is the change, not the site."""
        self.content = content
        self.results = results
        self._templates = templates
        self._kept = kept
        self.topics = {topic.slug: topic for topic in content.topics}
        self._markdown = Markdown(templates.url, self.topics)
        self.composer: Composer = Composer(
            content,
            results.runs,
            results.marks,
            self._markdown,
            templates.url,
            results.tested,
            previous.composer if previous else None,
        )
        self._words: dict[str, Words] = {}
        self._claims: dict[str, tuple[Claim, ...]] = {}
        self._contexts: dict[str, TopicPage] = {}
        self._entries: dict[str, tuple[Entry, ...]] = {}
        self.pages = Prepared(self._makers(), self._take_over(previous) if previous else {})

    def replaced(self, content: Content) -> Catalog:
        """Return the next catalog, with other words."""
        return Catalog(content, self.results, self._templates, self._kept, self)

    def _take_over(self, previous: Catalog) -> dict[str, Encoded]:
        """Keep what depends on nothing that changed, and return the pages among it. Readers may fill `previous` now."""
        if self.topics.keys() != previous.topics.keys():
            return {}  # links of any topic may lead to one that came or went
        same = {slug for slug, topic in self.topics.items() if topic is previous.topics[slug]}
        self._words = {slug: words for slug, words in dict(previous._words).items() if slug in same}
        self._claims = {slug: claims for slug, claims in dict(previous._claims).items() if slug in same}
        if self.site != previous.site:
            return {}  # every page shows the menu
        self._contexts = {slug: page for slug, page in dict(previous._contexts).items() if slug in same}
        self._entries = {slug: entries for slug, entries in dict(previous._entries).items() if slug in same}
        other = self.topics.keys() - same
        changed = {"/claims", "/checklist", "/checklist.md", *map(_path, other), *map(_claims_path, other)}
        return {path: page for path, page in previous.pages.made().items() if path not in changed}

    @property
    def site(self) -> Site:
        """Return what every page shows around its content."""
        return self.composer.site

    def words(self, slug: str) -> Words:
        """Return a topic's words as HTML."""
        words = self._words.get(slug)
        if words is None:
            words = render_words(self._markdown, self.topics[slug], self.results.found.get(slug, {}))
            self._claims[slug] = words.claims
            _hold(self._words, slug, words)
        return words

    def claims(self, slug: str) -> Sequence[Claim]:
        """Return what a topic's words claim."""
        return self._claims[slug] if slug in self._claims else self.words(slug).claims

    def context(self, slug: str) -> TopicPage:
        """Return what a topic's page shows."""
        page = self._contexts.get(slug)
        if page is None:
            page = self.composer.topic(self.topics[slug], self.words(slug))
            _hold(self._contexts, slug, page)
        return page

    def topic_page(self, slug: str, draft: Draft | None = None) -> bytes:
        """Return a topic's page, uncompressed and not kept: for one who looks before it is live."""
        page = replace(self.context(slug), draft=draft)
        return self._templates.render("topic.html", self.site, page).encode()

    @cached_property
    def atlas(self) -> Atlas:
        """Return all differences."""
        return Atlas(self.results.runs, self.composer.links)

    @cached_property
    def ledger(self) -> LedgerPage:
        """Return all claims."""
        claims = {slug: self.claims(slug) for slug in self.topics}
        checks = {slug: self.results.checks.get(slug, {}) for slug in self.topics}
        return build_ledger(self.topics, claims, checks, self.composer.links, self._templates.url)

    def topic_ledger(self, slug: str) -> LedgerPage:
        """Return the claims of one topic, with the checks that prove them."""
        checks, link = self.results.checks.get(slug, {}), self.composer.links[slug]
        return topic_ledger(self.topics[slug], self.claims(slug), checks, link, self._templates.url)

    @cached_property
    def checklist(self) -> ChecklistPage:
        """Return the steps of moving over."""
        return build_checklist(self.content, self.composer.links, self._markdown)

    @cached_property
    def search(self) -> SearchIndex:
        """Return the index of topics, headings and code."""
        sides = self.composer.sides
        for slug, topic in self.topics.items():
            if slug not in self._entries:
                self._entries[slug] = index_topic(topic, self.composer.links[slug], self.words(slug), sides)
        return SearchIndex(
            [
                *(entry for slug in self.topics for entry in self._entries[slug]),
                index_page(self._templates.url("/checklist"), *CHECKLIST),
            ]
        )

    @cached_property
    def unknown_address(self) -> Answers:
        """Return what the sides say to an address that does not exist, for our own 404 page."""
        return self.composer.answers(self.results.hero, UNKNOWN, self.results.unknown)

    def _makers(self) -> dict[str, Maker]:
        shared: dict[str, Maker] = {
            "/": lambda: self._page("home.html", self.composer.home()),
            "/differences": lambda: self._page("differences.html", self.atlas.page(self.site.sides)),
            "/claims": lambda: self._page("claims.html", self.ledger),
            "/errata": lambda: self._page(
                "errata.html",
                build_errata(self.content.errata, self.results.found, self._markdown),
            ),
            "/checklist": lambda: self._page("checklist.html", self.checklist),
            "/checklist.md": lambda: encode(checklist_markdown(self.checklist).encode(), MARKDOWN),
            "/matrix": lambda: self._page(
                "matrix.html",
                build_matrix(
                    self.content.features,
                    self.results.found,
                    self.composer.sides,
                    self._markdown,
                ),
            ),
        }
        topics = {_path(slug): self._topic_maker(slug) for slug in self.topics}
        return shared | topics | {_claims_path(slug): self._claims_maker(slug) for slug in self.topics}

    @property
    def warm(self) -> Sequence[str]:
        """Return the paths of what is worth making before somebody asks: few readers go to one topic's claims."""
        cold = set(map(_claims_path, self.topics))
        return [path for path in self.pages if path not in cold]

    def _topic_maker(self, slug: str) -> Maker:
        def make() -> Encoded:
            key = self._key(slug)
            page = self._kept.find(slug, key) if key else None
            if page is None:
                page = self._page("topic.html", self.context(slug))
                if key:
                    self._kept.keep(slug, key, page)
            return page

        return make

    def _claims_maker(self, slug: str) -> Maker:
        return lambda: self._page("claims.html", self.topic_ledger(slug))

    def _key(self, slug: str) -> str:
        """Return a text that is another one wherever something is that a topic's page is made of.

        It is empty where what the demos answered is not kept either: then the page is not as declared.
        """
        topic, answered = self.topics[slug], self.results.kept.get(slug)
        notes = [(variant.id, variant.notes) for variant in topic.variants]
        words = (topic.title, topic.summary, topic.takeaway, topic.body, topic.body_line, notes)
        return hashlib.sha256(f"{self._renderer}\n{answered}\n{words!r}".encode()).hexdigest() if answered else ""

    @cached_property
    def _renderer(self) -> str:
        """Return a text that is another one wherever something is that all topics' pages are made of."""
        made_of = (versions(), self._templates.state, self.site, self.content.sides, self.content.shims)
        return hashlib.sha256(repr(made_of).encode()).hexdigest()

    def _page(self, template: str, page: Page) -> Encoded:
        return encode(self._templates.render(template, self.site, page).encode(), HTML)


class LiveCatalog:
    """The one reference through which readers see the catalog; replaced as a whole."""

    def __init__(self) -> None:
        self._current: Catalog | None = None
        self._since = 0.0

    @property
    def current(self) -> Catalog:
        """Return the live catalog. Raises RuntimeError before the first one is set."""
        if self._current is None:
            raise RuntimeError("the catalog is not built yet")
        return self._current

    @property
    def ready(self) -> bool:
        """Tell whether there is a catalog."""
        return self._current is not None

    @property
    def age(self) -> float:
        """Return the seconds since the live catalog was made live."""
        return time.monotonic() - self._since

    def replace(self, catalog: Catalog) -> None:
        """Make a catalog live."""
        self._current = catalog
        self._since = time.monotonic()


def _path(slug: str) -> str:
    return f"/topics/{slug}"


def _claims_path(slug: str) -> str:
    return f"/claims/{slug}"


def _hold(held: dict[str, T], slug: str, value: T) -> None:
    """Add to what is held and let go of the oldest. Threads may do so at the same time."""
    held[slug] = value
    for oldest in list(held)[:-RECENT]:
        held.pop(oldest, None)

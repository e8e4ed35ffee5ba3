"""The immutable snapshot of everything that is live: pages ready to send, contexts, search index.

Built once from content and the runs of its scenarios; a page request only looks up bytes. Touches no network
and no database.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from explorer.atlas import Atlas
from explorer.composing import Composer, Tested
from explorer.content import Content
from explorer.demos import Demos, run_checks
from explorer.encoding import Encoded, encode
from explorer.errata import build_errata
from explorer.evidence import ScenarioRun, findings, run_topic
from explorer.hero import hero
from explorer.ledger import build_ledger
from explorer.matrix import build_matrix
from explorer.rendering import Markdown
from explorer.search import SearchIndex
from explorer.templating import Templates
from explorer.topics import Request, Topic
from explorer.views.answers import Answers
from explorer.views.evidence import LedgerPage
from explorer.views.site import Site
from explorer.views.topic import TopicPage
from explorer.words import Words, render_words

HTML = "text/html; charset=utf-8"
PACKAGES = ("Flask", "Werkzeug", "FastAPI", "Starlette", "Pydantic")
"""Distributions whose versions decide what the demos answer."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that is live."""

    content: Content
    pages: Mapping[str, Encoded]
    """Path of the site, without its prefix, to the page."""
    composer: Composer
    topics: Mapping[str, Topic]
    contexts: Mapping[str, TopicPage]
    runs: Mapping[str, Sequence[ScenarioRun]]
    words: Mapping[str, Words]
    atlas: Atlas
    ledger: LedgerPage
    search: SearchIndex
    unknown_address: Answers
    """What the sides say to an address that does not exist, for our own 404 page."""

    @property
    def site(self) -> Site:
        """Return what every page shows around its content."""
        return self.composer.site


class LiveCatalog:
    """The one reference through which readers see the catalog; replaced as a whole."""

    def __init__(self) -> None:
        self._current: Catalog | None = None

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

    def replace(self, catalog: Catalog) -> None:
        """Make a catalog live."""
        self._current = catalog


async def build_catalog(content: Content, demos: Demos, templates: Templates) -> Catalog:
    """Run every scenario and render every page."""
    runs = {topic.slug: await run_topic(demos, topic) for topic in content.topics}
    topics = {topic.slug: topic for topic in content.topics}
    markdown = Markdown(templates.url, topics)
    composer = Composer(content, runs, markdown, templates.url, _tested())
    checks = {slug: run_checks(slug, topic.folder) for slug, topic in topics.items()}
    found = {slug: findings(topic, runs[slug], checks[slug]) for slug, topic in topics.items()}
    words = {slug: render_words(markdown, topic, found[slug]) for slug, topic in topics.items()}
    contexts = {topic.slug: composer.topic(topic, words[topic.slug]) for topic in content.topics}
    pages = {
        f"/topics/{slug}": _page(templates.render("topic.html", composer.site, page)) for slug, page in contexts.items()
    }
    atlas = Atlas(runs, composer.links)
    ledger = build_ledger(topics, words, checks, composer.links, templates.url)
    errata = build_errata(content.errata, found, markdown, templates.url)
    matrix = build_matrix(content.features, found, composer.sides, markdown, templates.url)
    pages |= {
        "/": _page(templates.render("home.html", composer.site, composer.home())),
        "/differences": _page(templates.render("differences.html", composer.site, atlas.page(composer.site.sides))),
        "/claims": _page(templates.render("claims.html", composer.site, ledger)),
        "/errata": _page(templates.render("errata.html", composer.site, errata)),
        "/matrix": _page(templates.render("matrix.html", composer.site, matrix)),
    }
    return Catalog(
        content=content,
        pages=pages,
        composer=composer,
        topics=topics,
        contexts=contexts,
        runs=runs,
        words=words,
        atlas=atlas,
        ledger=ledger,
        search=SearchIndex((contexts[t.slug], _code(t, contexts[t.slug])) for t in content.topics),
        unknown_address=await _unknown_address(hero(content, runs)[0], demos, composer),
    )


def _page(html: str) -> Encoded:
    return encode(html.encode(), HTML)


def _code(topic: Topic, page: TopicPage) -> list[str]:
    variants = [topic.variant(pane.variant) for pane in page.panes]
    return [variant.files[0].text if variant and variant.files else "" for variant in variants]


def _tested() -> Tested:
    today = datetime.now(UTC).date()
    return Tested(
        packages=tuple((name, version(name)) for name in PACKAGES),
        python=platform.python_version(),
        date=f"{today.day} {today:%B %Y}",
    )


async def _unknown_address(topic: Topic, demos: Demos, composer: Composer) -> Answers:
    request = Request(path="/no-such-address")
    exchanges = await demos.send(topic, request, topic.default_variants)
    return composer.answers(topic, request, exchanges)

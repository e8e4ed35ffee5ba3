"""The atlas: every difference that the scenarios of all topics produce, counted, filtered and drawn.

Everything comes from runs; nothing is typed. Knows no HTTP.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import Markup

from explorer.answers import difference_view
from explorer.compare import Difference
from explorer.compare.differences import Area
from explorer.compare.effects import SEVERITY
from explorer.evidence import ScenarioRun
from explorer.topics import Scenario
from explorer.views.evidence import AtlasFilter, AtlasPage, AtlasRow, Option
from explorer.views.site import SideView, TopicLink

AREAS: tuple[Area, ...] = ("status", "header", "body")
FACETS = ("effect", "area", "status", "topic")
ROWS = 60
"""Differences after which a page ends, at the end of a topic."""
STATUSES = {"changes": "Status differs", "same": "Same status"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a reader filters by; empty shows all."""

    effect: str = ""
    area: str = ""
    status: str = ""
    topic: str = ""
    page: int = 1
    """Beyond the last one stands the last one."""

    @property
    def query(self) -> str:
        """Return the filters that are set as they stand in an address, without the page."""
        return urlencode({name: value for name in FACETS if (value := getattr(self, name))})


@dataclass(frozen=True, slots=True)
class _Entry:
    link: TopicLink
    scenario: Scenario
    statuses: tuple[str, str]
    difference: Difference

    def facet(self, name: str) -> str:
        """Return the value by which a filter knows the entry."""
        if name == "effect":
            return self.difference.effect
        if name == "area":
            return self.difference.area
        if name == "topic":
            return self.link.slug
        return "same" if self.statuses[0] == self.statuses[1] else "changes"


class Atlas:
    """All differences, ready to be filtered."""

    def __init__(self, runs: Mapping[str, Sequence[ScenarioRun]], links: Mapping[str, TopicLink]) -> None:
        """Collect the material differences of every topic's runs, in reading order."""
        self._links = links
        self._entries = [
            _Entry(links[slug], run.scenario, _statuses(run), difference)
            for slug in links
            for run in runs.get(slug, ())
            if run.comparison
            for difference in run.comparison.material
        ]

    def page(self, sides: Sequence[SideView], chosen: Chosen = Chosen()) -> AtlasPage:  # frozen
        """Return the page with what a reader chose."""
        entries = self._fitting(chosen)
        pages = list(_pages(entries, self._links))
        number = min(chosen.page, len(pages))
        return AtlasPage(
            rows=tuple(_row(entry) for entry in entries if entry.link.slug in pages[number - 1]),
            fitting=len(entries),
            total=self.total,
            page=number,
            pages=len(pages),
            query=chosen.query,
            filter=AtlasFilter(
                effects=self._options("effect", chosen, {effect: effect.capitalize() for effect in SEVERITY}),
                areas=self._options("area", chosen, {area: area.capitalize() for area in AREAS}),
                statuses=self._options("status", chosen, STATUSES),
                topics=self._options("topic", chosen, {slug: link.title for slug, link in self._links.items()}),
            ),
            chart=_chart(entries),
            sides=(sides[0], sides[1]),
        )

    @property
    def total(self) -> int:
        """Return how many differences there are."""
        return len(self._entries)

    def rows(self, chosen: Chosen) -> list[AtlasRow]:
        """Return all that a reader chose, of every page, the worst effect first."""
        return [_row(entry) for entry in self._fitting(chosen)]

    def _fitting(self, chosen: Chosen) -> list[_Entry]:
        entries = [e for e in self._entries if _fits(e, chosen)]
        return sorted(entries, key=lambda e: SEVERITY.index(e.difference.effect))

    def _options(self, facet: str, chosen: Chosen, titles: Mapping[str, str]) -> tuple[Option, ...]:
        """Return a filter's choices, each with how many it would show beside the other filters."""
        others = [e for e in self._entries if _fits(e, chosen, leave_out=facet)]
        counts = Counter(entry.facet(facet) for entry in others)
        value: str = getattr(chosen, facet)
        return tuple(Option(key, title, counts[key], key == value) for key, title in titles.items())


def _statuses(run: ScenarioRun) -> tuple[str, str]:
    left, right = (exchange.response for exchange in run.plain[:2])
    return (str(left.status) if left else "none", str(right.status) if right else "none")


def _fits(entry: _Entry, chosen: Chosen, leave_out: str = "") -> bool:
    return all(
        facet == leave_out or not getattr(chosen, facet) or entry.facet(facet) == getattr(chosen, facet)
        for facet in FACETS
    )


def _pages(entries: Iterable[_Entry], slugs: Iterable[str]) -> Iterator[set[str]]:
    """Yield the topics of each page, in reading order; there is always a first one."""
    counts = Counter(entry.link.slug for entry in entries)
    page: set[str] = set()
    for slug in slugs:
        page |= {slug} if counts[slug] else set()
        if sum(counts[one] for one in page) >= ROWS:
            yield page
            page = set()
    if page or not counts:
        yield page


def _row(entry: _Entry) -> AtlasRow:
    scenario = entry.scenario
    return AtlasRow(entry.link, scenario.id, scenario.title, entry.statuses, difference_view(entry.difference))


BAR, WIDTH = 44, 420
"""Height of a row and width of the whole picture, in the SVG's own units; narrow, so that it can be read on a phone."""


def _chart(entries: Iterable[_Entry]) -> Markup:
    """Draw differences by effect, each bar cut by area; the numbers stand above the bars."""
    counts = Counter((e.difference.effect, e.difference.area) for e in entries)
    totals = [(effect, sum(counts[effect, area] for area in AREAS)) for effect in SEVERITY]
    largest = max([total for _, total in totals] + [1])
    rows = Markup("").join(
        _bar(number, effect, total, [(area, counts[effect, area]) for area in AREAS], largest)
        for number, (effect, total) in enumerate(totals)
    )
    summary = "; ".join(f"{effect}: {total}" for effect, total in totals)
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="Differences by effect. {}">{}</svg>'
    ).format(WIDTH, BAR * len(totals), summary, rows)


def _bar(number: int, effect: str, total: int, parts: Sequence[tuple[str, int]], largest: int) -> Markup:
    top, x = number * BAR, 0.5
    pieces = []
    for area, count in parts:
        width = (WIDTH - 1) * count / largest
        if count:
            box = Markup('<rect class="area-{}" x="{:.1f}" y="{}" width="{:.1f}" height="14">')
            pieces.append(
                box.format(area, x, top + 21, width) + Markup("<title>{}: {}</title></rect>").format(area, count)
            )
        x += width
    said = ", ".join(f"{count} {area}" for area, count in parts if count) or "none"
    return Markup('<text y="{y}">{} {}</text><text class="ax" x="{x}" y="{y}">{}</text>{}').format(
        effect.capitalize(), total, said, Markup("").join(pieces), x=WIDTH, y=top + 14
    )

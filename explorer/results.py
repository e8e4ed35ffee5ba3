"""What the demos answered and the checks found: it changes with the code and its versions, never with the words.

Runs what was not run before, and keeps it. Renders nothing; `catalog` puts it together with the words.
"""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from typing import TypeVar

from explorer.claims import Findings
from explorer.compare.differences import Mark
from explorer.content import Content
from explorer.demos import CheckResult, Demos, run_checks
from explorer.evidence import ScenarioRun, findings, run_of, run_topic
from explorer.hero import hero
from explorer.kept import Kept, Shelf, Summary, file_name
from explorer.topics import Exchange, Request, Topic
from explorer.views.site import day

T = TypeVar("T")

logger = logging.getLogger("explorer")

RECENT = 64
"""Topics whose evidence is held; that of the others is read again."""

PACKAGES = ("Flask", "Werkzeug", "FastAPI", "Starlette", "Pydantic")
"""Distributions whose versions decide what the demos answer."""

UNKNOWN = Request(path="/no-such-address")


@dataclass(frozen=True, slots=True)
class Tested:
    """What the scenarios ran with."""

    packages: tuple[tuple[str, str], ...]
    python: str
    date: str
    """The day of the oldest of them."""
    days: Mapping[str, str]
    """The day by topic."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one topic's scenarios and checks showed."""

    runs: Sequence[ScenarioRun]
    checks: Mapping[str, CheckResult]
    found: Findings


class ByTopic(Mapping[str, T]):
    """Something of each topic, made when it is asked for."""

    def __init__(self, slugs: Iterable[str], make: Callable[[str], T]) -> None:
        """Take the topics that have it, and what makes it."""
        self._slugs = dict.fromkeys(slugs)
        self._make = make

    def __getitem__(self, slug: str) -> T:
        """Return what a topic has. Raises KeyError."""
        if slug not in self._slugs:
            raise KeyError(slug)
        return self._make(slug)

    def __contains__(self, slug: object) -> bool:
        return slug in self._slugs

    def __iter__(self) -> Iterator[str]:
        return iter(self._slugs)

    def __len__(self) -> int:
        return len(self._slugs)


@dataclass(frozen=True, slots=True)
class Results:
    """What was run, by topic."""

    marks: Mapping[str, Mapping[str, Mark]]
    """By topic and scenario."""
    runs: Mapping[str, Sequence[ScenarioRun]]
    checks: Mapping[str, Mapping[str, CheckResult]]
    found: Mapping[str, Findings]
    hero: Topic
    """The topic that the front page opens with."""
    unknown: tuple[Exchange, ...]
    """What its demos say to an address that does not exist, for our own 404 page."""
    tested: Tested
    kept: Mapping[str, str]
    """By topic: what its answers are found by on the shelf, and when they were given; no entry if they are not kept."""


async def gather_results(content: Content, demos: Demos, shelf: Shelf) -> Results:
    """Take every scenario's answers and every check's finding from the shelf, or run it. Raises ContentError.

    Of what is on the shelf only the summaries are read now. The error says that no topic has an answer.
    """
    summaries: dict[str, Summary] = {}
    unkept: dict[str, Evidence] = {}
    at_hand = {topic.slug: shelf.summary(topic) for topic in content.topics}
    if missing := sum(summary is None for summary in at_hand.values()):
        logger.info("nothing is kept of %d of %d topics: running their scenarios and checks", missing, len(at_hand))
    for topic in content.topics:
        summary = at_hand[topic.slug] or shelf.summary(topic)  # another process may have run it meanwhile
        if summary is None:
            summary, evidence, kept = await run_evidence(demos, topic, shelf)
            if not kept:
                unkept[topic.slug] = evidence
        summaries[topic.slug] = summary
    topics = {topic.slug: topic for topic in content.topics}

    @lru_cache(maxsize=RECENT)
    def evidence_of(slug: str) -> Evidence:
        return unkept.get(slug) or _read(topics[slug], shelf)

    runs = ByTopic(topics, lambda slug: evidence_of(slug).runs)
    first = hero(content, runs)[0]
    return Results(
        marks={slug: summary.marks for slug, summary in summaries.items()},
        runs=runs,
        checks=ByTopic(topics, lambda slug: evidence_of(slug).checks),
        found=ByTopic(topics, lambda slug: evidence_of(slug).found),
        hero=first,
        unknown=await demos.send(first, UNKNOWN, first.default_variants),
        kept=ByTopic(topics.keys() - unkept.keys(), lambda slug: f"{file_name(topics[slug])} {summaries[slug].ran_at}"),
        tested=_tested({slug: summary.ran_at for slug, summary in summaries.items()}),
    )


async def run_evidence(demos: Demos, topic: Topic, shelf: Shelf) -> tuple[Summary, Evidence, bool]:
    """Run a topic's evidence; keep it if all of it is as declared, and tell whether it is kept."""
    runs = await run_topic(demos, topic)
    checks = run_checks(topic.slug, topic.folder)
    evidence = Evidence(runs, checks, findings(topic, runs, checks))
    summary = Summary({run.scenario.id: run.comparison.mark for run in runs if run.comparison}, datetime.now(UTC))
    kept = all(finding.holds for finding in evidence.found.values()) and shelf.keep(
        topic, summary, Kept({run.scenario.id: run.exchanges for run in runs}, tuple(checks.values()))
    )
    return summary, evidence, kept


def _read(topic: Topic, shelf: Shelf) -> Evidence:
    """Return what is on the shelf; nothing if somebody took it away since the start."""
    kept = shelf.find(topic)
    if kept is None:
        logger.error("the kept answers of %s are gone; start again to run them", topic.slug)
        return Evidence((), {}, {})
    runs = tuple(run_of(topic, scenario, kept.exchanges[scenario.id]) for scenario in topic.scenarios)
    checks = {check.id: check for check in kept.checks}
    return Evidence(runs, checks, findings(topic, runs, checks))


def _tested(times: Mapping[str, datetime]) -> Tested:
    return Tested(
        packages=tuple((name, version(name)) for name in PACKAGES),
        python=platform.python_version(),
        date=day(min(times.values())),
        days={slug: day(time) for slug, time in times.items()},
    )

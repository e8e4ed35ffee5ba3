"""What the demos answered and the checks found: it changes with the code and its versions, never with the words.

Runs what was not run before, and keeps it. Renders nothing; `catalog` puts it together with the words.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from explorer.claims import Findings
from explorer.content import Content
from explorer.demos import CheckResult, Demos, run_checks
from explorer.evidence import ScenarioRun, findings, run_of, run_topic
from explorer.hero import hero
from explorer.kept import Kept, Shelf
from explorer.topics import Exchange, Request, Topic
from explorer.views.site import day

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
class Results:
    """What was run, by topic."""

    runs: Mapping[str, Sequence[ScenarioRun]]
    checks: Mapping[str, Mapping[str, CheckResult]]
    found: Mapping[str, Findings]
    hero: Topic
    """The topic that the front page opens with."""
    unknown: tuple[Exchange, ...]
    """What its demos say to an address that does not exist, for our own 404 page."""
    tested: Tested


async def gather_results(content: Content, demos: Demos, shelf: Shelf) -> Results:
    """Take every scenario's answers and every check's finding from the shelf, or run it. Raises ContentError.

    The error says that no topic has an answer.
    """
    runs, checks, found, times = {}, {}, {}, {}
    for topic in content.topics:
        kept = shelf.find(topic) or await _run(demos, topic, shelf)
        runs[topic.slug] = tuple(run_of(topic, s, kept.exchanges[s.id]) for s in topic.scenarios)
        checks[topic.slug] = {check.id: check for check in kept.checks}
        found[topic.slug] = findings(topic, runs[topic.slug], checks[topic.slug])
        times[topic.slug] = kept.ran_at
    first = hero(content, runs)[0]
    return Results(
        runs=runs,
        checks=checks,
        found=found,
        hero=first,
        unknown=await demos.send(first, UNKNOWN, first.default_variants),
        tested=_tested(times),
    )


async def _run(demos: Demos, topic: Topic, shelf: Shelf) -> Kept:
    """Run a topic's evidence; keep it if all of it is as declared."""
    runs = await run_topic(demos, topic)
    checks = run_checks(topic.slug, topic.folder)
    kept = Kept({run.scenario.id: run.exchanges for run in runs}, tuple(checks.values()), datetime.now(UTC))
    if all(finding.holds for finding in findings(topic, runs, checks).values()):
        shelf.keep(topic, kept)
    return kept


def _tested(times: Mapping[str, datetime]) -> Tested:
    return Tested(
        packages=tuple((name, version(name)) for name in PACKAGES),
        python=platform.python_version(),
        date=day(min(times.values())),
        days={slug: day(time) for slug, time in times.items()},
    )

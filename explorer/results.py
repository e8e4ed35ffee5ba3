"""What the demos answered and the checks found, once for each start: it changes with the code, never with the words.

Runs everything and keeps it. Renders nothing; `catalog` puts it together with the words.
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
from explorer.evidence import ScenarioRun, findings, run_topic
from explorer.hero import hero
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


async def gather_results(content: Content, demos: Demos) -> Results:
    """Run every scenario and every check. Raises ContentError if no topic has an answer."""
    runs = {topic.slug: await run_topic(demos, topic) for topic in content.topics}
    checks = {topic.slug: run_checks(topic.slug, topic.folder) for topic in content.topics}
    first = hero(content, runs)[0]
    return Results(
        runs=runs,
        checks=checks,
        found={topic.slug: findings(topic, runs[topic.slug], checks[topic.slug]) for topic in content.topics},
        hero=first,
        unknown=await demos.send(first, UNKNOWN, first.default_variants),
        tested=_tested(),
    )


def _tested() -> Tested:
    return Tested(
        packages=tuple((name, version(name)) for name in PACKAGES),
        python=platform.python_version(),
        date=day(datetime.now(UTC)),
    )

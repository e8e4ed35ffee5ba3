"""Runs scenarios and says whether the answers are what the topic declares.

Scenarios to exchanges, exchanges to verdicts and marks. Does not format pages and does not read files.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from explorer.claims import Finding, Findings
from explorer.compare import Comparison, compare
from explorer.demos import CheckResult, Demos
from explorer.topics import ANSWERED, Exchange, Expectation, Scenario, Topic

TRIES = 4
REST = 0.5
"""Seconds between two tries."""
OURS = ("busy", "timeout")
"""Failures that may be the machine's."""


@dataclass(frozen=True, slots=True)
class ScenarioRun:
    """One scenario with the answers of every variant and the comparison of the sides' plain answers."""

    scenario: Scenario
    exchanges: tuple[Exchange, ...]
    """In the order of the topic's variants."""
    plain: tuple[Exchange, ...]
    """Those of the default variants."""
    comparison: Comparison | None
    """First side against second; None where a side is missing."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one variant answered a scenario as declared."""

    scenario: Scenario
    variant: str
    mismatches: tuple[str, ...]
    """What is not as declared; empty if it holds."""

    @property
    def holds(self) -> bool:
        """Tell whether the answer is as declared."""
        return not self.mismatches


async def run_scenario(demos: Demos, topic: Topic, scenario: Scenario) -> ScenarioRun:
    """Send one scenario to every variant of its topic. What a busy machine did to it is no evidence: once more then."""
    for _ in range(TRIES):
        exchanges = await demos.send(topic, scenario.request, topic.variants, before=scenario.before)
        if not any(_disturbed(topic, scenario, exchange) for exchange in exchanges):
            break
        await asyncio.sleep(REST)
    return run_of(topic, scenario, exchanges)


def _disturbed(topic: Topic, scenario: Scenario, exchange: Exchange) -> bool:
    """Tell whether the machine may be to blame: too late, lines of a log in another order, a slow socket."""
    if exchange.failure and exchange.failure.kind in OURS:
        return True
    variant = topic.variant(exchange.variant)
    expected = scenario.expectation(variant) if variant else None
    if expected and exchange.request.is_socket and exchange.response and expected.body:
        said = exchange.response.body.decode(errors="replace")
        return said != expected.body and expected.body.startswith(said)
    if expected is None or expected.log is None:
        return False
    log = _written(exchange, expected.log)
    return log != expected.log and sorted(log) == sorted(expected.log)


def _written(exchange: Exchange, declared: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines of a log, with the place of the answer among them if that is declared."""
    return exchange.story if ANSWERED in declared else exchange.log


def run_of(topic: Topic, scenario: Scenario, exchanges: tuple[Exchange, ...]) -> ScenarioRun:
    """Return a scenario with its answers, compared."""
    defaults = {variant.id for variant in topic.default_variants}
    plain = tuple(e for e in exchanges if e.variant in defaults)
    comparison = compare(plain[0], plain[1]) if len(plain) > 1 else None
    return ScenarioRun(scenario, exchanges, plain, comparison)


async def run_topic(demos: Demos, topic: Topic) -> tuple[ScenarioRun, ...]:
    """Send every scenario of a topic, one after the other."""
    return tuple([await run_scenario(demos, topic, scenario) for scenario in topic.scenarios])


def verdicts(topic: Topic, run: ScenarioRun) -> Iterator[Verdict]:
    """Hold each answer of a run against what the topic declares."""
    for exchange in run.exchanges:
        variant = topic.variant(exchange.variant)
        expectation = run.scenario.expectation(variant) if variant else None
        if expectation is None:
            yield Verdict(run.scenario, exchange.variant, ("the topic declares no answer.",))
        else:
            yield Verdict(run.scenario, exchange.variant, tuple(_mismatches(exchange, expectation)))


def _mismatches(exchange: Exchange, expected: Expectation) -> Iterator[str]:
    response = exchange.response
    detail = exchange.failure.detail if exchange.failure else ""
    if expected.broken and expected.broken not in detail:
        yield f"the answer does not break off with {expected.broken!r}."
    if detail and not (expected.broken and expected.broken in detail):
        yield detail
    if response is None:
        return
    if response.status != expected.status:
        yield f"the status is {response.status}, declared is {expected.status}."
    for name, value in expected.headers.items():
        if (actual := response.header(name)) != value:
            yield f"the header {name} is {actual!r}, declared is {value!r}."
    for name in expected.absent:
        if response.header(name):
            yield f"the header {name} is there ({response.header(name)!r}), declared is that it is absent."
    if expected.log is not None:
        log = _written(exchange, expected.log)
        if log != expected.log:
            yield f"the log is {_cut(list(log))}, declared is {_cut(list(expected.log))}."
    yield from _body_mismatches(response.body.decode(errors="replace"), expected)


def _body_mismatches(body: str, expected: Expectation) -> Iterator[str]:
    if expected.body is not None and body != expected.body:
        yield f"the body is {_cut(body)}, declared is {_cut(expected.body)}."
    for text in expected.contains:
        if text not in body:
            yield f"the body does not contain {text!r}: {_cut(body)}."
    if expected.json is not None:
        try:
            same = _canonical(body) == _canonical(expected.json)
        except ValueError as error:
            yield f"body or declared json is not JSON ({error}): {_cut(body)}."
        else:
            if not same:
                yield f"the JSON is {_cut(body)}, declared is {_cut(expected.json)}."
    if body and expected.body is None and expected.json is None and not expected.contains:
        yield f"the topic declares nothing about the body, which is {_cut(body)}."


def _canonical(text: str) -> str:
    """Return JSON with sorted keys: Python's own equality takes 1, 1.0 and true for the same."""
    return json.dumps(json.loads(text), sort_keys=True)


def _cut(value: str | list[str]) -> str:
    text = value if isinstance(value, str) else "\n".join(value)
    return repr(value) if len(text) <= 300 else repr(f"{text[:300]}…")


def findings(topic: Topic, runs: Sequence[ScenarioRun], checks: Mapping[str, CheckResult]) -> Findings:
    """Return what each piece of a topic's evidence showed, for the claims that name it."""
    found: dict[str, Finding] = {}
    for run in runs:
        problems = []
        for verdict in verdicts(topic, run):
            problem = f"{verdict.variant}: {' '.join(verdict.mismatches)}" if verdict.mismatches else ""
            found[f"scenario:{run.scenario.id}/{verdict.variant}"] = Finding(not problem, problem or run.scenario.title)
            problems += [problem] if problem else []
        detail = " ".join(problems) or run.scenario.title
        found[f"scenario:{run.scenario.id}"] = Finding(not problems, detail)
    for check in checks.values():
        found[f"check:{check.id}"] = Finding(check.problem is None, check.problem or check.fact)
    return found


def differing(runs: Sequence[ScenarioRun]) -> int:
    """Count the scenarios to which the sides answer differently."""
    return sum(1 for run in runs if run.comparison and run.comparison.mark == "different")

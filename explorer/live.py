"""Exchanges and runs of tests to what a reader sees of them: rows of a log in order, panes of output.

Runs nothing and renders no HTML.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.metadata import version

from explorer.demos.testing import TestRun
from explorer.topics import WEBSOCKET, Exchange, Topic
from explorer.views.live import Follow, LogPane, LogRow, TestPane, Tests
from explorer.views.site import SideView, day

RUNNER = "pytest"
"""The distribution that runs the tests."""


def follow_view(
    topic: Topic, exchanges: Sequence[Exchange], sides: Mapping[str, SideView], titles: Mapping[str, str], base: str
) -> Follow | None:
    """Return what some exchanges wrote and sent, None where a topic is not followed. `base` is its address."""
    if not (topic.log or topic.live):
        return None
    panes = (LogPane(sides[e.side], e.variant, titles[e.variant], tuple(_rows(e))) for e in exchanges)
    sockets = WEBSOCKET in topic.methods
    live = f"{base}/live" if topic.live else ""
    return Follow(f"{base}/follow", live, sockets, bool(topic.log), tuple(panes))


def answer_row(exchange: Exchange) -> LogRow:
    """Return the answer as a row among the lines of a log."""
    if exchange.response is None:
        return LogRow("answer", exchange.failure.detail if exchange.failure else "No answer.")
    status = exchange.response.status
    reason = HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
    return LogRow("answer", f"{status} {reason}".strip(), status)


def _rows(exchange: Exchange) -> Iterator[LogRow]:
    told = 0
    for piece in exchange.pieces:
        yield from (LogRow("before", line) for line in exchange.log[told : piece.lines])
        yield LogRow("piece", piece.text)
        told = max(told, piece.lines)
    yield from (LogRow("before", line) for line in exchange.log[told : exchange.before])
    yield answer_row(exchange)
    for line in exchange.log[exchange.before :]:
        yield LogRow("after", line)


def tests_view(topic: Topic, action: str) -> Tests | None:
    """Return the tests of a topic before they are run, None where there are none."""
    return Tests(action, topic.tests) if topic.tests else None


def ran_view(topic: Topic, runs: Sequence[TestRun], sides: Mapping[str, SideView], action: str) -> Tests:
    """Return what came of running a topic's tests just now."""
    packages = [f"{side.title} {side.version}" for side in sides.values()]
    ran = f"{RUNNER} {version(RUNNER)}, {', '.join(packages)}, Python {platform.python_version()}"
    panes = tuple(_pane(run, sides[run.variant.side.id]) for run in runs)
    return Tests(action, topic.tests, panes, f"{ran}, {day(datetime.now(UTC))}")


def _pane(run: TestRun, side: SideView) -> TestPane:
    counts = [f"{run.failed} failed"] if run.failed else []
    counts += [f"{run.passed} passed"] if run.passed else []
    holds = bool(run.passed) and not run.failed and not run.problem
    return TestPane(side, run.variant.title, holds, ", ".join(counts) or "No result", run.output, run.problem)

"""What happens while a reader watches: the log of a demo beside its answer, and tests that run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explorer.views.site import SideView


@dataclass(frozen=True, slots=True)
class LogRow:
    """One line of a log, a piece of an answer, or the answer itself among them."""

    kind: Literal["before", "piece", "answer", "after"]
    text: str
    """The line or the piece; for the answer its status and reason, or why there is none."""
    status: int | None = None
    """Of the answer."""


@dataclass(frozen=True, slots=True)
class LogPane:
    """What one variant wrote and answered, in order."""

    side: SideView
    variant: str
    title: str
    rows: tuple[LogRow, ...]


@dataclass(frozen=True, slots=True)
class Follow:
    """The logs beside each other, as the last request left them."""

    action: str
    """Where a request is sent to be followed."""
    live: str
    """Where a reader who watches sends messages and stops it; empty where answers are not live."""
    sockets: bool
    """Messages can be sent."""
    log: bool
    """The demos write a log."""
    panes: tuple[LogPane, ...]


@dataclass(frozen=True, slots=True)
class TestPane:
    """What came of the tests of one side. Without output they did not run, and `problem` says why."""

    side: SideView
    title: str
    holds: bool
    verdict: str
    """For example "5 passed" or "1 failed, 4 passed"."""
    output: str
    problem: str


@dataclass(frozen=True, slots=True)
class Tests:
    """The tests that a topic shows and what came of running them."""

    action: str
    file: str
    panes: tuple[TestPane, ...] = ()
    """Empty until they were run."""
    ran: str = ""
    """With what and when: versions and the day."""
    refused: str = ""
    """Why nothing was started."""

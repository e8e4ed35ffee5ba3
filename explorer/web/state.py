"""What every handler may use, put together once in `app`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from explorer.assets import Assets
from explorer.catalog import LiveCatalog
from explorer.demos import Demos
from explorer.demos.testing import TestRuns
from explorer.lag import LoopLag
from explorer.metrics import Metrics
from explorer.rates import Rates
from explorer.settings import Settings
from explorer.templating import Templates
from explorer.topics import Topic
from explorer.views.site import Site

T = TypeVar("T")

COMPOSING = 2
"""Answers that are put together at the same time: each more computing thread makes every page wait 5 ms longer."""


@dataclass(slots=True)
class State:
    """The objects of one process."""

    settings: Settings
    assets: Assets
    templates: Templates
    live: LiveCatalog
    metrics: Metrics
    demos: Demos | None = None
    """None until the demos are loaded."""
    composing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(COMPOSING))
    """Held by `compose`."""
    database_problem: Callable[[], Awaitable[str | None]] | None = None
    """Says in words what is wrong with the database; readers' pages need none and know none."""
    looked: tuple[float, asyncio.Future[tuple[str | None, str | None]]] | None = None
    """When database and disk were looked at last, and what is wrong with them."""
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Published words that this version of the site cannot show, by topic."""
    metrics_problem: str | None = None
    """Why metrics are not served although they are to be."""
    lag: LoopLag = field(init=False)
    tests: TestRuns = field(init=False)
    try_rates: Rates = field(init=False)
    """What makes demos work."""
    request_rates: Rates = field(init=False)
    """What is not answered from memory."""
    downloads: dict[tuple[str, str], tuple[Topic, bytes]] = field(default_factory=dict)
    """By slug and file, what was made for the topic as it was then."""

    refusals: dict[tuple[int, str], tuple[Site, str]] = field(default_factory=dict)
    """By status and sentence, the page for whoever asks too much, and the site as that page shows it."""

    def __post_init__(self) -> None:
        self.lag = LoopLag(self.metrics.loop_lag.observe)
        self.tests = TestRuns(self.settings.test_runs)
        self.try_rates = Rates(self.settings.try_rate)
        self.request_rates = Rates(self.settings.request_rate)

    async def compose(self, make: Callable[..., T], *arguments: object) -> T:
        """Return what `make` makes, in a thread and in turn: the loop goes on sending pages."""
        async with self.composing:
            return await run_in_threadpool(make, *arguments)

    @property
    def running_demos(self) -> Demos:
        """Return the demos. Raises RuntimeError before they are loaded."""
        if self.demos is None:
            raise RuntimeError("the demos are not loaded")
        return self.demos


def state_of(connection: HTTPConnection) -> State:
    """Return the state of the application that a request came to."""
    return cast(State, connection.app.state.explorer)

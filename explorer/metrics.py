"""What this process counts and measures, for Prometheus, under names that begin with explorer_.

Requests are counted with plain integers and put into the library's form when somebody asks: a page costs no lock.
Labels take few values: no path, no topic, nothing a visitor typed. Serves nothing; `listener` does.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from explorer.errors import Busy, TooMany, UnusableRequest
from explorer.topics import METHODS, Exchange

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends of the buckets of a duration."""
_ENDS = (*map(floatToGoString, SECONDS), "+Inf")
_METHODS = frozenset(METHODS)


@dataclass(frozen=True, slots=True)
class Reading:
    """How things stand in this process now."""

    topics: int
    content_complaints: int
    """What was left out because it cannot be read."""
    demos_failed: int
    database_up: bool
    catalog_age: float
    """Seconds since the live catalog was made live."""


@dataclass(slots=True)
class _Tally:
    """Requests of one kind, method and class of status."""

    counts: list[int] = field(default_factory=lambda: [0] * len(_ENDS))
    """By bucket, not added up."""
    seconds: float = 0.0


class Metrics(Collector):
    """All of it, for one process. `registry` is what is served."""

    def __init__(self, read: Callable[[], Reading | None]) -> None:
        """Ask `read` how things stand whenever somebody scrapes; None before the site is ready."""
        self.registry = CollectorRegistry()
        self._read = read
        self._requests: dict[tuple[str, str, int], _Tally] = {}
        self._tried: Counter[tuple[str, str]] = Counter()
        self._refused: Counter[str] = Counter(busy=0, rate=0, refused=0)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.registry.register(self)
        self.publish_lag = Histogram(
            "explorer_publish_lag_seconds",
            "From saving a published revision to its going live in this process.",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.loop_lag = Histogram(
            "explorer_event_loop_lag_seconds",
            "How much later than planned the event loop woke a sampler.",
            buckets=SECONDS,
            registry=self.registry,
        )

    def count_request(self, kind: str, method: str, status: int, seconds: float) -> None:
        """Count an answered request. `status` 0 stands for a connection that ended before an answer."""
        key = (kind, method if method in _METHODS else "other", status // 100)
        tally = self._requests.get(key)
        if tally is None:
            tally = self._requests[key] = _Tally()
        tally.counts[bisect_left(SECONDS, seconds)] += 1
        tally.seconds += seconds

    def count_tries(self, exchanges: Iterable[Exchange]) -> None:
        """Count what demos did with a reader's request."""
        self._tried.update((e.side, e.failure.kind if e.failure else "answered") for e in exchanges)

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Count a try-it request that the block refuses before any demo is called."""
        try:
            yield
        except (Busy, UnusableRequest) as error:
            reason = "rate" if isinstance(error, TooMany) else "busy" if isinstance(error, Busy) else "refused"
            self._refused[reason] += 1
            raise

    def collect(self) -> Iterator[Metric]:
        """Yield what is counted here in the library's form. Called by the listener's thread."""
        yield self._request_family()
        tried = CounterMetricFamily(
            "explorer_try_answers",
            "Try-it requests by side and what its demo did: answered, or the kind of failure.",
            labels=("side", "outcome"),
        )
        for labels, count in self._tried.copy().items():
            tried.add_metric(labels, count)
        yield tried
        refused = CounterMetricFamily(
            "explorer_try_refusals",
            "Try-it requests that reached no demo: busy (no place), rate (one address) or refused (cannot be sent).",
            labels=("reason",),
        )
        for reason, count in self._refused.copy().items():
            refused.add_metric((reason,), count)
        yield refused
        if reading := self._read():
            yield from _gauges(reading)

    def _request_family(self) -> Metric:
        family = HistogramMetricFamily(
            "explorer_request_duration_seconds",
            "Requests to the site, from their first byte read to their last byte handed on.",
            labels=("kind", "method", "status"),
        )
        for (kind, method, status), tally in dict(self._requests).items():
            total, buckets = 0, []
            for end, count in zip(_ENDS, list(tally.counts), strict=True):
                total += count
                buckets.append((end, float(total)))
            labels = (kind, method, f"{status}xx" if status else "none")
            family.add_metric(labels, buckets, tally.seconds)
        return family


def _gauges(reading: Reading) -> Iterator[Metric]:
    for name, text, value in (
        ("explorer_topics", "Topics on the site.", reading.topics),
        (
            "explorer_content_complaints",
            "Topics left out: see /readyz.",
            reading.content_complaints,
        ),
        ("explorer_demos_failed", "Demos that do not load: see /readyz.", reading.demos_failed),
        ("explorer_database_up", "1 if edits could be read at the last look, else 0.", reading.database_up),
        ("explorer_catalog_age_seconds", "Since the live catalog was made live here.", reading.catalog_age),
    ):
        yield GaugeMetricFamily(name, text, value=float(value))

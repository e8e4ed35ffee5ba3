"""Recordings as frozen dataclasses: which bursts of requests a topic declares, and what a recorder saw of them.

Times are milliseconds of real servers, each its own process on loopback. Does no I/O: `content` reads declarations and
files, `recording` makes the file, `lanes` draws it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

PORT = "{port}"
"""Stands in a declared command for the port that is free when it is recorded."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One burst as a topic declares it: so many requests at once to one variant under a server of its own."""

    id: str
    title: str
    """At most 28 characters, with backticks for code."""
    variant: str
    target: str
    """Path and query, as they stand in a request line."""
    server: str
    """The command that starts the server in the variant's folder; PORT stands in it."""
    requests: int

    @property
    def program(self) -> str:
        """Return the command's first word."""
        return self.server.split()[0]


@dataclass(frozen=True, slots=True)
class Flight:
    """One request on its way: when its first byte left and when the last one of its answer was there."""

    sent: float
    """Milliseconds after the burst's first request was sent."""
    answered: float


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was seen of one recording."""

    id: str
    variant: str
    target: str
    command: str
    """As it was run, with the port."""
    durations: tuple[float, ...]
    """Of every run in order: milliseconds from the first request to the last answer."""
    shown: int
    """Which run `flights` are of, from 1: the one of median duration, the shorter of two."""
    flights: tuple[Flight, ...]

    @property
    def last(self) -> float:
        """Return the duration of the run that is shown."""
        return max(flight.answered for flight in self.flights)

    def fits(self, recording: Recording) -> bool:
        """Tell whether this was recorded as the topic declares it now."""
        command = re.escape(recording.server).replace(re.escape(PORT), r"\d+")
        declared = (recording.id, recording.variant, recording.target, recording.requests)
        same = (self.id, self.variant, self.target, len(self.flights)) == declared
        return same and re.fullmatch(command, self.command) is not None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything that one call of the recorder saw of a topic."""

    date: str
    """ISO 8601, the day in UTC."""
    recorder: str
    """The command that made the file."""
    method: str
    """How it was measured, in words for a reader."""
    machine: str
    """Kernel, architecture and number of cores."""
    versions: Mapping[str, str]
    """Of Python, the frameworks and the servers."""
    recordings: tuple[Recorded, ...]

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield what no recorder writes: the field, as "recordings.0.shown", and what is wrong with it."""
        for number, recorded in enumerate(self.recordings):
            for field, problem in _problems(recorded):
                yield f"recordings.{number}.{field}", problem

    def of(self, recordings: Sequence[Recording]) -> Iterator[tuple[Recording, Recorded]]:
        """Yield the declared recordings that were seen as they are declared, in their order, with what was seen."""
        for recording in recordings:
            for recorded in self.recordings:
                if recorded.fits(recording):
                    yield recording, recorded


def median_run(durations: Sequence[float]) -> int:
    """Return the position of the run of median duration, the shorter one of two in the middle."""
    return sorted(range(len(durations)), key=durations.__getitem__)[(len(durations) - 1) // 2]


LONGEST = 60_000.0
"""Milliseconds that no burst takes: a file that says so is broken."""


def _problems(recorded: Recorded) -> Iterator[tuple[str, str]]:
    if not recorded.flights:
        yield "flights", "there is no request"
        return
    for number, flight in enumerate(recorded.flights):
        if not 0 <= flight.sent < flight.answered <= LONGEST:
            yield (
                f"flights.{number}",
                f"sent at {flight.sent} ms and answered at {flight.answered} ms is no order of time",
            )
            return
    if min(flight.sent for flight in recorded.flights) != 0:
        yield "flights", "no request was sent at 0 ms"
    if not recorded.durations:
        yield "durations", "there is no run"
    elif recorded.shown != median_run(recorded.durations) + 1:
        yield "shown", f"{recorded.shown} is not the run of median duration"
    elif recorded.last != recorded.durations[recorded.shown - 1]:
        yield (
            "flights",
            f"the last answer is at {recorded.last} ms, the run took {recorded.durations[recorded.shown - 1]}",
        )

"""What happens at a demo while a request to it is followed: lines of its log, its answer, the end.

Events in the order in which they happened; no event has a time. Writes no bytes to anybody and knows no HTTP server.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace

from explorer.demos.answers import Answer, Arrived, Watch
from explorer.topics import Exchange

LINES = 200
"""Lines of one variant's log that are told and kept."""
LINE_CHARACTERS = 1000
"""Characters kept of one line."""
TICK = 0.02
"""Seconds between two looks at a log: a list tells nobody that it grew."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a demo wrote to its log."""

    variant: str
    text: str
    after: bool
    """Whether the answer was complete before it was written."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer of a variant, or why there is none."""

    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing more comes of a variant."""

    variant: str
    late: bool = False
    """Its work had not ended when its time was over."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A piece of an answer that arrived, or a message that was sent."""

    variant: str
    text: str
    at: float
    """Seconds since the request was sent. Demos sleep on purpose: it says nothing about a framework."""
    sent: bool


Event = Line | Arrival | Answered | Ended


class Channel:
    """Carries the events of several variants to one reader, who may leave."""

    def __init__(self, variants: int) -> None:
        """Expect the end of so many variants."""
        self.variants = variants
        self._open = variants
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self.left = False
        """The reader is gone: nothing is told any more."""

    def tell(self, event: Event) -> None:
        """Hand an event to the reader."""
        if not self.left:
            self._events.put_nowait(event)

    async def events(self) -> AsyncGenerator[Event, None]:
        """Return the events until each variant has ended. To stop iterating is to leave."""
        try:
            while self._open:
                event = await self._events.get()
                self._open -= isinstance(event, Ended)
                yield event
        finally:
            self.left = True


def _read(log: Sequence[object], start: int, end: int | None = None) -> tuple[str, ...]:
    """Return lines of a log as text, within the limits."""
    return tuple(str(line)[:LINE_CHARACTERS] for line in log[start:end][:LINES])


def filled(exchange: Exchange, answer: Answer, log: Sequence[object], watch: Watch) -> Exchange:
    """Return an exchange with the answer and what the log holds."""
    lines, before = _read(log, watch.first), watch.before - watch.first if watch.complete else len(log) - watch.first
    return replace(
        exchange,
        response=answer.response(exchange.request),
        failure=answer.failure,
        log=lines,
        before=min(before, len(lines)),
        pieces=watch.pieces,
    )


async def follow_call(
    channel: Channel, exchange: Exchange, log: Sequence[object], watch: Watch, call: Coroutine[None, None, Answer]
) -> Answer:
    """Make a call and tell a channel what happens; return its answer when its work has ended."""
    task = asyncio.create_task(call)

    def line(text: str, after: bool) -> None:
        channel.tell(Line(exchange.variant, text, after))

    def arrived(arrival: Arrived) -> None:
        channel.tell(Arrival(exchange.variant, arrival.piece.text, arrival.at, arrival.sent))

    def answered() -> None:
        channel.tell(Answered(filled(exchange, watch.answer or task.result(), log, watch)))

    await _watch(task, _Story(log, watch, line, arrived), answered)
    return await task


class _Story:
    """A log and the pieces of an answer, told once each in the order in which they came."""

    def __init__(
        self,
        log: Sequence[object],
        watch: Watch,
        line: Callable[[str, bool], None],
        arrived: Callable[[Arrived], None],
    ) -> None:
        self._log, self.watch, self._line, self._arrived = log, watch, line, arrived
        self._seen = watch.first
        self._pieces = 0

    def tell(self, until: int, after: bool) -> None:
        """Tell what came while the log had at most `until` lines."""
        while self._pieces < len(self.watch.arrived):
            arrival = self.watch.arrived[self._pieces]
            if self.watch.first + arrival.piece.lines > until:
                break
            self._lines(self.watch.first + arrival.piece.lines, after)
            self._arrived(arrival)
            self._pieces += 1
        self._lines(until, after)

    def _lines(self, until: int, after: bool) -> None:
        until = min(until, self.watch.first + LINES)
        for line in _read(self._log, self._seen, until):
            self._line(line, after)
        self._seen = max(self._seen, until)

    @property
    def length(self) -> int:
        """Return how long the log is now."""
        return len(self._log)


async def _watch(call: asyncio.Task[Answer], story: _Story, answered: Callable[[], None]) -> None:
    """Tell a story, and where it happened that the answer was complete.

    Returns when the call has ended, which includes what it left to do.
    """
    said = False
    while True:
        over, end, complete = call.done(), story.length, story.watch.complete
        # The length is read first: what stood there while the answer was not complete came before it.
        story.tell(min(story.watch.before, end) if complete else end, False)
        if (complete or over) and not said:
            said = True
            answered()
        story.tell(end, True)
        if over:
            return
        await asyncio.sleep(TICK)

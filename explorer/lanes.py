"""Recordings to lanes: one bar a request, all recordings of a topic on one time scale.

Positions are computed here, so that the page needs neither script nor inline style. Measures nothing and makes no HTML.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from explorer.timeline import Recorded, Recording
from explorer.topics import Topic
from explorer.views.site import SideView
from explorer.views.timeline import Lane, Tick, TimelineView, Track

LANE = 9
"""Pixels from one lane to the next."""
MOST_SPANS = 7
"""Between the ticks: their labels have room on a phone."""


def draw(topic: Topic, sides: Mapping[str, SideView]) -> TimelineView | None:
    """Return a topic's recordings as they are drawn, None if there is none that is seen as declared."""
    timeline = topic.timeline
    seen = list(timeline.of(topic.recordings)) if timeline else []
    if timeline is None or not seen:
        return None
    step = _step(max(recorded.last for _, recorded in seen))
    end = step * math.ceil(max(recorded.last for _, recorded in seen) / step)
    columns: dict[str, list[Track]] = {side: [] for side in sides}
    for recording, recorded in seen:
        variant = topic.variant(recording.variant)
        assert variant is not None, "content refuses a recording of no variant"
        columns[variant.side.id].append(_track(recording, recorded, sides[variant.side.id], end))
    return TimelineView(
        columns=tuple(tuple(tracks) for tracks in columns.values() if tracks),
        ticks=tuple(_tick(number * step, end) for number in range(round(end / step) + 1)),
        date=timeline.date,
        method=timeline.method,
        machine=timeline.machine,
        recorder=timeline.recorder,
        versions=tuple(timeline.versions.items()),
    )


def _step(longest: float) -> float:
    """Return the smallest step of 1, 2 or 5 times a power of ten that gives few enough ticks."""
    power = 10.0 ** math.floor(math.log10(longest))
    steps = (power * factor for factor in (0.1, 0.2, 0.5, 1, 2, 5))
    return next(step for step in steps if math.ceil(longest / step) <= MOST_SPANS)


def _track(recording: Recording, recorded: Recorded, side: SideView, end: float) -> Track:
    lanes = [
        Lane(
            x=_percent(flight.sent, end),
            width=_percent(flight.answered - flight.sent, end),
            y=LANE * number,
            sent=_ms(flight.sent),
            answered=_ms(flight.answered),
        )
        for number, flight in enumerate(recorded.flights)
    ]
    return Track(
        side=side,
        title=recording.title,
        target=recorded.target,
        command=recorded.command,
        lanes=tuple(lanes),
        height=LANE * len(lanes),
        last=_ms(recorded.last),
        durations=tuple(map(_ms, recorded.durations)),
        shown=recorded.shown,
    )


def _tick(ms: float, end: float) -> Tick:
    anchor = "start" if ms == 0 else "end" if ms == end else "middle"
    return Tick(_percent(ms, end), f"{ms:,g}", anchor)


def _percent(ms: float, end: float) -> str:
    return f"{100 * ms / end:.2f}%"


def _ms(ms: float) -> str:
    return f"{ms:,.1f}"

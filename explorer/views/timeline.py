"""A topic's recordings as lanes on one time scale. Positions are percentages of the scale, times are in words."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.views.site import SideView


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the time scale."""

    x: str
    label: str
    anchor: str
    """SVG text-anchor: the first and the last label stay within the picture."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One request: a bar from sent to answered."""

    x: str
    width: str
    y: int
    """Pixels from the top."""
    sent: str
    answered: str
    """Both in milliseconds, for example "1,222.9"."""


@dataclass(frozen=True, slots=True)
class Track:
    """One recording."""

    side: SideView
    title: str
    """With backticks for code."""
    target: str
    command: str
    lanes: tuple[Lane, ...]
    height: int
    """Pixels of the lanes together."""
    last: str
    """When the last answer was there."""
    durations: tuple[str, ...]
    shown: int
    """Which of the runs, from 1."""


@dataclass(frozen=True, slots=True)
class TimelineView:
    """Every recording of a topic that was seen as it is declared."""

    columns: tuple[tuple[Track, ...], ...]
    """One a side, left to right; sides without a recording are left out."""
    ticks: tuple[Tick, ...]
    date: str
    method: str
    machine: str
    recorder: str
    versions: tuple[tuple[str, str], ...]

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Return all recordings, column by column."""
        return tuple(track for column in self.columns for track in column)

    @property
    def most(self) -> int:
        """Return how many requests the longest of them sent."""
        return max(len(track.lanes) for track in self.tracks)

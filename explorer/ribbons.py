"""The bands in the spine that tie lines of the left pane to lines of the right one, as one SVG.

Drawn in units of a code line, without inline style, so that it scales with the text and passes a strict CSP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, LINE = 38, 22
"""The spine's inner width and a code line's height, both in pixels at the default text size."""

TARGET = 24
"""The size of what can be pressed around a pin, and the least distance of two pins."""


@dataclass(frozen=True, slots=True)
class Band:
    """One tie: a note's number and title, and the lines (from 1, inclusive) on either side."""

    number: int
    title: str
    left: tuple[int, int]
    right: tuple[int, int]


def draw(bands: Sequence[Band], lines: int, *, pins: bool = True) -> Markup:
    """Return the SVG for panes of `lines` lines. Without pins it is decoration, hidden from assistive technology."""
    paths = Markup("").join(_path(band) for band in bands)
    links = Markup("").join(_pin(band, y) for band, y in zip(bands, _heights(bands), strict=True)) if pins else ""
    hidden = "" if pins else Markup(' aria-hidden="true"')
    return Markup('<svg class="ribbons" viewBox="0 0 {} {}"{}>{}{}</svg>').format(
        WIDTH, lines * LINE, hidden, paths, links
    )


def _path(band: Band) -> Markup:
    (top, bottom), (right_top, right_bottom) = (
        ((first - 1) * LINE + 1, last * LINE - 1) for first, last in (band.left, band.right)
    )
    middle = WIDTH // 2
    return Markup('<path data-n="{n}" d="M0 {a}C{m} {a} {m} {c} {w} {c}V{d}C{m} {d} {m} {b} 0 {b}Z"/>').format(
        n=band.number, a=top, b=bottom, c=right_top, d=right_bottom, m=middle, w=WIDTH
    )


def _heights(bands: Sequence[Band]) -> list[float]:
    """Return the height of each pin: the middle of its band, moved down where two would touch."""
    heights: list[float] = []
    for band in bands:
        middle = (sum(band.left) + sum(band.right) - 2) * LINE / 4 + LINE / 4
        wanted = middle + LINE / 4
        while any(abs(wanted - other) < TARGET for other in heights):
            wanted += LINE / 2
        heights.append(wanted)
    return heights


def _pin(band: Band, y: float) -> Markup:
    return Markup(
        '<a href="#note-{n}" data-n="{n}" aria-label="Note {n}: {title}">'
        '<rect fill="none" pointer-events="all" x="{left}" y="{top:g}" width="{size}" height="{size}"/>'
        '<circle cx="{x}" cy="{y:g}" r="10"/><text x="{x}" y="{t:g}">{n}</text></a>'
    ).format(
        n=band.number,
        title=band.title,
        x=WIDTH // 2,
        y=y,
        t=y + 4,
        left=(WIDTH - TARGET) // 2,
        top=y - TARGET / 2,
        size=TARGET,
    )

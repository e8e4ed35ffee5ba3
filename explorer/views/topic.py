"""A topic's page: panes, notes, gotchas and what follows."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from explorer.views.answers import Answers, Console
from explorer.views.evidence import Scoreboard
from explorer.views.live import Follow, Tests
from explorer.views.site import SideView, TopicLink
from explorer.views.timeline import TimelineView


@dataclass(frozen=True, slots=True)
class FileView:
    """One file in a code pane. `html` is one `<span class="l" id="ID-N">` a line inside a pre/code."""

    path: str
    language: str
    lines: int
    html: Markup


@dataclass(frozen=True, slots=True)
class Pane:
    """The code of one side. Without files the side has no direct equivalent, and `missing` says so."""

    side: SideView
    variant: str
    title: str
    files: tuple[FileView, ...]
    missing: Markup | None = None


@dataclass(frozen=True, slots=True)
class LineRef:
    """A link from a note to lines of one side."""

    side: SideView
    file: str
    label: str
    """For example "line 8" or "lines 8 to 10"."""
    href: str


@dataclass(frozen=True, slots=True)
class Note:
    """One point of "What differs", numbered and tied to lines on both sides."""

    number: int
    title: Markup
    html: Markup
    refs: tuple[LineRef, ...]


@dataclass(frozen=True, slots=True)
class Gotcha:
    """One trap of one side."""

    side: SideView
    title: Markup
    html: Markup


@dataclass(frozen=True, slots=True)
class Prose:
    """A second-level section of a topic's words."""

    id: str
    title: str
    html: Markup


@dataclass(frozen=True, slots=True)
class FramePanel:
    """A page of a demo's own user interface, for use."""

    side: SideView
    name: str
    """The frame's name, so that a link can lead into it."""
    title: str
    variant: str
    path: str
    src: str
    """Where a new visit starts."""
    why: Markup


@dataclass(frozen=True, slots=True)
class TocEntry:
    """One entry of "On this page"."""

    href: str
    title: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What a page says of itself that shows words which are not published, to somebody with a link."""

    number: int
    author: str
    saved: str
    until: str
    """When the link ends."""
    outdated: bool
    """Whether something newer was saved."""
    live: str | None
    """Where the topic is, if it is on the site."""


@dataclass(frozen=True, slots=True)
class TopicPage:
    """Everything on a topic's page."""

    link: TopicLink
    section: str
    title: str
    summary: Markup
    description: str
    """The summary as plain text."""
    takeaway: Markup
    panes: tuple[Pane, ...]
    ribbons: Markup
    """One SVG for the spine that ties lines of the panes to the notes."""
    intro: Markup
    notes: tuple[Note, ...]
    console: Console
    answers: Answers | None
    """None where the topic has no scenario yet."""
    gotchas: tuple[Gotcha, ...]
    sections: tuple[Prose, ...]
    """What follows the gotchas: moving over, when it does not matter, sources."""
    toc: tuple[TocEntry, ...]
    previous: TopicLink | None
    next: TopicLink | None
    others: tuple[Pane, ...] = ()
    """Further variants: other idiomatic answers of the same side."""
    timeline: TimelineView | None = None
    """What was recorded of it under real servers."""
    frames: tuple[FramePanel, ...] = ()
    follow: Follow | None = None
    """The logs of the last request, where a topic has logs."""
    tests: Tests | None = None
    """The shown tests, where a reader can run them."""
    scoreboard: Scoreboard | None = None
    """Every scenario, run just now; only where a reader asked for it without script."""
    holds: bool | None = None
    """Whether all claims of its words hold; None where they claim nothing."""
    draft: Draft | None = None
    """Set where the page is not the one that readers see."""

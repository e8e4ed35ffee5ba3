"""The other pages: home, search, privacy, errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from explorer.views.answers import Answers, Console
from explorer.views.site import Mark, SideView, TopicLink
from explorer.views.topic import Pane


@dataclass(frozen=True, slots=True)
class Choice:
    """One column of "How to choose"."""

    title: str
    side: SideView | None
    lines: tuple[Markup, ...]


@dataclass(frozen=True, slots=True)
class HomePage:
    """The front page: a live pair, the topic map and how to choose."""

    hero: TopicLink
    panes: tuple[Pane, ...]
    """Excerpts of the hero's files with their real line numbers."""
    ribbons: Markup
    console: Console
    """Only its scenarios are shown, as chips that send."""
    answers: Answers
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One line of a search result."""

    kind: Literal["topic", "heading", "code"]
    title: Markup
    """With the matching words in `<mark>`."""
    context: str
    url: str
    side: SideView | None = None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The search page, with or without a query."""

    query: str
    hits: tuple[SearchHit, ...]
    more: bool
    """Whether more was found than these."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One key of the browser's local storage."""

    key: str
    holds: str
    limit: str
    """How much or how long at most; empty where it is one word."""
    removed: str
    """What removes it."""


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    """What this server keeps of people; durations in words."""

    stored: tuple[Stored, ...]
    rates: tuple[int, ...]
    """Requests a minute by which an address is counted; empty where none is."""
    requests_logged: bool
    metrics: bool
    visit: str
    idle: str
    longest: str
    guesses: str
    sweep: str
    """How long rows that are over stay."""
    presence: str
    share: str


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """An error in the look of the site."""

    status: int
    title: str
    detail: str
    path: str
    suggestion: TopicLink | None
    """The topic whose address is closest to a mistyped one."""
    answers: Answers | None
    """What each framework says in the same case, for the record."""
    reference: str | None = None
    """The request id that the log has, for a 500."""

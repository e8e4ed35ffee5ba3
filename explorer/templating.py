"""Page contexts and the Jinja environment that turns them into HTML.

One frozen dataclass a page: a template sees `site` and `page` and nothing else. Knows no HTTP and no
framework; fragments of code and prose arrive as ready Markup from `rendering`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import jinja2
from markupsafe import Markup

Mark = Literal["same", "near", "different"]
"""= the answers are the same, ≈ the same meaning in another form, ≠ they differ."""


@dataclass(frozen=True, slots=True)
class SideView:
    """A side as templates need it; its colours and shapes follow `position`."""

    id: str
    title: str
    abbreviation: str
    position: int
    version: str
    documentation: str


@dataclass(frozen=True, slots=True)
class TopicLink:
    """A topic in the navigation and the topic map."""

    slug: str
    title: str
    url: str
    mark: Mark
    """Derived from the scenarios' answers, never typed."""
    differing: int
    """Scenarios whose answers differ."""
    scenarios: int
    idioms: tuple[tuple[SideView, str], ...]


@dataclass(frozen=True, slots=True)
class SectionLinks:
    """A section with its topics in reading order; sections without topics are left out."""

    id: str
    title: str
    topics: tuple[TopicLink, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """What every page shows around its content."""

    name: str
    sides: tuple[SideView, ...]
    sections: tuple[SectionLinks, ...]
    packages: tuple[tuple[str, str], ...]
    """Installed versions that were tested, name and version."""
    python: str
    tested: str
    """The day on which the scenarios ran, for example "24 November 2026"."""

    @property
    def topics(self) -> tuple[TopicLink, ...]:
        """Return all topics in reading order."""
        return tuple(topic for section in self.sections for topic in section.topics)


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
class ScenarioView:
    """A preset of the console. `request` is JSON for the script that fills the form."""

    id: str
    title: str
    kind: str
    why: str
    mark: Mark
    request: str


@dataclass(frozen=True, slots=True)
class Console:
    """The request form: presets and the request it shows now."""

    topic: str
    action: str
    scenarios: tuple[ScenarioView, ...]
    current: str | None
    """The id of the scenario that is sent or shown, None once the request was edited."""
    methods: tuple[str, ...]
    method: str
    path: str
    query: str
    headers: str
    """One "Name: value" a line."""
    body: str
    problem: str | None = None
    """Why the request could not be sent, and the mend."""
    problem_field: str | None = None
    """method, path, query, headers or body."""


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """One header of an answer."""

    name: str
    value: str
    differs: bool


@dataclass(frozen=True, slots=True)
class AnswerPane:
    """The answer of one variant. Without a status the demo gave none, and `failure` says why."""

    side: SideView
    variant: str
    variant_title: str
    status: int | None
    reason: str
    media_type: str
    size: str
    """For example "57 B" or "64 KiB shown of 1.2 MiB"."""
    headers: tuple[HeaderRow, ...]
    body: Markup
    """Highlighted, indented for reading; differing lines are `<span class="x">`, others `<span class="y">`."""
    raw: str
    """The bytes as text, unchanged."""
    failure: str | None = None
    failure_title: str | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of all sides to one request and what to say about them."""

    method: str
    target: str
    panes: tuple[AnswerPane, ...]
    status_mark: Mark
    body_mark: Mark
    mark: Mark
    headline: str
    """Derived, for example "Different status, media type and body."."""
    sentence: str
    """The scenario's own words, or a derived sentence for an edited request. Inline HTML is escaped."""
    recorded: str | None = None
    """Where the answers were not sent just now: "Answered when this server started"."""


@dataclass(frozen=True, slots=True)
class TocEntry:
    """One entry of "On this page"."""

    href: str
    title: str


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


Page = TopicPage | HomePage | SearchPage | ErrorPage


class Templates:
    """Renders the site's templates."""

    def __init__(self, folder: Path, asset: Callable[[str], str], root_path: str) -> None:
        """Load templates from a folder.

        `asset` maps "css/site.css" to its address; `root_path` goes before each link.
        """
        self._root_path = root_path
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(asset=asset, url=self.url)

    def url(self, path: str) -> str:
        """Return the address of a path of the site, with the prefix it is published under."""
        return f"{self._root_path}{path}"

    def render(self, template: str, site: Site, page: Page) -> str:
        """Return the HTML of a page."""
        return self._environment.get_template(template).render(site=site, page=page)

    def render_fragment(self, template: str, macro: str, *arguments: object) -> str:
        """Return the HTML of one macro of a template, for the parts that htmx swaps in."""
        module = self._environment.get_template(template).module
        return str(getattr(module, macro)(*arguments))

"""The request form and the answers beside each other."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from explorer.views.site import Mark, SideView


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """A preset of the console. `request` is JSON for the script that fills the form."""

    id: str
    title: str
    kind: str
    why: str
    mark: Mark
    request: str
    before: tuple[str, ...] = ()
    """What is sent first, for example "POST /login"."""


@dataclass(frozen=True, slots=True)
class NoiseSwitch:
    """A rule that leaves a kind of difference out of the comparison."""

    id: str
    title: str
    description: str
    on: bool


@dataclass(frozen=True, slots=True)
class ShimChoice:
    """A small file that makes one side answer as the other."""

    id: str
    title: str
    summary: str
    side: SideView
    html: Markup
    """Its code, one line an element."""
    text: str
    """Its code as it is copied."""
    on: bool


@dataclass(frozen=True, slots=True)
class VariantOption:
    """One answer of a side that can be asked."""

    id: str
    title: str
    on: bool


@dataclass(frozen=True, slots=True)
class VariantGroup:
    """The variants of a side that has several; one of them answers."""

    side: SideView
    options: tuple[VariantOption, ...]


@dataclass(frozen=True, slots=True)
class Console:
    """The request form: presets and the request it shows now."""

    topic: str
    action: str
    scenarios: tuple[ScenarioView, ...]
    current: str | None
    """The id of the scenario that is sent or shown, None once the request was edited."""
    methods: tuple[str, ...]
    live: bool
    """Answers are shown while they arrive, and the form says when the client leaves."""
    method: str
    path: str
    query: str
    headers: str
    """One "Name: value" a line."""
    body: str
    leave: str = ""
    """Pieces after which the client leaves, empty if it stays."""
    parts: str = ""
    """Parts of a multipart body, one a line."""
    uploads: bool = False
    """Whether the form offers parts and a file: on topics that have scenarios with parts."""
    problem: str | None = None
    """Why the request could not be sent, and the mend."""
    problem_field: str | None = None
    """method, path, query, headers, body, parts or file."""
    noise: tuple[NoiseSwitch, ...] = ()
    shims: tuple[ShimChoice, ...] = ()
    variants: tuple[VariantGroup, ...] = ()
    """Only of sides that have several; the form sends the ids as `variants`."""
    before: str = ""
    """The scenario whose earlier requests are sent first, empty if there are none."""


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
class DifferenceView:
    """One typed difference in words."""

    area: str
    """status, header or body."""
    kind: str
    """missing (only on the left), extra (only on the right), type, value or order."""
    where: str
    """A header's name, a JSON pointer, a line, or empty for a status or the whole body."""
    left: str | None
    right: str | None
    effect: str
    """breaks clients, leaks data, changes caching or security, cosmetic."""
    noise: str | None
    """The title of the rule that suppresses it, None if it counts."""


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
    differences: tuple[DifferenceView, ...] = ()
    """Those that count, the worst effect first."""
    suppressed: tuple[DifferenceView, ...] = ()
    """Those that a noise rule leaves out."""
    recorded: str | None = None
    """Where the answers were not sent just now: "Answered on 24 November 2026"."""

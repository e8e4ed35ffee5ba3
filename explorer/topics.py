"""The vocabulary of the site as frozen dataclasses: sides, sections, topics, scenarios, exchanges.

Does no I/O and knows no framework. Files become these objects in `content`, demos answer them in `demos`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from explorer.exchange import ANSWERED as ANSWERED
from explorer.exchange import Exchange as Exchange
from explorer.exchange import Failure as Failure
from explorer.exchange import Piece as Piece
from explorer.exchange import Response as Response
from explorer.request import WEBSOCKET as WEBSOCKET
from explorer.request import Request as Request
from explorer.timeline import Recording, Timeline
from explorer.wording import Wording as Wording

Interface = Literal["wsgi", "asgi"]
Kind = Literal["valid", "boundary", "wrong-type", "missing", "malformed", "surprise"]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""The methods a try-it request may use; the rest never reaches a native server's application."""

HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""What a server takes and sends of a header, as Latin-1."""

KINDS: tuple[Kind, ...] = ("valid", "boundary", "wrong-type", "missing", "malformed", "surprise")


@dataclass(frozen=True, slots=True)
class Side:
    """One compared framework: a row in content/sides.toml."""

    id: str
    title: str
    abbreviation: str
    """Two letters for the mark, for example "Fl"."""
    interface: Interface
    package: str
    """The distribution whose installed version the site prints."""
    documentation: str
    position: int
    """1 is the left pane."""


@dataclass(frozen=True, slots=True)
class Section:
    """A group of topics in reading order."""

    id: str
    title: str
    position: int


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a topic declares that a variant answers to a scenario."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names to exact values."""
    absent: tuple[str, ...] = ()
    """Header names that must not occur."""
    json: str | None = None
    """JSON text: the parsed body must equal it."""
    body: str | None = None
    """The exact body as text."""
    contains: tuple[str, ...] = ()
    """Texts that must occur in the body."""
    log: tuple[str, ...] | None = None
    """The exact lines of the demo's log once its work has ended; ANSWERED may stand among them."""
    broken: str = ""
    """Occurs in the explanation of why the answer broke off after it had started; empty: it does not break off."""


@dataclass(frozen=True, slots=True)
class Step:
    """A request that a scenario sends before its own, to the same demo: a login, a created item."""

    request: Request
    save: Mapping[str, str] = field(default_factory=dict)
    """Names to JSON pointers into the answer; later requests of the scenario use the value as {name}."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A prepared request and what each variant is expected to answer."""

    id: str
    kind: Kind
    title: str
    why: str
    """One or two sentences shown beside the two answers: what differs and why it matters."""
    request: Request
    expect: Mapping[str, Expectation]
    """Variant id to expectation; a variant without an entry uses its side's."""
    line: int = 0
    """Where it stands in topic.toml."""
    before: tuple[Step, ...] = ()
    """Sent first, with the cookies they set and the values they save."""

    @property
    def is_exchange(self) -> bool:
        """Tell whether it is one request and one whole answer, which any HTTP client can send again."""
        whole = not (self.request.is_socket or self.request.leave)
        return whole and not any(expected.broken for expected in self.expect.values())

    def expectation(self, variant: Variant) -> Expectation | None:
        """Return what the topic declares for a variant: its own entry, else its side's."""
        return self.expect.get(variant.id) or self.expect.get(variant.side.id)


@dataclass(frozen=True, slots=True)
class Frame:
    """A page of a demo's own user interface that a topic shows, for use."""

    variant: str
    path: str
    """Within the demo, percent-encoded."""
    title: str
    why: str
    """One or two sentences of inline Markdown: what there is to see."""


@dataclass(frozen=True, slots=True)
class CodeFile:
    """One file of a demo, as it is on disk."""

    path: str
    """Relative to the demo's folder, for example "templates/index.html"."""
    text: str


@dataclass(frozen=True, slots=True)
class Variant:
    """A runnable demo of one side of a topic. The default variant has the side's id."""

    id: str
    side: Side
    title: str
    folder: Path
    files: tuple[CodeFile, ...]
    """app.py first."""
    notes: str = ""
    """Markdown of notes.md: the gotchas of this side, each under its own third-level heading."""

    @property
    def is_default(self) -> bool:
        """Tell whether this is the side's plain answer."""
        return self.id == self.side.id


@dataclass(frozen=True, slots=True)
class Proof:
    """A scenario that shows what a shim does: a difference that is gone once it is installed."""

    topic: str
    scenario: str
    removes: str
    """"status", "header allow", "body" or "body /pointer"."""


@dataclass(frozen=True, slots=True)
class Shim:
    """A small file that makes one side answer as the other."""

    id: str
    side: Side
    title: str
    summary: str
    file: Path
    text: str
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """One comparison: words, demos and scenarios."""

    slug: str
    section: Section
    position: int
    title: str
    summary: str
    """Inline Markdown."""
    takeaway: str
    """Inline Markdown."""
    body: str
    """Markdown after the summary."""
    body_line: int
    """The line of topic.md on which `body` starts, for error messages."""
    variants: tuple[Variant, ...]
    scenarios: tuple[Scenario, ...]
    idioms: Mapping[str, str]
    """Side id to the one line of code that stands for the topic in the map."""
    focus: tuple[str, ...]
    """Functions that are shown where there is room for an excerpt only."""
    folder: Path
    fingerprint: str = ""
    """Another one wherever a file of the folder was when it was read; empty for a topic without one."""
    frames: tuple[Frame, ...] = ()
    log: str = ""
    """The list in each demo's app.py to which endpoints and their work append lines; empty if there is none."""
    live: bool = False
    """Answers are shown piece by piece as they arrive, and may be endless; sockets can be opened."""
    tests: str = ""
    """The file of tests in each plain variant that a reader can run; empty if there is none."""
    recordings: tuple[Recording, ...] = ()
    timeline: Timeline | None = None
    """What was seen of them; None if nothing is recorded yet."""

    def variant(self, variant_id: str) -> Variant | None:
        """Return a variant by id."""
        return next((v for v in self.variants if v.id == variant_id), None)

    def scenario(self, scenario_id: str) -> Scenario | None:
        """Return a scenario by id."""
        return next((s for s in self.scenarios if s.id == scenario_id), None)

    def framed(self, variant_id: str) -> bool:
        """Tell whether a page of a variant is shown in a frame."""
        return any(frame.variant == variant_id for frame in self.frames)

    @property
    def methods(self) -> tuple[str, ...]:
        """Return what a request to its demos may be."""
        return (*METHODS, WEBSOCKET) if any(s.request.is_socket for s in self.scenarios) else METHODS

    @property
    def default_variants(self) -> tuple[Variant, ...]:
        """Return the plain variant of each side, left to right."""
        return tuple(v for v in self.variants if v.is_default)


def in_reading_order(topics: Iterable[Topic]) -> tuple[Topic, ...]:
    """Return topics by section and position."""
    return tuple(sorted(topics, key=lambda topic: (topic.section.position, topic.position, topic.slug)))

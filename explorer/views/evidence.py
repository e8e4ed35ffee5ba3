"""What proves things: the scoreboard, the atlas of differences, the ledger of claims, the matrix."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from explorer.views.answers import DifferenceView
from explorer.views.site import Mark, SideView, TopicLink


@dataclass(frozen=True, slots=True)
class ScoreCell:
    """The answer of one variant to one scenario."""

    side: SideView
    variant: str
    variant_title: str
    status: int | None
    """None where the demo gave no answer."""
    holds: bool
    """Whether the answer is as the topic declares."""
    problem: str
    """What is not as declared, empty if it holds."""


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One scenario on every variant."""

    scenario: str
    title: str
    kind: str
    mark: Mark
    cells: tuple[ScoreCell, ...]
    effects: tuple[tuple[str, int], ...]
    """Effects of the differences with their count, the worst first."""


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """Every scenario of a topic, run just now."""

    topic: str
    rows: tuple[ScoreRow, ...]
    variants: tuple[tuple[SideView, str], ...]
    """The columns: side and title of each variant."""
    answers: int
    holding: int
    differing: int


@dataclass(frozen=True, slots=True)
class AtlasRow:
    """One difference that a scenario produces."""

    topic: TopicLink
    scenario: str
    scenario_title: str
    statuses: tuple[str, str]
    """Of the first and the second side, "none" where there was no answer."""
    difference: DifferenceView


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a filter."""

    value: str
    title: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class AtlasFilter:
    """What is shown of the atlas; an empty value shows all."""

    effects: tuple[Option, ...]
    areas: tuple[Option, ...]
    statuses: tuple[Option, ...]
    """Whether the status changes: "changes", "same"."""
    topics: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class AtlasPage:
    """Every difference that the scenarios of all topics produce."""

    rows: tuple[AtlasRow, ...]
    """Those of this page."""
    fitting: int
    """Differences on all pages."""
    total: int
    """Differences before filtering."""
    page: int
    pages: int
    query: str
    """The filters as they stand in an address."""
    filter: AtlasFilter
    chart: Markup
    """Differences by area and effect as one SVG with a text alternative."""
    sides: tuple[SideView, SideView]


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One sentence with its evidence."""

    id: str
    """Unique on the page: "<topic>-claim-3"."""
    lead: str
    """What its sentence says before it, for readers who see it by itself."""
    text: str
    evidence: str
    """For example "scenario missing, Flask" or "check no-route-method"."""
    href: str
    """Where the evidence can be seen: the scenario on the topic's page, or the check among the topic's claims."""
    holds: bool
    detail: str
    source: Markup | None = None
    """A check's function, highlighted, on the page of its topic's claims."""


@dataclass(frozen=True, slots=True)
class LedgerTopic:
    """The claims of one topic."""

    topic: TopicLink
    claims: tuple[ClaimRow, ...]


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Every claim of the site, or those of one topic."""

    topics: tuple[LedgerTopic, ...]
    holding: int
    broken: int
    of: TopicLink | None = None
    """The one topic, whose checks can be read here."""


@dataclass(frozen=True, slots=True)
class ErratumRow:
    """One statement of the source article."""

    number: int
    says: Markup
    verdict: str
    truth: Markup
    href: str
    evidence: str
    holds: bool
    """Whether the evidence for what is true holds."""


@dataclass(frozen=True, slots=True)
class ErrataPage:
    """What the source article says, held against today's versions."""

    groups: tuple[tuple[str, tuple[ErratumRow, ...]], ...]
    """What no longer holds or never did, then what holds: a title and its statements each; none is empty."""
    counts: tuple[tuple[str, int], ...]
    """Verdicts with how many statements have them."""


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """What one side has of a feature."""

    side: SideView
    has: str
    """yes, ext, no, or unknown where nothing is stated (then without evidence)."""
    how: Markup
    note: Markup
    href: str
    """The evidence: a scenario on a topic's page or a check in the ledger."""
    evidence: str
    holds: bool


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One feature."""

    title: str
    cells: tuple[MatrixCell, ...]
    differs: bool
    """Whether the sides do not have it in the same way."""


@dataclass(frozen=True, slots=True)
class MatrixGroup:
    """Features that belong together."""

    id: str
    title: str
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True, slots=True)
class MatrixPage:
    """Feature by feature: built in, by an extension, not available."""

    groups: tuple[MatrixGroup, ...]
    rows: int
    differing: int


@dataclass(frozen=True, slots=True)
class ChecklistStep:
    """One step of moving over."""

    key: str
    """What a browser remembers a tick by; the same as long as topic and lead are."""
    title: str
    """Its lead, as text."""
    html: Markup
    source: str
    """As one line of Markdown."""


@dataclass(frozen=True, slots=True)
class ChecklistTopic:
    """The steps of one topic."""

    topic: TopicLink
    steps: tuple[ChecklistStep, ...]


@dataclass(frozen=True, slots=True)
class ChecklistPhase:
    """Topics whose steps are done together."""

    id: str
    title: str
    why: Markup
    source: str
    """The reason as one line of Markdown."""
    topics: tuple[ChecklistTopic, ...]

    @property
    def steps(self) -> int:
        """Return how many steps it has."""
        return sum(len(group.steps) for group in self.topics)


@dataclass(frozen=True, slots=True)
class ChecklistPage:
    """Every step of moving over, by phase."""

    phases: tuple[ChecklistPhase, ...]
    steps: int

"""A topic's scenarios on every variant as one table: what was answered, whether it is as declared, what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from explorer.compare.effects import SEVERITY
from explorer.evidence import ScenarioRun, differing, verdicts
from explorer.topics import Topic
from explorer.views.evidence import Scoreboard, ScoreCell, ScoreRow
from explorer.views.site import SideView


def build_scoreboard(topic: Topic, runs: Sequence[ScenarioRun], sides: Mapping[str, SideView]) -> Scoreboard:
    """Return the scoreboard of a topic's runs."""
    rows = tuple(_row(topic, run, sides) for run in runs)
    cells = [cell for row in rows for cell in row.cells]
    return Scoreboard(
        topic=topic.slug,
        rows=rows,
        variants=tuple((sides[variant.side.id], variant.title) for variant in topic.variants),
        answers=len(cells),
        holding=sum(cell.holds for cell in cells),
        differing=differing(runs),
    )


def _row(topic: Topic, run: ScenarioRun, sides: Mapping[str, SideView]) -> ScoreRow:
    material = run.comparison.material if run.comparison else ()
    effects = Counter(difference.effect for difference in material)
    return ScoreRow(
        scenario=run.scenario.id,
        title=run.scenario.title,
        kind=run.scenario.kind,
        mark=run.comparison.mark if run.comparison else "different",
        cells=tuple(_cells(topic, run, sides)),
        effects=tuple((effect, effects[effect]) for effect in SEVERITY if effects[effect]),
    )


def _cells(topic: Topic, run: ScenarioRun, sides: Mapping[str, SideView]) -> Iterator[ScoreCell]:
    for exchange, verdict in zip(run.exchanges, verdicts(topic, run), strict=True):
        variant = topic.variant(exchange.variant)
        yield ScoreCell(
            side=sides[exchange.side],
            variant=exchange.variant,
            variant_title=variant.title if variant else exchange.variant,
            status=exchange.response.status if exchange.response else None,
            holds=verdict.holds,
            problem=" ".join(verdict.mismatches),
        )

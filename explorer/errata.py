"""The errata: statements of the source article, each with what is true today and its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.claims import Findings
from explorer.content.errata import VERDICTS, Erratum
from explorer.errors import Complaint
from explorer.rendering import Markdown
from explorer.views.evidence import ErrataPage, ErratumRow

HOLDS = VERDICTS[0]
SEVERITY = (*reversed(VERDICTS[1:]), HOLDS)
"""In the order of the page: what fails, what is false, what is old, what lacks something, what is true."""


def errata_complaints(errata: Sequence[Erratum], findings: Mapping[str, Findings]) -> list[Complaint]:
    """Complain about statements whose evidence does not exist or does not hold."""
    return [
        Complaint("content/errata.toml", erratum.evidence.line, f"erratum {erratum.number}: {problem}.", "correct it.")
        for erratum in errata
        if (problem := erratum.evidence.problem(findings))
    ]


def build_errata(errata: Sequence[Erratum], findings: Mapping[str, Findings], markdown: Markdown) -> ErrataPage:
    """Return the page of the errata."""
    text = markdown.text(None, "errata.toml", 1, {}, [], [])
    rows = tuple(
        ErratumRow(
            number=erratum.number,
            says=markdown.inline(erratum.says, text),
            verdict=erratum.verdict,
            truth=markdown.inline(erratum.truth, text),
            href=markdown.address(erratum.evidence.topic, erratum.evidence.path),
            evidence=erratum.evidence.label,
            holds=erratum.evidence.problem(findings) is None,
        )
        for erratum in errata
    )
    counts = tuple((verdict, sum(row.verdict == verdict for row in rows)) for verdict in SEVERITY)
    worst_first = sorted((row for row in rows if row.verdict != HOLDS), key=lambda row: SEVERITY.index(row.verdict))
    groups = (
        ("No longer true, or never was", tuple(worst_first)),
        ("Still true", tuple(row for row in rows if row.verdict == HOLDS)),
    )
    return ErrataPage(tuple(group for group in groups if group[1]), counts)

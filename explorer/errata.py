"""The errata: statements of the source article, each with what is true today and its evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from explorer.claims import Findings
from explorer.content.errata import VERDICTS, Erratum
from explorer.errors import Complaint
from explorer.rendering import Markdown
from explorer.views.evidence import ErrataPage, ErratumRow


def errata_complaints(errata: Sequence[Erratum], findings: Mapping[str, Findings]) -> list[Complaint]:
    """Complain about statements whose evidence does not exist or does not hold."""
    return [
        Complaint("content/errata.toml", erratum.evidence.line, f"erratum {erratum.number}: {problem}.", "correct it.")
        for erratum in errata
        if (problem := erratum.evidence.problem(findings))
    ]


def build_errata(
    errata: Sequence[Erratum], findings: Mapping[str, Findings], markdown: Markdown, url: Callable[[str], str]
) -> ErrataPage:
    """Return the page of the errata."""
    text = markdown.text(None, "errata.toml", 1, {}, [], [])
    rows = tuple(
        ErratumRow(
            number=erratum.number,
            says=markdown.inline(erratum.says, text),
            verdict=erratum.verdict,
            truth=markdown.inline(erratum.truth, text),
            href=url(erratum.evidence.path),
            evidence=erratum.evidence.label,
            holds=erratum.evidence.problem(findings) is None,
        )
        for erratum in errata
    )
    counts = tuple((verdict, sum(row.verdict == verdict for row in rows)) for verdict in VERDICTS)
    return ErrataPage(rows, counts)

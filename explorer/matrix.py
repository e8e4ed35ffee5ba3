"""The matrix: feature by feature, what each side has built in, by an extension, or not at all.

Each cell names evidence, and what that showed decides whether the cell holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from markupsafe import Markup

from explorer.claims import Findings
from explorer.content.matrix import Cell, Feature
from explorer.errors import Complaint
from explorer.rendering import Markdown, slugify
from explorer.views.evidence import MatrixCell, MatrixGroup, MatrixPage, MatrixRow
from explorer.views.site import SideView


def matrix_complaints(features: Sequence[Feature], findings: Mapping[str, Findings]) -> list[Complaint]:
    """Complain about cells whose evidence does not exist or does not hold."""
    return [
        Complaint(
            "content/matrix.toml",
            cell.evidence.line,
            f"feature {feature.title!r}, {cell.side}: {problem}.",
            "correct the cell.",
        )
        for feature in features
        for cell in feature.cells
        if (problem := cell.evidence.problem(findings))
    ]


def _by_side(feature: Feature, sides: Mapping[str, SideView]) -> list[tuple[SideView, Cell | None]]:
    cells = {cell.side: cell for cell in feature.cells}
    return [(view, cells.get(side)) for side, view in sides.items()]


def _unstated(side: SideView) -> MatrixCell:
    return MatrixCell(side, "unknown", Markup("Not stated"), Markup(), "", "", holds=True)


def build_matrix(
    features: Sequence[Feature],
    findings: Mapping[str, Findings],
    sides: Mapping[str, SideView],
    markdown: Markdown,
) -> MatrixPage:
    """Return the page of the matrix."""
    text = markdown.text(None, "matrix.toml", 1, {}, [], [])

    def cell(written: Cell) -> MatrixCell:
        return MatrixCell(
            side=sides[written.side],
            has=written.has,
            how=markdown.inline(written.how, text),
            note=markdown.inline(written.note, text),
            href=markdown.address(written.evidence.topic, written.evidence.path),
            evidence=written.evidence.label,
            holds=written.evidence.problem(findings) is None,
        )

    groups = []
    for title, members in groupby(features, key=lambda feature: feature.group):
        rows = [
            MatrixRow(
                feature.title,
                tuple(cell(written) if written else _unstated(side) for side, written in _by_side(feature, sides)),
                differs=len({written.has for written in feature.cells}) > 1,
            )
            for feature in members
        ]
        groups.append(MatrixGroup(slugify(title), title, tuple(rows)))
    rows = [row for group in groups for row in group.rows]
    return MatrixPage(tuple(groups), len(rows), sum(row.differs for row in rows))

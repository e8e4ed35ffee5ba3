"""Evidence that is named from outside a topic: "scenario:<topic>/<id>" or "check:<topic>/<id>"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.claims import Evidence, Finding, Findings, parse_evidence
from explorer.content.file import File, Table


@dataclass(frozen=True, slots=True)
class Located:
    """A piece of evidence and the topic it belongs to."""

    topic: str
    evidence: Evidence
    line: int
    """Where it is named."""

    @property
    def path(self) -> str:
        """Return the site's path at which the evidence can be seen."""
        return self.evidence.path(self.topic)

    @property
    def label(self) -> str:
        """Return the evidence in words, for example "scenario query-parameters/missing"."""
        kind, _, name = str(self.evidence).partition(":")
        return f"{kind} {self.topic}/{name}"

    def finding(self, findings: Mapping[str, Findings]) -> Finding | None:
        """Return what the evidence showed, None if it does not exist. `findings` are those of each topic."""
        return findings.get(self.topic, {}).get(str(self.evidence))

    def problem(self, findings: Mapping[str, Findings]) -> str | None:
        """Return why the evidence proves nothing, None if it holds."""
        finding = self.finding(findings)
        if finding is None:
            return f"{self.label} does not exist"
        return None if finding.holds else f"{self.label} does not hold: {finding.detail}"


def take_located(file: File, row: Table, where: str, line: int) -> Located:
    """Return the evidence that a row names. Raises ContentError."""
    kind, _, rest = file.take(row, "evidence", str, where).partition(":")
    topic, _, name = rest.partition("/")
    evidence = parse_evidence(f"{kind}:{name}")
    if evidence is None:
        file.fail(f"{where} names no evidence.", "write scenario:<topic>/<id> or check:<topic>/<id>.", line)
    return Located(topic, evidence, line)

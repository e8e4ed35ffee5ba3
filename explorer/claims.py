"""Claims: sentences of the words that are bound to evidence, and whether they hold.

A claim is written as a link: `[the sentence](scenario:wrong-type)` or `(check:no-route-attribute)`. A scenario holds if
every variant (or the one named after a slash) answers as declared; a check holds if its function raises nothing.
Runs nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

EVIDENCE = re.compile(r"(?P<kind>scenario|check):(?P<id>[a-z0-9][a-z0-9-]*)(?:/(?P<variant>[a-z0-9+-]+))?")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a claim is bound to."""

    kind: Literal["scenario", "check"]
    id: str
    variant: str | None = None
    """Only this variant's answer counts; all do if it is None."""

    def path(self, topic: str) -> str:
        """Return the site's path at which it can be seen: on the topic's page, or among the topic's claims."""
        if self.kind == "scenario":
            return f"/topics/{topic}#scenario-{self.id}"
        return f"/claims/{topic}#{topic}-{self.id}"

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}{'/' + self.variant if self.variant else ''}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What running a piece of evidence showed."""

    holds: bool
    detail: str
    """What was found where it does not hold, else what it shows, in words."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence, its place and its evidence."""

    id: str
    """Unique in its topic, for links: "claim-3"."""
    text: str
    lead: str
    """What its sentence says before it, empty where it begins the sentence."""
    file: str
    line: int
    evidence: Evidence
    finding: Finding | None
    """None where the evidence does not exist."""

    @property
    def holds(self) -> bool:
        """Tell whether the sentence is true of the versions that were run."""
        return self.finding is not None and self.finding.holds


Findings = Mapping[str, Finding]
"""Evidence as text ("scenario:missing", "scenario:missing/flask", "check:x") to what it showed, for one topic."""


def parse_evidence(href: str) -> Evidence | None:
    """Return the evidence that a link names, None for any other link."""
    match = EVIDENCE.fullmatch(href)
    if match is None:
        return None
    kind: Literal["scenario", "check"] = "scenario" if match["kind"] == "scenario" else "check"
    return Evidence(kind, match["id"], match["variant"])

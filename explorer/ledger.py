"""The ledger: every claim of the site with its evidence, and whether it holds for the versions that run here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from explorer.claims import Claim
from explorer.demos import CheckResult
from explorer.highlight import code_lines
from explorer.topics import Topic
from explorer.views.evidence import ClaimRow, LedgerPage, LedgerTopic
from explorer.views.site import TopicLink


def build_ledger(
    topics: Mapping[str, Topic],
    claims: Mapping[str, Sequence[Claim]],
    checks: Mapping[str, Mapping[str, CheckResult]],
    links: Mapping[str, TopicLink],
    url: Callable[[str], str],
) -> LedgerPage:
    """Return the claims of all topics in reading order."""
    ledger = []
    for slug, topic in topics.items():
        rows = [_claim(topic, claim, url) for claim in claims[slug]]
        rows += [_fact(slug, check) for check in checks[slug].values()]
        if rows:
            ledger.append(LedgerTopic(links[slug], tuple(rows)))
    holds = [row.holds for topic in ledger for row in topic.claims]
    return LedgerPage(tuple(ledger), holds.count(True), holds.count(False))


def _claim(topic: Topic, claim: Claim, url: Callable[[str], str]) -> ClaimRow:
    evidence = claim.evidence
    scenario = topic.scenario(evidence.id) if evidence.kind == "scenario" else None
    variant = topic.variant(evidence.variant) if evidence.variant else None
    label = f"Scenario: {scenario.title}" if scenario else f"Check: {evidence.id}"
    return ClaimRow(
        id=f"{topic.slug}-{claim.id}",
        text=claim.text,
        evidence=f"{label} ({variant.title})" if variant else label,
        href=url(f"/topics/{topic.slug}#scenario-{evidence.id}") if scenario else f"#{topic.slug}-{evidence.id}",
        holds=claim.holds,
        detail=claim.finding.detail if claim.finding else f"There is no {evidence}.",
        source=None,
    )


def _fact(slug: str, check: CheckResult) -> ClaimRow:
    name = f"{slug}-{check.id}"
    return ClaimRow(
        id=name,
        text=check.fact,
        evidence=f"Check: {check.id}",
        href=f"#{name}",
        holds=check.problem is None,
        detail=check.problem or "",
        source=code_lines(check.source.rstrip("\n"), "python"),
    )

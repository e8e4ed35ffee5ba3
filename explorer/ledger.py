"""The ledger: every claim of the site with its evidence, and whether it holds for the versions that run here.

All claims stand on one page, those of a topic on one of its own with the source of the checks. Runs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from explorer.claims import Claim, Evidence
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
    """Return the claims of topics in reading order."""
    ledger = []
    for slug, topic in topics.items():
        rows = [_claim(topic, claim, url) for claim in claims[slug]]
        rows += [_fact(topic, check, url) for check in checks[slug].values()]
        if rows:
            ledger.append(LedgerTopic(links[slug], tuple(rows)))
    return _counted(ledger)


def topic_ledger(
    topic: Topic,
    claims: Sequence[Claim],
    checks: Mapping[str, CheckResult],
    link: TopicLink,
    url: Callable[[str], str],
) -> LedgerPage:
    """Return the claims of one topic, with the source of its checks."""
    rows = [_claim(topic, claim, url) for claim in claims]
    rows += [
        replace(_fact(topic, check, url), source=code_lines(check.source.rstrip("\n"), "python"))
        for check in checks.values()
    ]
    return replace(_counted([LedgerTopic(link, tuple(rows))]), of=link)


def _counted(ledger: Sequence[LedgerTopic]) -> LedgerPage:
    holds = [row.holds for topic in ledger for row in topic.claims]
    return LedgerPage(tuple(ledger), holds.count(True), holds.count(False))


def _claim(topic: Topic, claim: Claim, url: Callable[[str], str]) -> ClaimRow:
    evidence = claim.evidence
    scenario = topic.scenario(evidence.id) if evidence.kind == "scenario" else None
    variant = topic.variant(evidence.variant) if evidence.variant else None
    label = f"Scenario: {scenario.title}" if scenario else f"Check: {evidence.id}"
    seen = evidence if scenario else Evidence("check", evidence.id)
    return ClaimRow(
        id=f"{topic.slug}-{claim.id}",
        lead=claim.lead,
        text=claim.text,
        evidence=f"{label} ({variant.title})" if variant else label,
        href=url(seen.path(topic.slug)),
        holds=claim.holds,
        detail=claim.finding.detail if claim.finding else f"There is no {evidence}.",
    )


def _fact(topic: Topic, check: CheckResult, url: Callable[[str], str]) -> ClaimRow:
    return ClaimRow(
        id=f"{topic.slug}-{check.id}",
        lead="",
        text=check.fact,
        evidence=f"Check: {check.id}",
        href=url(Evidence("check", check.id).path(topic.slug)),
        holds=check.problem is None,
        detail=check.problem or "",
    )

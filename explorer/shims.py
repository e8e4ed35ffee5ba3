"""Says which shims a topic offers and whether each does what it promises.

A proof compares a scenario's answers without and with the shim. Loading and calling demos is left to `demos`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from explorer.compare import Comparison, compare
from explorer.demos import Demos
from explorer.topics import Proof, Shim, Topic


@dataclass(frozen=True, slots=True)
class ProofResult:
    """Whether a proof holds."""

    shim: Shim
    proof: Proof
    problem: str | None
    """Why it does not, None if it does."""


def offered(shims: Iterable[Shim], topic: Topic) -> tuple[Shim, ...]:
    """Return the shims that a topic offers: those with a proof in it."""
    return tuple(shim for shim in shims if any(proof.topic == topic.slug for proof in shim.proofs))


async def prove(demos: Demos, shim: Shim, topics: Mapping[str, Topic]) -> tuple[ProofResult, ...]:
    """Run every proof of a shim."""
    return tuple([ProofResult(shim, proof, await _problem(demos, shim, proof, topics)) for proof in shim.proofs])


async def _problem(demos: Demos, shim: Shim, proof: Proof, topics: Mapping[str, Topic]) -> str | None:
    topic = topics.get(proof.topic)
    scenario = topic.scenario(proof.scenario) if topic else None
    if topic is None or scenario is None:
        return f"there is no scenario {proof.topic}/{proof.scenario}"
    pair = topic.default_variants[:2]
    left, right = await demos.send(topic, scenario.request, pair, before=scenario.before)
    plain = compare(left, right)
    left, right = await demos.send(topic, scenario.request, pair, (shim,), scenario.before)
    mended = compare(left, right)
    if not _has(plain, proof.removes):
        return f"there is no difference {proof.removes!r} without it"
    return f"the difference {proof.removes!r} is still there with it" if _has(mended, proof.removes) else None


def _has(comparison: Comparison, what: str) -> bool:
    """Tell whether a comparison holds a difference of an area, and at or below a place if one is named.

    The order of methods in Allow does not count: Flask's changes from process to process.
    """
    area, _, place = what.partition(" ")
    return any(
        difference.area == area
        and (area, difference.kind) != ("header", "order")
        and (not place or difference.where == place or difference.where.startswith(f"{place}/"))
        for difference in comparison.material
    )

"""Two exchanges of one request side by side: their differences, marks and words.

Puts the parts together and applies the noise rules; finds only differences of status itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from explorer.compare.bodies import body_differences
from explorer.compare.differences import Area, Difference, Kind, Mark, excerpts
from explorer.compare.echoes import echo_differences
from explorer.compare.effects import COSMETIC, effect_of
from explorer.compare.headers import header_differences
from explorer.compare.noise import DEFAULT_NOISE
from explorer.compare.sentences import sentence
from explorer.topics import Exchange

AREAS: tuple[Area, ...] = ("status", "header", "body")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two exchanges of one request."""

    left: Exchange
    right: Exchange
    differences: tuple[Difference, ...]
    """All, the suppressed ones included: status, then headers by name, then the body."""

    @property
    def material(self) -> tuple[Difference, ...]:
        """Return the differences that count."""
        return tuple(difference for difference in self.differences if difference.noise is None)

    @property
    def suppressed(self) -> tuple[Difference, ...]:
        """Return the differences that a noise rule suppresses."""
        return tuple(difference for difference in self.differences if difference.noise is not None)

    @property
    def mark(self) -> Mark:
        """Return the mark of the whole: that of its most different area."""
        marks = [self.area_mark(area) for area in AREAS]
        return "different" if "different" in marks else "near" if "near" in marks else "same"

    def area_mark(self, area: Area) -> Mark:
        """Return same for no material difference, near for cosmetic ones only; another status is always different."""
        effects = {difference.effect for difference in self.material if difference.area == area}
        if not effects:
            return "same"
        return "near" if effects == {COSMETIC} and area != "status" else "different"

    @property
    def headline(self) -> str:
        """Return in a few words how the answers differ."""
        if self.mark != "different":
            return "Same answer." if self.mark == "same" else "Same meaning, other form."
        if (self.left.response is None) != (self.right.response is None):
            return "Only one side answers."
        if self.left.response is None:
            return "No answer on either side."
        names = [*self._different()]
        return f"Different {' and '.join([', '.join(names[:-1]), names[-1]] if len(names) > 1 else names)}."

    def _different(self) -> Iterator[str]:
        """Yield the parts that differ in more than form."""
        told = [difference for difference in self.material if difference.effect != COSMETIC]
        if self.area_mark("status") == "different":
            yield "status"
        headers = {difference.where for difference in told if difference.area == "header"}
        if "content-type" in headers:
            yield "media type"
        if headers - {"content-type"}:
            yield "headers"
        if self.area_mark("body") == "different":
            yield "body"

    def sentence(self, left_title: str, right_title: str) -> str:
        """Return one sentence on what differs, with the sides by their titles."""
        return sentence(self.left, self.right, self.material, (left_title, right_title))


def compare(left: Exchange, right: Exchange, noise: Collection[str] = DEFAULT_NOISE) -> Comparison:
    """Return how two exchanges of one request differ; `noise` holds the ids of the rules that are on."""
    found = [*_status_differences(left, right)]
    if left.response and right.response:
        found += header_differences(left, right)
        found += body_differences(left.response, right.response)
        found += echo_differences(left, right)
    settled = (d if d.noise is None or d.noise in noise else replace(d, noise=None) for d in found)
    return Comparison(left, right, tuple(settled))


def _status_differences(left: Exchange, right: Exchange) -> Iterator[Difference]:
    ours, theirs = (exchange.response.status if exchange.response else None for exchange in (left, right))
    if ours != theirs:
        yield _status("", ours, theirs, _status_aspect(ours, theirs))
    # Where an answer is missing that is told already, unless there is none on either side.
    failed, other_failed = (exchange.failure.kind if exchange.failure else None for exchange in (left, right))
    if failed != other_failed and (ours is None) == (theirs is None):
        yield _status("failure", failed, other_failed, "answer.failure")


def _status(where: str, left: int | str | None, right: int | str | None, aspect: str) -> Difference:
    kind: Kind = "missing" if right is None else "extra" if left is None else "value"
    shown = (None if value is None else str(value) for value in (left, right))
    return Difference("status", kind, where, *excerpts(*shown), effect_of(aspect))


def _status_aspect(left: int | None, right: int | None) -> str:
    if left is None or right is None:
        return "answer.missing"
    return f"status.{left // 100}xx" if left // 100 == right // 100 else "status.class"

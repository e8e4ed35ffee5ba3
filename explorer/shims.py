"""Reads content/shims.toml and says whether each shim does what it promises.

A proof compares a scenario's answers without and with the shim. Loading and calling demos is left to `demos`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from explorer.compare import Comparison, compare
from explorer.content import File
from explorer.demos import Demos
from explorer.topics import Proof, Shim, Side, Topic


@dataclass(frozen=True, slots=True)
class ProofResult:
    """Whether a proof holds."""

    shim: Shim
    proof: Proof
    problem: str | None
    """Why it does not, None if it does."""


def load_shims(root: Path, sides: Sequence[Side]) -> tuple[Shim, ...]:
    """Read the shims of a content folder, none if it has no shims.toml. Raises ContentError."""
    path = root / "shims.toml"
    if not path.is_file():
        return ()
    file = File(path, root)
    return tuple(_shim(file, row, root, sides) for row in file.take(file.table, "shims", list))


def _shim(file: File, row: Mapping[str, object], root: Path, sides: Sequence[Side]) -> Shim:
    identifier = file.take(row, "id", str, "[[shims]]")
    where, line = f"shim {identifier!r}", file.line(f'id = "{identifier}"')
    file.only(row, ("id", "side", "title", "summary", "proofs"), where)
    side = next((s for s in sides if s.id == row.get("side")), None)
    if side is None:
        file.fail(f"{where} belongs to no side.", f"use one of {', '.join(s.id for s in sides)}.", line)
    path = root / "shims" / side.id / f"{identifier.replace('-', '_')}.py"
    if not path.is_file():
        file.fail(f"{where} has no file.", f"add {path.relative_to(root.parent)}.", line)
    proofs = file.take(row, "proofs", list, where)
    fields = ("topic", "scenario", "removes")
    return Shim(
        id=identifier,
        side=side,
        title=file.take(row, "title", str, where),
        summary=file.take(row, "summary", str, where),
        file=path,
        text=path.read_text(encoding="utf-8").rstrip("\n"),
        proofs=tuple(Proof(*(file.take(proof, name, str, where) for name in fields)) for proof in proofs),
    )


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
    left, right = await demos.send(topic, scenario.request, pair)
    plain = compare(left, right)
    left, right = await demos.send(topic, scenario.request, pair, (shim,))
    mended = compare(left, right)
    if not _has(plain, proof.removes):
        return f"there is no difference {proof.removes!r} without it"
    return f"the difference {proof.removes!r} is still there with it" if _has(mended, proof.removes) else None


def _has(comparison: Comparison, what: str) -> bool:
    """Tell whether a comparison holds a difference of an area, and at or below a place if one is named."""
    area, _, place = what.partition(" ")
    return any(
        difference.area == area and (not place or difference.where == place or difference.where.startswith(f"{place}/"))
        for difference in comparison.material
    )

"""What an editor can put into a topic's words by hand: lines of its demos, links to topics, evidence for claims.

Lists; the editor's page and script insert.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from explorer.catalog import Catalog
from explorer.highlight import language_of
from explorer.topics import Topic


@dataclass(frozen=True, slots=True)
class Source:
    """A file of a demo whose lines can be quoted."""

    name: str
    tag: str
    """What stands after the backticks of a fence: the language and the variant."""
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Proof:
    """Evidence that a sentence can be bound to."""

    address: str
    """As it stands in a link: "scenario:missing/flask"."""
    says: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Materials:
    """Everything for one topic."""

    sources: Sequence[Source]
    topics: Sequence[tuple[str, str]]
    """Slug and title of every other topic on the site."""
    proofs: Sequence[Proof]


def materials(catalog: Catalog, topic: Topic) -> Materials:
    """Return what can be put into a topic's words. `topic` brings demos and scenarios."""
    sources = [
        Source(f"{variant.id}/{file.path}", f"{language_of(file.path)} {variant.id}", file.text.split("\n"))
        for variant in topic.variants
        for file in variant.files
    ]
    others = [(other.slug, other.title) for other in catalog.content.topics if other.slug != topic.slug]
    return Materials(sources, others, list(_proofs(catalog, topic)))


def _proofs(catalog: Catalog, topic: Topic) -> Iterator[Proof]:
    found = catalog.results.found.get(topic.slug, {})
    titles = {f"scenario:{scenario.id}": scenario.title for scenario in topic.scenarios}
    names = list(dict.fromkeys(address.partition("/")[0] for address in found))
    for address in sorted(found, key=lambda address: (names.index(address.partition("/")[0]), address)):
        name, _, variant = address.partition("/")
        what = titles.get(name, found[address].detail)
        yield Proof(address, f"{what}, {variant}" if variant else what, found[address].holds)

"""The frame of every page: sides, navigation, versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Mark = Literal["same", "near", "different"]
"""= the answers are the same, ≈ the same meaning in another form, ≠ they differ."""


@dataclass(frozen=True, slots=True)
class SideView:
    """A side as templates need it; its colours and shapes follow `position`."""

    id: str
    title: str
    abbreviation: str
    position: int
    version: str
    documentation: str


@dataclass(frozen=True, slots=True)
class TopicLink:
    """A topic in the navigation and the topic map."""

    slug: str
    title: str
    url: str
    mark: Mark
    """Derived from the scenarios' answers, never typed."""
    differing: int
    """Scenarios whose answers differ."""
    scenarios: int
    idioms: tuple[tuple[SideView, str], ...]


@dataclass(frozen=True, slots=True)
class SectionLinks:
    """A section with its topics in reading order; sections without topics are left out."""

    id: str
    title: str
    topics: tuple[TopicLink, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """What every page shows around its content."""

    name: str
    sides: tuple[SideView, ...]
    sections: tuple[SectionLinks, ...]
    packages: tuple[tuple[str, str], ...]
    """Installed versions that were tested, name and version."""
    python: str
    tested: str
    """The day on which the scenarios ran, for example "24 November 2026"."""

    @property
    def topics(self) -> tuple[TopicLink, ...]:
        """Return all topics in reading order."""
        return tuple(topic for section in self.sections for topic in section.topics)


def day(moment: date) -> str:
    """Return a day as pages print it, for example "24 November 2026"."""
    return f"{moment.day} {moment:%B %Y}"

"""Reads content/home.toml: the live pair of the front page and the columns of "How to choose"."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from explorer.content.file import File


@dataclass(frozen=True, slots=True)
class Choice:
    """One column of "How to choose": words of content/home.toml."""

    title: str
    side: str | None
    lines: tuple[str, ...]
    """Inline Markdown with links to topics."""


@dataclass(frozen=True, slots=True)
class Home:
    """What the front page shows besides the topic map."""

    topic: str
    scenarios: tuple[str, ...]
    choices: tuple[Choice, ...]


def load_home(root: Path) -> Home:
    """Read the front page's file. Raises ContentError."""
    file = File(root / "home.toml", root)
    hero = file.take(file.table, "hero", dict)
    choices = [
        Choice(
            file.take(row, "title", str, "[[choices]]"),
            file.take(row, "side", str, "[[choices]]", None),
            file.texts(row, "lines", "[[choices]]"),
        )
        for row in file.rows(file.table, "choices", "", [])
    ]
    topic = file.take(hero, "topic", str, "[hero]")
    return Home(topic, file.texts(hero, "scenarios", "[hero]"), tuple(choices))

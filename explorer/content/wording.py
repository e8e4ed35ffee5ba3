"""A topic's words as data: taken out of what was read from its folder, and put in place of others.

Checks that words can be a topic at all (a title, a summary, a section that exists, no more than can be shown); what
they claim is checked in `check`. Writes nothing: `content.writing` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from explorer.content.file import read_text
from explorer.content.topic import split_text
from explorer.errors import Complaint, ContentError
from explorer.topics import Section, Topic, Wording
from explorer.weights import weigh


def wording_of(topic: Topic) -> Wording:
    """Return the words of a topic as its folder has them; those of a topic without folder are empty.

    Line feeds end lines and there is no byte order mark, whatever the files have. Raises ContentError.
    """
    path = topic.folder / "topic.md"
    text = read_text(path, topic.folder.parent.parent).removeprefix("\ufeff") if topic.folder.is_dir() else ""
    notes = {variant.id: variant.notes.removeprefix("\ufeff") for variant in topic.variants}
    notes = {variant: words for variant, words in notes.items() if words}
    return Wording(text, topic.takeaway, topic.section.id, topic.position, notes)


def with_wording(topic: Topic, words: Wording, sections: Sequence[Section]) -> Topic:
    """Return a topic with other words and the same demos and scenarios.

    Notes for a variant that the topic does not have are kept out. Raises ContentError that names file and mend.
    """
    folder = f"content/topics/{topic.slug}"
    file = f"{folder}/topic.md"
    notes = {f"{folder}/{v.id}/notes.md": words.notes.get(v.id, "") for v in topic.variants}
    weigh({file: words.text, f"{folder}/topic.toml": words.takeaway} | notes)
    title, summary, body, body_line = split_text(words.text, file)
    section = next((s for s in sections if s.id == words.section), None)
    if section is None:
        mend = f"use one of {', '.join(s.id for s in sections)}."
        raise ContentError(Complaint(file, 1, f"section {words.section!r} does not exist.", mend))
    return replace(
        topic,
        section=section,
        position=words.position,
        title=title,
        summary=summary,
        takeaway=words.takeaway,
        body=body,
        body_line=body_line,
        variants=tuple(replace(variant, notes=words.notes.get(variant.id, "")) for variant in topic.variants),
    )


def new_topic(slug: str, section: Section, folder: Path = Path()) -> Topic:
    """Return a topic without words, demos and scenarios, to be given words: one that is made in the admin."""
    return Topic(
        slug=slug,
        section=section,
        position=0,
        title="",
        summary="",
        takeaway="",
        body="",
        body_line=1,
        variants=(),
        scenarios=(),
        idioms={},
        focus=(),
        folder=folder / slug,
    )

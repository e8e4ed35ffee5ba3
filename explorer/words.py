"""A topic's words as HTML: notes tied to lines, sections, gotchas, and the claims they make.

Cuts the words at their headings and takes the quotes out of notes; `rendering` turns each piece into HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.token import Token
from markupsafe import Markup

from explorer.claims import Claim, Findings
from explorer.errors import Complaint
from explorer.quotes import Lines, find_quote
from explorer.rendering import Markdown, Text, complain_quote, slugify
from explorer.topics import Topic, Variant
from explorer.views.topic import Prose

DIFFERS = "What differs"
"""The section whose fences anchor notes to lines."""


@dataclass(frozen=True, slots=True)
class NoteWords:
    """One point of "What differs": its words and the lines it is about."""

    title: Markup
    html: Markup
    lines: tuple[Lines, ...]


@dataclass(frozen=True, slots=True)
class GotchaWords:
    """A third-level section of a side's notes."""

    variant: Variant
    title: Markup
    html: Markup


@dataclass(frozen=True, slots=True)
class Words:
    """A topic's words as HTML."""

    summary: Markup
    takeaway: Markup
    intro: Markup
    notes: tuple[NoteWords, ...]
    sections: tuple[Prose, ...]
    gotchas: tuple[GotchaWords, ...]
    frames: tuple[Markup, ...]
    """Why each of the topic's frames is shown, in their order."""
    claims: tuple[Claim, ...]
    complaints: tuple[Complaint, ...]


def render_words(markdown: Markdown, topic: Topic, findings: Findings) -> Words:
    """Render everything an editor may write about a topic. `findings` decide which claims hold."""
    claims: list[Claim] = []
    complaints: list[Complaint] = []

    def text(file: str, line: int) -> Text:
        return markdown.text(topic, file, line, findings, claims, complaints)

    body = text("topic.md", topic.body_line)
    summary = markdown.inline(topic.summary, text("topic.md", 1))
    takeaway = markdown.inline(topic.takeaway, text("topic.toml", 1))
    intro, notes, sections = Markup(), tuple[NoteWords, ...](), []
    for heading, tokens in _split(markdown.parse(topic.body), "h2"):
        if heading is None:
            intro = markdown.html(tokens, body)
        elif heading.content == DIFFERS:
            notes = tuple(_note(markdown, title, part, body) for title, part in _split(tokens, "h3") if title)
        else:
            sections.append(Prose(slugify(heading.content), heading.content, markdown.html(tokens, body)))
    gotchas = [
        gotcha
        for variant in topic.variants
        for gotcha in _gotchas(markdown, variant, text(f"{variant.id}/notes.md", 1))
    ]
    frames = tuple(markdown.inline(frame.why, text("topic.toml", 1)) for frame in topic.frames)
    told = (tuple(claims), tuple(complaints))
    return Words(summary, takeaway, intro, notes, tuple(sections), tuple(gotchas), frames, *told)


def _note(markdown: Markdown, title: Token, tokens: Sequence[Token], text: Text) -> NoteWords:
    """Take the quotes out of a note: they become links to lines, the rest is its text."""
    lines, rest = [], []
    for token in tokens:
        variant = text.quoted(token)
        if variant is None:
            rest.append(token)
        elif place := find_quote(variant, token.content):
            lines.append(place)
        else:
            complain_quote(text, token, variant)
    return NoteWords(markdown.html([title], text), markdown.html(rest, text), tuple(lines))


def _gotchas(markdown: Markdown, variant: Variant, text: Text) -> list[GotchaWords]:
    return [
        GotchaWords(variant, markdown.html([heading], text), markdown.html(tokens, text))
        for heading, tokens in _split(markdown.parse(variant.notes), "h3")
        if heading is not None
    ]


def _split(tokens: Sequence[Token], tag: str) -> list[tuple[Token | None, list[Token]]]:
    """Cut tokens at headings of one level: pairs of the heading's inline token (None before the first) and its part."""
    parts: list[tuple[Token | None, list[Token]]] = [(None, [])]
    skip = 0
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == tag:
            parts.append((tokens[index + 1], []))
            skip = 3
        if skip:
            skip -= 1
        else:
            parts[-1][1].append(token)
    return parts

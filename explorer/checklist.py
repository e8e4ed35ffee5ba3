"""The checklist of moving over: the steps of all topics in the order in which a team would do them.

Steps are cut out of the topics' words; evidence is left out, since the topic's page shows it. Remembers no tick. The
Markdown knows no host: its addresses are paths of the site, with the prefix that it is published under.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from explorer.content import Content
from explorer.content.checklist import Phase
from explorer.errors import Complaint
from explorer.rendering import Markdown, slugify
from explorer.topics import Topic
from explorer.views.evidence import ChecklistPage, ChecklistPhase, ChecklistStep, ChecklistTopic
from explorer.views.site import TopicLink

SECTION = "Moving"
"""How the title of the section with the steps begins."""
_CLAIM = re.compile(r"\[((?:`[^`]*`|[^\[\]]|\[[^\[\]]*\])*)\]\((?:scenario|check):[^)]*\)")
_LINK = re.compile(r"\[(?P<text>[^\[\]]*)\]\(\.\./(?P<slug>[a-z0-9-]+)/topic\.md(?P<anchor>#[\w-]*)?\)")
_LEAD = re.compile(r"\*\*(.+?)\*\*", re.S)


def checklist_complaints(content: Content) -> list[Complaint]:
    """Complain about topics that phases name and that do not exist, or that two name."""
    slugs, seen, found = {topic.slug for topic in content.topics}, set[str](), []
    for phase in content.phases:
        for slug in phase.topics:
            if slug not in slugs or slug in seen:
                message = f"phase {phase.title!r} names the topic {slug!r}, which is none or stands in another phase."
                found.append(Complaint("content/checklist.toml", phase.line, message, "name each topic once."))
            seen.add(slug)
    return found


def build_checklist(content: Content, links: Mapping[str, TopicLink], markdown: Markdown) -> ChecklistPage:
    """Return the page of the checklist."""
    text = markdown.text(None, "checklist.toml", 1, {}, [], [])

    def address(found: re.Match[str]) -> str:
        link = links.get(found["slug"])
        return f"[{found['text']}]({link.url}{found['anchor'] or ''})" if link else found["text"]

    def listed(topic: Topic) -> ChecklistTopic:
        steps = tuple(
            ChecklistStep(
                f"{topic.slug}/{slugify(title)}", title, markdown.inline(source, text), _LINK.sub(address, source)
            )
            for title, source in _steps(markdown, topic)
        )
        return ChecklistTopic(links[topic.slug], steps)

    phases = []
    for title, why, topics in _phases(content):
        groups = [group for group in map(listed, topics) if group.steps]
        if groups:
            phases.append(ChecklistPhase(slugify(title), title, markdown.inline(why, text), why, tuple(groups)))
    return ChecklistPage(tuple(phases), sum(len(group.steps) for phase in phases for group in phase.topics))


def checklist_markdown(page: ChecklistPage) -> str:
    """Return the checklist as Markdown with boxes to tick."""
    lines = ["# Moving from Flask to FastAPI", ""]
    for phase in page.phases:
        lines += [f"## {phase.title}", "", *([phase.source, ""] if phase.source else [])]
        for group in phase.topics:
            lines += [
                f"### [{group.topic.title}]({group.topic.url})",
                "",
                *(f"- [ ] {step.source}" for step in group.steps),
                "",
            ]
    return "\n".join(lines)


def _phases(content: Content) -> Iterator[tuple[str, str, list[Topic]]]:
    """Yield title, reason and topics of each phase; sections that no phase names follow, one a phase."""
    named = {slug for phase in content.phases for slug in phase.topics}
    for phase in content.phases:
        yield phase.title, phase.why, [*_named(content.topics, phase), *_of(content, phase.sections, named)]
    taken = {section for phase in content.phases for section in phase.sections}
    for section in content.sections:
        if section.id not in taken:
            yield section.title, "", list(_of(content, (section.id,), named))


def _named(topics: Sequence[Topic], phase: Phase) -> Iterable[Topic]:
    by_slug = {topic.slug: topic for topic in topics}
    return (by_slug[slug] for slug in phase.topics if slug in by_slug)


def _of(content: Content, sections: Sequence[str], named: set[str]) -> Iterable[Topic]:
    return (topic for topic in content.topics if topic.section.id in sections and topic.slug not in named)


def _steps(markdown: Markdown, topic: Topic) -> Iterator[tuple[str, str]]:
    """Yield the bold lead of each step and the step as one line of Markdown, without its evidence."""
    tokens, inside, depth = markdown.parse(topic.body), False, 0
    words: list[str] = []
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            inside = tokens[index + 1].content.startswith(SECTION)
        depth += {"list_item_open": 1, "list_item_close": -1}.get(token.type, 0)
        if inside and depth and token.type == "inline":
            words.append(token.content)
        elif words and not depth:
            source = " ".join(_CLAIM.sub(r"\1", " ".join(words)).split())
            if source.endswith(":"):  # what follows is code
                source = f"{source[:-1]}, as the topic shows."
            plain = _LINK.sub(r"\g<text>", source)
            lead = _LEAD.match(plain)
            yield (lead[1] if lead else plain).replace("`", "").rstrip("."), source
            words = []

"""The checklist holds each step of each topic once, in the order of its phases, as a page and as Markdown."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sites import ROOT, Site

from explorer.checklist import build_checklist, checklist_complaints, checklist_markdown
from explorer.content import Content, load_content
from explorer.rendering import Markdown
from explorer.views.evidence import ChecklistPage
from explorer.views.site import TopicLink

NUMBERED = re.compile(r"^\d+\. \*\*(.+?)\*\*", re.M)


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(ROOT / "content")


def page_of(content: Content, prefix: str = "") -> ChecklistPage:
    topics = content.topics
    links = {t.slug: TopicLink(t.slug, t.title, f"{prefix}/topics/{t.slug}", "same", 0, 0, ()) for t in topics}
    return build_checklist(content, links, Markdown(lambda path: path, links))


def leads(content: Content, slug: str) -> list[str]:
    """The bold leads of a topic's steps, read without our parser."""
    topic = next(topic for topic in content.topics if topic.slug == slug)
    section = re.split(r"^## ", topic.body, flags=re.M)
    moving = next(part for part in section if part.startswith("Moving"))
    return [re.sub(r"`|\[|\]\(.*?\)", "", lead).rstrip(".") for lead in NUMBERED.findall(moving)]


def test_each_step_of_each_topic_is_there_once(content: Content):
    page = page_of(content)
    groups = {group.topic.slug: group.steps for phase in page.phases for group in phase.topics}
    assert sorted(groups) == sorted(topic.slug for topic in content.topics)
    for slug, steps in groups.items():
        assert [step.title for step in steps] == leads(content, slug)
    keys = [step.key for steps in groups.values() for step in steps]
    assert len(keys) == len(set(keys)) == page.steps


def test_a_step_says_what_it_says_without_evidence_and_with_its_links(content: Content):
    page = page_of(content)
    steps = [step for phase in page.phases for group in phase.topics for step in group.steps]
    for step in steps:
        assert "scenario:" not in step.html + step.source
        assert "check:" not in step.html + step.source
        assert not step.source.endswith(":")
        assert step.html.startswith("<strong>")
    assert any('<a href="/topics/' in step.html for step in steps)


def test_phases_follow_their_file_and_what_it_leaves_out_comes_last(content: Content):
    page = page_of(content)
    assert [phase.title for phase in page.phases] == [phase.title for phase in content.phases]
    assert [group.topic.slug for group in page.phases[0].topics] == list(content.phases[0].topics)
    fewer = page_of(replace(content, phases=content.phases[:1]))
    assert [phase.title for phase in fewer.phases[1:]] == [section.title for section in content.sections]
    assert fewer.steps == page.steps


def test_a_phase_that_names_no_topic_or_one_twice_is_a_complaint(content: Content):
    assert checklist_complaints(content) == []
    wrong = replace(content.phases[0], topics=("testing", "nowhere", "testing"))
    found = checklist_complaints(replace(content, phases=(wrong,)))
    assert [re.findall(r"the topic '(\w+)'", complaint.message) for complaint in found] == [["nowhere"], ["testing"]]
    assert {(complaint.file, complaint.line) for complaint in found} == {("content/checklist.toml", wrong.line)}


def test_the_page_and_the_file_hold_the_same(site: Site, content: Content):
    html, text = site.get("/checklist"), site.get("/checklist.md")
    assert text.headers["content-type"] == "text/markdown; charset=utf-8"
    assert text.text == checklist_markdown(page_of(content))
    keys = re.findall(r'data-step="([^"]+)"', html.text)
    assert len(keys) == text.text.count("\n- [ ] **")
    assert f"{len(keys)} steps from Flask to FastAPI" in html.text
    for phase in content.phases:
        assert f"\n## {phase.title}\n\n{phase.why}\n\n### [" in text.text


def test_the_file_gives_reasons_and_addresses_with_the_prefix_of_the_site(content: Content):
    text = checklist_markdown(page_of(content, "/compare"))
    assert text.startswith(
        f"# Moving from Flask to FastAPI\n\n## {content.phases[0].title}\n\n{content.phases[0].why}\n\n"
        "### [How to choose](/compare/topics/choosing)\n\n- [ ] **"
    )
    assert "Look at logs, [proxy headers](/compare/topics/proxy-headers) and load" in text
    assert set(re.findall(r"\]\(((?!https?:)[^)#]*)", text)) == {f"/compare/topics/{t.slug}" for t in content.topics}


def test_it_is_found_from_everywhere(site: Site):
    assert 'href="/checklist"' in site.get("/").text
    assert [hit["url"] for hit in site.get("/api/search?q=checklist").json()["hits"]] == ["/checklist"]

"""What a reader meets: topics of a few minutes, enough to try, short demos, and a way through all of them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest
from sites import ROOT, SLUGS, Site

from explorer.content import load_content
from explorer.topics import Topic

TOPICS = {topic.slug: topic for topic in load_content(ROOT / "content").topics}
FIRST = "hello-world"
WORDS_A_MINUTE = 220
FENCE = re.compile(r"^(`{3,}).*?^\1$", re.S | re.M)
COLUMNS = 56
"""What the pane of a file holds beside another one."""
TARGET = re.compile(r"\]\([^)\s]*\)")
NEXT = re.compile(r'<a rel="next" href="/topics/([^"]+)"')


def count_words(markdown: str) -> int:
    """Count what is read as prose: no fences, no addresses, no bare marks such as the bars of a table."""
    prose = TARGET.sub("] ", FENCE.sub("", markdown))
    return sum(any(character.isalnum() for character in word) for word in prose.split())


def minutes(topic: Topic) -> float:
    notes = [variant.notes for variant in topic.variants]
    return sum(map(count_words, [topic.title, topic.summary, topic.takeaway, topic.body, *notes])) / WORDS_A_MINUTE


def scenarios_of_sides(topic: Topic) -> dict[str, int]:
    """How many scenarios state what the plain demo of each side answers."""
    return {
        variant.id: sum(scenario.expectation(variant) is not None for scenario in topic.scenarios)
        for variant in topic.default_variants
    }


def median_demo(topics: Iterable[Topic]) -> float:
    files = [file for topic in topics for variant in topic.variants for file in variant.files]
    return median(len(file.text.splitlines()) for file in files if file.path == "app.py")


def overruns(topic: Topic) -> list[str]:
    """Where a line of a shown file is longer than its pane."""
    return [
        f"{topic.slug}/{variant.id}/{file.path}:{number}"
        for variant in topic.variants
        for file in variant.files
        for number, line in enumerate(file.text.splitlines(), 1)
        if len(line) > COLUMNS
    ]


def walk(site: Site) -> list[str]:
    """Press next from the first topic on, until there is none or a page comes again."""
    visited = [FIRST]
    while (found := NEXT.search(site.get(f"/topics/{visited[-1]}").text)) and visited.count(visited[-1]) == 1:
        visited.append(found[1])
    return visited


@pytest.mark.parametrize("slug", SLUGS)
def test_a_topic_is_read_in_less_than_six_minutes(slug: str):
    assert minutes(TOPICS[slug]) < 6


def test_a_topic_with_too_many_words_would_be_seen_and_code_is_not_counted():
    topic = replace(TOPICS[FIRST], title="One", summary="", takeaway="", variants=(), body="word " * 1319)
    assert minutes(topic) == 6
    assert minutes(replace(topic, body=topic.body + "\n\n```python\nx = 1\n```\n")) == 6
    assert count_words("| [two words](scenario:a/b) | `three` | - |") == 3


@pytest.mark.parametrize("slug", SLUGS)
def test_each_side_of_a_topic_has_six_scenarios(slug: str):
    counts = scenarios_of_sides(TOPICS[slug])
    assert {side: count for side, count in counts.items() if count < 6} == {}


def test_a_scenario_that_expects_nothing_of_a_side_is_not_counted():
    topic = TOPICS[FIRST]
    first = replace(topic.scenarios[0], expect={"flask": topic.scenarios[0].expect["flask"]})
    assert scenarios_of_sides(replace(topic, scenarios=(first, *topic.scenarios[1:6]))) == {"flask": 6, "fastapi": 5}


def test_the_median_demo_has_less_than_thirty_lines():
    assert median_demo(TOPICS.values()) < 30


def test_a_long_demo_would_move_the_median():
    topic = TOPICS[FIRST]
    (file, *_) = topic.variants[0].files
    long = replace(topic.variants[0], files=(replace(file, text="x = 1\n" * 30),))
    assert median_demo([replace(topic, variants=(long,))]) == 30


@pytest.mark.parametrize("slug", SLUGS)
def test_the_lines_of_a_demo_fit_beside_the_other_side(slug: str):
    assert overruns(TOPICS[slug]) == []


def test_a_long_line_of_a_demo_would_be_seen():
    topic = TOPICS[FIRST]
    (file, *_) = topic.variants[0].files
    long = replace(topic.variants[0], files=(replace(file, text=f"{'x' * 56}\n\n{'x' * 57}\n"),))
    assert overruns(replace(topic, variants=(long,))) == [f"{FIRST}/{long.id}/{file.path}:3"]


def test_next_leads_from_hello_world_through_every_topic_once(site: Site):
    visited = walk(site)
    assert sorted(visited) == SLUGS
    assert visited == [topic["slug"] for topic in site.get("/api/topics").json()["topics"]]


def test_a_topic_in_front_of_hello_world_would_be_missed(make_site: Callable[..., Site], content: Path):
    for path in (content / "topics").iterdir():
        if path.name not in (FIRST, "installation", "url-parameters"):
            shutil.rmtree(path)
    for name in ("shims.toml", "matrix.toml", "errata.toml", "checklist.toml"):
        (content / name).unlink(missing_ok=True)
    table = content / "topics" / "installation" / "topic.toml"
    table.write_text(table.read_text().replace("position = 30", "position = 10", 1))
    assert walk(make_site(content=content)) == [FIRST, "url-parameters"]

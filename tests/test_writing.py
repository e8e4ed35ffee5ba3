"""Words go from files to data and back: nothing changes but what was edited."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sites import ROOT, SLUGS

from explorer.content import load_content
from explorer.content.wording import new_topic, with_wording, wording_of
from explorer.content.writing import replace_values, write_wording
from explorer.errors import ContentError
from explorer.topics import Topic, Wording

CONTENT = load_content(ROOT / "content")
TOPICS = {topic.slug: topic for topic in CONTENT.topics}
EXAMPLE = TOPICS["middleware"]


def folder(tmp_path: Path, slug: str = "middleware") -> Path:
    """A copy of a topic's folder in a content folder of its own."""
    return Path(shutil.copytree(ROOT / "content" / "topics" / slug, tmp_path / "content" / "topics" / slug))


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def changed(before: Path, after: Path) -> list[str]:
    """The lines by which two folders differ, as git shows them."""
    command = ["git", "diff", "--no-index", "--unified=0", str(before), str(after)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return [line for line in shown.splitlines() if re.match(r"[+-](?![+-]{2} )", line)]


@pytest.mark.parametrize("slug", SLUGS)
def test_words_of_a_shipped_topic_written_into_nothing_are_its_files(tmp_path: Path, slug: str):
    source = ROOT / "content" / "topics" / slug
    target = tmp_path / "content" / "topics" / slug
    target.mkdir(parents=True)
    for path in source.iterdir():
        if path.is_dir() and path.name[0] not in "._":
            (target / path.name).mkdir()
    words = wording_of(TOPICS[slug])
    write_wording(target, words, tmp_path / "content")
    for path in [source / "topic.md", *source.glob("*/notes.md")]:
        assert (target / path.relative_to(source)).read_bytes() == path.read_bytes()
    assert write_wording(target, words, tmp_path / "content") == ()


@pytest.mark.parametrize("slug", SLUGS)
def test_words_that_did_not_change_change_no_file(tmp_path: Path, slug: str):
    target = folder(tmp_path, slug)
    before = contents(target)
    assert write_wording(target, wording_of(TOPICS[slug]), tmp_path / "content") == ()
    assert contents(target) == before


@pytest.mark.parametrize("slug", SLUGS)
def test_a_topic_with_its_own_words_is_the_same_topic(slug: str):
    topic = TOPICS[slug]
    assert with_wording(topic, wording_of(topic), CONTENT.sections) == topic


@pytest.mark.parametrize("slug", SLUGS)
def test_an_edit_changes_its_own_lines_only(tmp_path: Path, slug: str):
    target = folder(tmp_path, slug)
    words = wording_of(TOPICS[slug])
    first = words.text.partition("\n")[0]
    edited = replace(words, text=words.text.replace(first, f"{first}!", 1), position=4711, takeaway='A "new" \\ one.')
    files = write_wording(target, edited, tmp_path / "content")
    assert [path.name for path in files] == ["topic.md", "topic.toml"]
    lines = changed(ROOT / "content" / "topics" / slug, target)
    assert lines[:2] == [f"-{first}", f"+{first}!"]  # the order within topic.toml is that of the file
    assert sorted(lines[2:]) == sorted(
        [
            f"-position = {words.position}",
            f"-{toml_line(slug, 'takeaway')}",
            "+position = 4711",
            '+takeaway = "A \\"new\\" \\\\ one."',
        ]
    )


def toml_line(slug: str, key: str) -> str:
    lines = (ROOT / "content" / "topics" / slug / "topic.toml").read_text().splitlines()
    return next(line for line in lines if line.startswith(f"{key} ="))


def test_notes_come_and_go(tmp_path: Path):
    target = folder(tmp_path)
    words = wording_of(EXAMPLE)
    fewer = replace(words, notes={"flask": "### One\n\nMore.\n"})
    assert [path.relative_to(target).as_posix() for path in write_wording(target, fewer, tmp_path / "content")] == [
        "fastapi/notes.md",
        "flask/notes.md",
    ]
    assert not (target / "fastapi" / "notes.md").exists()
    write_wording(target, words, tmp_path / "content")
    assert contents(target) == contents(ROOT / "content" / "topics" / "middleware")


def test_notes_for_a_variant_without_demo_are_refused_before_anything_is_written(tmp_path: Path):
    target = folder(tmp_path)
    before = contents(target)
    words = replace(wording_of(EXAMPLE), text="# Other\n\nText.\n", notes={"bottle": "### No\n"})
    with pytest.raises(ContentError, match="content/topics/middleware/bottle:1: there are notes for a variant"):
        write_wording(target, words, tmp_path / "content")
    assert contents(target) == before


@pytest.mark.parametrize("convert", [lambda b: b.replace(b"\n", b"\r\n"), lambda b: b"\xef\xbb\xbf" + b])
def test_line_ends_and_byte_order_marks_stay(tmp_path: Path, convert: Callable[[bytes], bytes]):
    target = folder(tmp_path)
    text = target / "topic.md"
    text.write_bytes(convert(text.read_bytes()))
    before = contents(target)
    words = wording_of(replace(EXAMPLE, folder=target))
    assert words == wording_of(EXAMPLE)
    write_wording(target, words, tmp_path / "content")
    assert contents(target) == before
    write_wording(target, replace(words, text=words.text.replace("Middleware", "Hooks", 1)), tmp_path / "content")
    assert text.read_bytes() == before["topic.md"].replace(b"Middleware", b"Hooks", 1)


def test_a_new_topic_can_be_read_again(tmp_path: Path):
    root = Path(shutil.copytree(ROOT / "content", tmp_path / "content"))
    words = Wording("# Brand new\n\nIt is new.\n", 'Say "new".', "async", 99)
    write_wording(root / "topics" / "brand-new", words, root)
    (topic,) = [topic for topic in load_content(root).topics if topic.slug == "brand-new"]
    assert wording_of(topic) == words
    made = with_wording(new_topic("brand-new", CONTENT.sections[0]), words, CONTENT.sections)
    assert replace(made, folder=topic.folder, fingerprint=topic.fingerprint) == topic


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (Wording("No title.\n", "", "start", 1), "title or summary is missing"),
        (Wording("# Title\n", "", "start", 1), "title or summary is missing"),
        (Wording("# Title\n\nText.\n", "", "nowhere", 1), "section 'nowhere' does not exist. Mend: use one of start,"),
    ],
)
def test_words_that_are_no_topic_are_refused(words: Wording, complaint: str):
    topic: Topic = new_topic("fresh", CONTENT.sections[0])
    with pytest.raises(ContentError) as caught:
        with_wording(topic, words, CONTENT.sections)
    assert caught.value.detail.startswith("content/topics/fresh/topic.md:1: ")
    assert complaint in caught.value.detail


HARD = '''# position = 1
section  =  "start"   # a "comment" = x
'position'=2_0
takeaway = """
position = 3
section = "no" # no comment
""" # end

[variants]
position = "4"
takeaway = "x"
'''


def test_values_are_replaced_where_they_stand():
    values = {"section": "data", "position": 5, "takeaway": "A # b\n\x7f"}
    assert (
        replace_values(HARD, values)
        == """# position = 1
section  =  "data"   # a "comment" = x
'position'=5
takeaway = "A # b\\n\\u007F" # end

[variants]
position = "4"
takeaway = "x"
"""
    )
    assert replace_values(HARD, {"position": 20, "section": "start"}) == HARD


def test_a_missing_key_is_put_in_front():
    assert replace_values("[x]\nposition = 1\n", {"position": 2}) == "position = 2\n[x]\nposition = 1\n"


LINES = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(before=LINES, after=LINES, number=st.integers(-(10**6), 10**6))
def test_any_text_can_stand_in_a_table(before: str, after: str, number: int):
    text = replace_values("", {"takeaway": before, "position": 7}) + "[x]\ntakeaway = 1\n"
    assert replace_values(text, {"takeaway": after, "position": number}) == (
        replace_values("", {"takeaway": after, "position": number}) + "[x]\ntakeaway = 1\n"
    )

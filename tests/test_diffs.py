"""Differences between two texts, and three texts merged: exact rows, nothing lost, bounded work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer import diffs, matching
from explorer.diffs import Block, Diff, Line, Piece, Row, compare
from explorer.merges import Part, marked, merge, proposal

LINES = st.lists(st.sampled_from(["one\n", "two words\n", "two other words\n", "\n", "ünï | (x)\n", "\u2028\x0b\n"]))
TEXT = st.one_of(st.builds(lambda lines, end: "".join(lines) + end, LINES, st.sampled_from(["", "end"])), st.text())


def shown(diff: Diff) -> list[str]:
    """Rows as lines: what was taken away in [-…-], what was added in {+…+}."""
    return [f"{row.kind}: {_side(row.left, '[-', '-]')} | {_side(row.right, '{+', '+}')}" for row in _rows(diff)]


def _rows(diff: Diff) -> list[Row]:
    return [row for block in diff.blocks for row in block.rows]


def _side(line: Line | None, before: str, after: str) -> str:
    if line is None:
        return "-"
    pieces = (f"{before}{piece.text}{after}" if piece.changed else piece.text for piece in line.pieces)
    return f"{line.number} {''.join(pieces)}".replace("\n", "¶")


def test_a_changed_word_is_marked_in_its_line():
    diff = compare("# Title\n\nA body is read once.\n", "# Title\n\nA body is parsed once.\n")
    assert diff == Diff(
        (
            Block(
                False,
                (
                    Row(Line(1, (Piece("# Title\n", False),)), Line(1, (Piece("# Title\n", False),))),
                    Row(Line(2, (Piece("\n", False),)), Line(2, (Piece("\n", False),))),
                ),
            ),
            Block(
                True,
                (
                    Row(
                        Line(3, (Piece("A body is ", False), Piece("read", True), Piece(" once.\n", False))),
                        Line(3, (Piece("A body is ", False), Piece("parsed", True), Piece(" once.\n", False))),
                    ),
                ),
            ),
        )
    )


def test_lines_that_are_alike_stand_beside_each_other():
    left = "keep\n\nFlask reads the form when it is asked.\nThis goes.\n\nkeep too\n"
    right = "keep\n\nThis is new here.\nFlask parses the form when it is asked.\n\nkeep too\nand the end\n"
    assert shown(compare(left, right)) == [
        "same: 1 keep¶ | 1 keep¶",
        "same: 2 ¶ | 2 ¶",
        "added: - | 3 {+This is new here.¶+}",
        "changed: 3 Flask [-reads-] the form when it is asked.¶ | 4 Flask {+parses+} the form when it is asked.¶",
        "removed: 4 [-This goes.¶-] | -",
        "same: 5 ¶ | 5 ¶",
        "same: 6 keep too¶ | 6 keep too¶",
        "added: - | 7 {+and the end¶+}",
    ]


def test_blank_lines_between_changed_paragraphs_are_the_same():
    left = "Start.\n\nThe first paragraph.\n\nThe second paragraph.\n\nEnd.\n"
    right = "Start.\n\nThe first paragraph, edited.\n\nWholly new.\n\nThe second paragraph, too.\n\nEnd.\n"
    assert shown(compare(left, right))[2:-2] == [
        "changed: 3 The first paragraph.¶ | 3 The first paragraph{+, edited+}.¶",
        "same: 4 ¶ | 4 ¶",
        "added: - | 5 {+Wholly new.¶+}",
        "added: - | 6 {+¶+}",
        "changed: 5 The second paragraph.¶ | 7 The second paragraph{+, too+}.¶",
    ]
    assert [part.kind for part in merge(left, right, left.replace("Start", "Begin"))] == [
        *("theirs", "same", "mine", "same", "mine", "same")
    ]


def test_only_what_has_words_in_common_is_a_changed_line():
    assert shown(compare("start", "request handling")) == [
        "removed: 1 [-start-] | -",
        "added: - | 1 {+request handling+}",
    ]
    assert shown(compare("10", "20")) == ["removed: 1 [-10-] | -", "added: - | 1 {+20+}"]
    assert shown(compare("a line", "a line\n")) == ["changed: 1 a line | 1 a line{+¶+}"]
    assert shown(compare("", "new\n")) == ["added: - | 1 {+new¶+}"]
    assert shown(compare("", "")) == []


def test_a_moved_paragraph_is_taken_away_and_added():
    assert shown(compare("one\ntwo\nthree\n", "three\none\ntwo\n")) == [
        "added: - | 1 {+three¶+}",
        "same: 1 one¶ | 2 one¶",
        "same: 2 two¶ | 3 two¶",
        "removed: 3 [-three¶-] | -",
    ]


def test_only_a_line_feed_ends_a_line():
    assert shown(compare("a\rb\u2028c\x0cd", "a\rb\u2028x\x0cd")) == [
        "changed: 1 a\rb\u2028[-c-]\x0cd | 1 a\rb\u2028{+x+}\x0cd"
    ]


def test_blocks_give_mine_and_theirs():
    blocks = compare("same\nmine\nsame too\n", "same\nother thing\nanother\nsame too\n").blocks
    assert [(block.changed, block.left, block.right) for block in blocks] == [
        (False, "same\n", "same\n"),
        (True, "mine\n", "other thing\nanother\n"),
        (False, "same too\n", "same too\n"),
    ]


@given(TEXT, TEXT)
def test_a_diff_holds_both_texts(left: str, right: str):
    diff = compare(left, right)
    assert (diff.left, diff.right) == (left, right)
    assert diff.changed == (left != right)
    assert [block.changed for block in diff.blocks] == [
        bool(n % 2) ^ diff.blocks[0].changed for n in range(len(diff.blocks))
    ]
    for block in diff.blocks:
        assert block.changed or all(row.kind == "same" for row in block.rows)
    for number, lines in (("left", left), ("right", right)):
        found = [line.number for row in _rows(diff) if (line := getattr(row, number))]
        assert found == list(range(1, len(re.findall(r"[^\n]*\n|[^\n]+", lines)) + 1))


@given(TEXT, TEXT)
def test_what_is_not_marked_is_equal(left: str, right: str):
    for row in _rows(compare(left, right)):
        if row.left and row.right:
            kept = ["".join(p.text for p in line.pieces if not p.changed) for line in (row.left, row.right)]
            assert kept[0] == kept[1]


@pytest.mark.parametrize("text", ["\n", "a\n", "a\nb\n", ".", "a ", "the a . the a \n"])
def test_text_of_any_kind_costs_bounded_work(text: str, monkeypatch: pytest.MonkeyPatch):
    spent: list[int] = []
    spend = matching.Steps.spend

    def counted(steps: matching.Steps, number: int) -> bool:
        if may := spend(steps, number):
            spent.append(number)
        return may

    monkeypatch.setattr(matching.Steps, "spend", counted)
    size = 256 * 1024 // len(text)
    left, right = f"x{text * size}y", f"{text * (size // 2)}other{text[::-1] * (size // 2)}"
    diff = compare(left, right)
    assert (diff.left, diff.right) == (left, right)
    assert sum(spent) <= matching.STEPS


def test_too_much_work_shows_lines_as_replaced(monkeypatch: pytest.MonkeyPatch):
    left, right = "start\nold a b\nold a b\nend\n", "start\nnew a b\nnew a b\nend\n"
    assert [row.kind for row in _rows(compare(left, right))] == ["same", "changed", "changed", "same"]
    monkeypatch.setattr(diffs, "STEPS", 0)
    assert [row.kind for row in _rows(compare(left, right))] == ["same"] + ["removed"] * 2 + ["added"] * 2 + ["same"]
    monkeypatch.setattr(diffs, "LINES", 3)
    whole = [f"removed: 1 [-{left}-] | -", f"added: - | 1 {{+{right}+}}"]
    assert shown(compare(left, right)) == [line.replace("\n", "¶") for line in whole]


def test_a_long_topic_is_compared_word_by_word():
    paragraph = "Paragraph {} says what a request body is and who parses it, in words that a reader knows.\n\n"
    left = "".join(paragraph.format(n) for n in range(2_700))
    right = left.replace("Paragraph 7 says", "Paragraph 7 tells").replace("Paragraph 2600 says", "Paragraph 2600 shows")
    changed = [row for row in _rows(compare(left, right)) if row.kind != "same"]
    assert [[p.text for p in row.right.pieces if p.changed] for row in changed if row.right] == [["tells"], ["shows"]]


BASE = "# Title\n\nFirst.\n\nSecond.\n\nThird.\n"


def test_changes_in_different_places_are_both_taken():
    mine = BASE.replace("First.", "First, edited.")
    theirs = BASE.replace("Third.\n", "Third, shipped.\n\nFourth.\n")
    parts = merge(BASE, mine, theirs)
    assert parts == (
        Part("same", "# Title\n\n", "# Title\n\n", "# Title\n\n"),
        Part("mine", "First.\n", "First, edited.\n", "First.\n"),
        Part("same", "\nSecond.\n\n", "\nSecond.\n\n", "\nSecond.\n\n"),
        Part("theirs", "Third.\n", "Third.\n", "Third, shipped.\n\nFourth.\n"),
    )
    merged = proposal(parts, "live", "shipped")
    assert merged == "# Title\n\nFirst, edited.\n\nSecond.\n\nThird, shipped.\n\nFourth.\n"
    assert marked(merged) == ()


def test_a_conflict_is_marked_and_holds_both():
    parts = merge(BASE, BASE.replace("Second.", "Mine."), BASE.replace("Second.", "Theirs."))
    assert [part.kind for part in parts] == ["same", "conflict", "same"]
    assert parts[1].text is None
    merged = proposal(parts, "live", "shipped")
    assert merged == BASE.replace("Second.\n", "<<<<<<< live\nMine.\n=======\nTheirs.\n>>>>>>> shipped\n")
    assert marked(merged) == (5, 9)


def test_marks_stand_in_lines_of_their_own():
    merged = proposal(merge("a", "mine", "theirs"), "live", "shipped")
    assert merged == "<<<<<<< live\nmine\n=======\ntheirs\n>>>>>>> shipped\n"
    assert marked("Heading\n=======\n\ntext <<<<<<< here\n") == ()


def test_the_same_change_on_both_sides_is_no_conflict():
    changed = BASE.replace("Second.", "Better.")
    parts = merge(BASE, changed, changed)
    assert [part.kind for part in parts] == ["same", "both", "same"]
    assert proposal(parts, "live", "shipped") == changed


@given(TEXT, TEXT, TEXT)
def test_a_merge_loses_nothing(base: str, mine: str, theirs: str):
    parts = merge(base, mine, theirs)
    assert "".join(part.base for part in parts) == base
    assert "".join(part.mine for part in parts) == mine
    assert "".join(part.theirs for part in parts) == theirs


@given(TEXT, TEXT)
def test_a_merge_with_one_change_is_that_change(base: str, other: str):
    assert proposal(merge(base, other, base), "a", "b") == other
    assert proposal(merge(base, base, other), "a", "b") == other
    assert proposal(merge(base, other, other), "a", "b") == other


def test_the_shipped_topics_compare_with_themselves():
    """The negative control of the marks: nothing in equal texts is marked."""
    for path in (Path(__file__).parent.parent / "content" / "topics").glob("*/topic.md"):
        text = path.read_text(encoding="utf-8")
        assert not compare(text, text).changed

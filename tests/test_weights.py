"""Words that take too long to render are refused by line before anything reads them; what is accepted is bounded."""

from __future__ import annotations

import time

import pytest

from explorer.errors import Complaint, ContentError
from explorer.rendering import Markdown
from explorer.weights import CELLS, LENGTH, weigh

FULL = 48_000
TABLE = "|" + "a|" * 500 + "\n|" + "-|" * 500 + "\n" + "|\n" * 500
REFERENCES = "[a]: /" + "x" * 20_000 + "\n\n" + "[a]" * 5_000


def blocks(piece: str, size: int) -> str:
    """As much text as is allowed, in blocks of `size` characters."""
    block = (piece * size)[:size] + "\n\n"
    return block * (FULL // len(block))


def fences(language: str, piece: str, size: int) -> str:
    return f"```{language}\n{blocks(piece, size).split(chr(10))[0]}\n```\n\n" * (FULL // (size + 20))


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a" * (LENGTH + 1), 1, "have 49,159 characters; at most 49,152 are shown"),
        ("Words.\n\n\n" + "[" * 16_384, 4, "16,384 opening brackets without an empty line"),
        ("Words.\n\n" + "![" * 8_192, 3, "8,192 opening brackets"),
        ("[a](b" * 6_000, 1, "opening brackets"),
        (blocks("[", 1500), 9, "opening brackets"),
        ("Words.\n\n" + TABLE, 3, "a table of 252,004 cells is too large; at most 4,000 are shown"),
        ("> " + TABLE.replace("\n", "\n> "), 1, "cells is too large"),
        (REFERENCES, 1, "references with long addresses or titles are used too often"),
    ],
)
def test_words_that_take_too_long_are_refused_by_line(text: str, line: int, said: str):
    with pytest.raises(ContentError) as caught:
        weigh({"topic.toml": "Short.", "topic.md": text})
    complaint = caught.value.complaint
    assert (complaint.file, complaint.line) == ("topic.md", line)
    assert said in complaint.message
    assert complaint.mend.endswith(".")


def test_words_as_they_are_written_are_accepted():
    row = "| a | b | c |\n"
    table = row + "|---|---|---|\n" + row * (CELLS // 5 - 2)
    links = "See [one](https://example.org/1), [two][2] and `a[0]`.\n\n" * 300 + "[2]: https://example.org/2\n"
    weigh({"topic.md": table, "notes.md": links})
    with pytest.raises(ContentError):
        weigh({"topic.md": table + row * 3})


@pytest.mark.parametrize(
    "text",
    [
        blocks("![", 300),
        blocks("[x][", 300),
        "a\n" * (FULL // 2),
        "```\n" * (FULL // 4),
        fences("html", "&", 2000),
        fences("javascript", "a.", 2000),
        fences("java", "0", 8000),
        fences("yaml", "a: ", 8000),
    ],
    ids=str.split("images references lines fences html javascript java yaml"),
)
def test_what_is_accepted_is_rendered_in_bounded_time(text: str):
    weigh({"topic.md": text})
    markdown = Markdown(lambda path: path, [])
    started = time.thread_time()
    html = markdown.html(markdown.parse(text), markdown.text(None, "topic.md", 1, {}, [], []))
    assert time.thread_time() - started < 5  # half a second on a machine that does nothing else
    assert len(html) < 2_000_000


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("(" * 20_000, "too many nested parentheses"),
        ("-" * 20_000 + "1", "it is nested too deep"),
        ("1+" * 20_000 + "1", "it is nested too deep"),
        ("a\0b", "null"),
        ("a = '\ud800'", "it holds a character that no source may hold"),
    ],
)
def test_python_that_breaks_the_compiler_is_a_complaint(source: str, said: str):
    markdown = Markdown(lambda path: path, [])
    complaints: list[Complaint] = []
    text = markdown.text(None, "topic.md", 1, {}, [], complaints)
    (token,) = markdown.parse("```python\nX\n```")
    token.content = source
    markdown.html([token], text)
    assert [said in complaint.message for complaint in complaints] == [True]

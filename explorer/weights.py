"""How much work words are for the renderer, from above, without parsing them: what is too much is refused by line.

The parser looks for the end of a link from every opening bracket to the end of the block, fills short rows of a table
up to the widest, and repeats the address of a reference wherever it is used. Everything else grows with the length.
A block here is what stands between two empty lines: never less than what the parser takes for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from explorer.errors import Complaint, ContentError

LENGTH = 48 * 1024
"""Characters of all words of a topic."""
BRACKETS = 10_000_000
"""Opening brackets times the characters of their block, added up."""
CELLS = 4000
"""Cells of a table's rows and columns."""
REPEATED = 500_000
"""Characters that references may repeat."""

_BLOCK = re.compile(r"[^\n]*\S[^\n]*(?:\n[^\n]*\S[^\n]*)*")
_DELIMITER = re.compile(r"^[ >]*[-:| \t>]*-[-:| \t]*$", re.M)


def weigh(texts: Mapping[str, str]) -> None:
    """Accept the words of a topic, by file. Raises ContentError that names file, line and mend."""
    length = sum(map(len, texts.values()))
    if length > LENGTH:
        longest = max(texts, key=lambda file: len(texts[file]))
        message = f"the topic's words have {length:,} characters; at most {LENGTH:,} are shown."
        raise ContentError(Complaint(longest, 1, message, "shorten them, or make a second topic of a part."))
    brackets = 0
    for file, text in texts.items():
        for line, block in _blocks(text):
            count = block.count("[")
            brackets += count * len(block)
            if brackets > BRACKETS:
                message = f"{count:,} opening brackets without an empty line between them take too long to read."
                raise ContentError(Complaint(file, line, message, "put empty lines between them."))
            cells = _cells(block)
            if cells > CELLS:
                message = f"a table of {cells:,} cells is too large; at most {CELLS:,} are shown."
                raise ContentError(Complaint(file, line, message, "make several tables of it, or leave some out."))
            if "]:" in block and len(block) * text.count("[") > REPEATED:
                message = "references with long addresses or titles are used too often."
                raise ContentError(Complaint(file, line, message, "shorten them, or put empty lines between them."))


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    line, end = 1, 0
    for found in _BLOCK.finditer(text):
        line += text.count("\n", end, found.start())
        end = found.start()
        yield line, found[0]


def _cells(block: str) -> int:
    """Return rows times columns if the block may be a table."""
    if "|" not in block or not _DELIMITER.search(block):
        return 0
    lines = block.split("\n")
    return len(lines) * (max(line.count("|") for line in lines) + 1)

"""Indents JSON text for reading without changing a token, and says which value each line holds.

Numbers, escapes and duplicate keys stay as they were sent; a parser would lose them. Iterative, so depth is no
danger. Does not validate: callers check that the text is JSON.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
INLINE = 64
"""Arrays of scalars up to this many characters stay on one line."""

DEEPEST = 32
"""Levels that are indented; without a bound, indentation alone makes 64 KiB of brackets into gigabytes."""


LONGEST = 1000
"""Characters of a pointer that values within it add to; each of 30,000 lines under a key of 30 KB would repeat it."""


@dataclass(frozen=True, slots=True)
class JsonLine:
    """One line of indented JSON."""

    text: str
    pointer: str | None
    """The JSON pointer of the value that starts on the line, None for a closing bracket.

    Where it is very long, that of the container the value lies in.
    """


@dataclass(slots=True)
class _Open:
    """A container whose end has not been seen."""

    pointer: str
    index: int | None
    """Position of the current item in an array, None in an object."""
    key: str = ""
    expects_key: bool = True

    @property
    def child(self) -> str:
        if len(self.pointer) > LONGEST:
            return self.pointer
        return f"{self.pointer}/{self.key if self.index is None else self.index}"


@dataclass(slots=True)
class _Writer:
    lines: list[JsonLine] = field(default_factory=list)
    text: str = ""
    pointer: str | None = None

    def end_line(self, depth: int) -> None:
        if self.text.strip():
            self.lines.append(JsonLine(self.text, self.pointer))
        self.text, self.pointer = "  " * min(depth, DEEPEST), None


def indent(text: str) -> list[JsonLine]:
    """Return JSON text as indented lines."""
    tokens = _TOKEN.findall(text)
    stack: list[_Open] = []
    out = _Writer()
    position = 0
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if token == ",":
            out.text += ","
            if stack:
                top = stack[-1]
                top.expects_key = True
                top.index = None if top.index is None else top.index + 1
            out.end_line(len(stack))
        elif token == ":":
            out.text += ": "
        elif token in "}]":
            if stack:
                stack.pop()
            out.end_line(len(stack))
            out.text += token
        else:
            position = _value(token, tokens, position, stack, out)
    out.end_line(0)
    return out.lines


def _value(token: str, tokens: list[str], position: int, stack: list[_Open], out: _Writer) -> int:
    """Write a key, a scalar or the start of a container; return the position after it."""
    top = stack[-1] if stack else None
    if top and top.index is None and top.expects_key and token.startswith('"'):
        top.key, top.expects_key = _escape(token[1:-1]), False
        out.pointer, out.text = top.child, out.text + token
        return position
    here = top.child if top else ""
    if out.pointer is None:
        out.pointer = here
    if token not in "{[":
        out.text += token
        return position
    end = _flat_end(tokens, position, token)
    if end is not None:
        out.text += token + " ".join(tokens[position:end]).replace(" ,", ",") + tokens[end]
        return end + 1
    out.text += token
    stack.append(_Open(here, 0 if token == "[" else None))
    out.end_line(len(stack))
    return position


def _flat_end(tokens: list[str], position: int, opening: str) -> int | None:
    """Return where a short array of scalars (or an empty container) closes, None for anything else."""
    length = 0
    for index in range(position, len(tokens)):
        token = tokens[index]
        if token == ("]" if opening == "[" else "}"):
            return index
        length += len(token) + 1
        if opening == "{" or token in "[{" or length > INLINE:
            return None
    return None


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")

"""Finds in a demo the lines that the words quote, so that notes point at lines without naming numbers.

Compares whole lines with their common indentation taken off. Reports a quote that does not occur; does not render.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from explorer import syntax
from explorer.topics import CodeFile, Topic, Variant


@dataclass(frozen=True, slots=True)
class Lines:
    """Consecutive lines of one file of a demo."""

    variant: Variant
    file: CodeFile
    first: int
    last: int

    @property
    def label(self) -> str:
        """Return "line 8" or "lines 8 to 10"."""
        return f"line {self.first}" if self.first == self.last else f"lines {self.first} to {self.last}"

    @property
    def anchor(self) -> str:
        """Return the id of the first line's element."""
        return f"{line_prefix(self.variant, self.file)}-{self.first}"


def line_prefix(variant: Variant, file: CodeFile) -> str:
    """Return what the ids of a file's lines start with: the variant's id, and for further files their path."""
    parts = variant.id if file.path == "app.py" else f"{variant.id}-{file.path}"
    return "".join(c if c.isalnum() else "-" for c in parts)


def find_quote(variant: Variant, quote: str) -> Lines | None:
    """Return the first place at which a demo holds the quoted lines, None if it does not."""
    wanted = _lines(quote)
    if not any(wanted):
        return None
    for file in variant.files:
        lines = file.text.split("\n")
        for start in range(len(lines) - len(wanted) + 1):
            if _lines("\n".join(lines[start : start + len(wanted)])) == wanted:
                return Lines(variant, file, start + 1, start + len(wanted))
    return None


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in textwrap.dedent(text).strip("\n").split("\n")]


def quoted_variant(topic: Topic, tags: Iterable[str]) -> Variant | None:
    """Return the variant that a fence's tags name, None if none of them is a variant of the topic."""
    return next((variant for tag in tags if (variant := topic.variant(tag))), None)


def focus_lines(variant: Variant, names: Iterable[str]) -> Lines | None:
    """Return the lines of the first function of app.py that has one of the names, decorators included."""
    file = next((f for f in variant.files if f.path == "app.py"), None)
    if file is None:
        return None
    try:
        body = syntax.parse(file.text).body
    except (SyntaxError, ValueError):  # it cannot run either; loading says why
        return None
    wanted = set(names)
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name in wanted:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            return Lines(variant, file, first, node.end_lineno or node.lineno)
    return None

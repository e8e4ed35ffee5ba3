"""Code and response bodies as highlighted HTML, one element a line.

Framework names take the side's colour, keywords and definitions are bold, strings green, the rest is ink.
Knows nothing of topics or pages. Text from outside is highlighted up to a limit, for lexers may be slow.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Container, Iterable, Iterator, Mapping

from markupsafe import Markup, escape
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Token, _TokenType
from pygments.util import ClassNotFound

from explorer import syntax

BODY_LIMITS = {"json": 32 * 1024, "html": 4 * 1024}
"""Characters of a response body that are highlighted, by language.

The lexer for json is linear, but not free. That for html, with scripts and styles in it, takes the square of what it
reads: half a second for 32 KiB of `<?`.
"""

WORDS_LIMITS = dict.fromkeys(("python", "json", "toml", "jinja", "dockerfile", "text"), 8 * 1024) | dict.fromkeys(
    ("html", "css", "javascript", "sql", "bash", "sh"), 2 * 1024
)
"""The same for code in words, which editors write: lexers that are not here may take seconds for a few KiB."""

CLASSES: tuple[tuple[_TokenType, str], ...] = (
    (Token.Comment, "c"),
    (Token.Literal.String, "s"),
    (Token.Literal.Number, "n"),
    (Token.Keyword, "k"),
    (Token.Operator.Word, "k"),
    (Token.Name.Decorator, "f"),
    (Token.Name.Function, "d"),
    (Token.Name.Class, "d"),
    (Token.Name.Tag, "k"),
    (Token.Operator, "p"),
    (Token.Punctuation, "p"),
)
"""The class of the first token type that fits; see the tokens in static/css."""

Piece = tuple[_TokenType, str]


def language_of(filename: str) -> str:
    """Return the name of the language a file is written in."""
    try:
        return str(get_lexer_for_filename(filename).aliases[0])
    except (ClassNotFound, IndexError):
        return "text"


def _lexer(language: str) -> Lexer:
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return get_lexer_by_name("text", stripnl=False, ensurenl=False)


def third_party_names(source: str) -> frozenset[str]:
    """Return the names that Python source binds by importing from outside the standard library.

    Source that does not parse binds none: it is shown all the same, and the check complains about it.
    """
    names: set[str] = set()
    try:
        tree = syntax.parse(source)
    except (SyntaxError, ValueError):  # ValueError: a NUL character, before Python 3.12
        return frozenset()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            root, bound = node.module.partition(".")[0], [a.asname or a.name for a in node.names]
        elif isinstance(node, ast.Import):
            root = node.names[0].name.partition(".")[0]
            bound = [(a.asname or a.name).partition(".")[0] for a in node.names]
        else:
            continue
        if root not in sys.stdlib_module_names:
            names.update(bound, {root})
    return frozenset(names)


def _lines(text: str, language: str) -> Iterator[list[Piece]]:
    """Cut the tokens of a text into lines."""
    line: list[Piece] = []
    for kind, value in _lexer(language).get_tokens(text):
        first, *rest = value.split("\n")
        if first:
            line.append((kind, first))
        for part in rest:
            yield line
            line = [(kind, part)] if part else []
    yield line


def _is(kind: _TokenType, token: _TokenType) -> bool:
    return kind[: len(token)] == token


def _class(kind: _TokenType) -> str | None:
    return next((name for token, name in CLASSES if _is(kind, token)), None)


def _line_html(pieces: Iterable[Piece], names: Container[str]) -> Markup:
    html, decorated = [], False
    for kind, value in pieces:
        name = _class(kind)
        if _is(kind, Token.Name) and value in names:
            name = "f"
        elif decorated and (value == "." or _is(kind, Token.Name)):
            name = "f"  # the rest of a decorator: app.get
        decorated = _is(kind, Token.Name.Decorator) or (decorated and name == "f")
        html.append(Markup('<span class="{}">{}</span>').format(name, value) if name else escape(value))
    return Markup("").join(html)


def code_lines(
    text: str,
    language: str,
    *,
    prefix: str = "",
    first: int = 1,
    names: Container[str] = (),
    notes: Mapping[int, tuple[int, bool]] | None = None,
) -> Markup:
    """Return code as one span of class "l" a line.

    `prefix` makes the ids of the lines ("flask-8"), `first` is the number of the first line, `names` are those in the
    side's colour, `notes` maps a line to its note's number and to whether the note's pin stands there.
    """
    return Markup("").join(
        _code_line(_line_html(pieces, names), number, prefix, first > 1, (notes or {}).get(number))
        for number, pieces in enumerate(_lines(text, language), first)
    )


def _code_line(html: Markup, number: int, prefix: str, numbered: bool, note: tuple[int, bool] | None) -> Markup:
    identifier = Markup(' id="{}-{}"').format(prefix, number) if prefix else ""
    data = Markup(' data-n="{}"').format(note[0]) if note else ""
    data += Markup(' data-line="{}"').format(number) if numbered else ""  # an excerpt cannot count from 1
    pin = Markup('<i aria-hidden="true">{}</i>').format(note[0]) if note and note[1] else ""
    return Markup('<span class="l"{}{}>{}{}\n</span>').format(identifier, data, html, pin)


def body_lines(text: str, language: str, differing: Container[int] = ()) -> Markup:
    """Return a response body, one span a line: class "x" for the lines (from 0) that differ, "y" for the others.

    `language` is json, html or text. Text beyond its limit in BODY_LIMITS is shown without colours.
    """
    lines: Iterable[Markup] = map(escape, text.split("\n"))
    if len(text) <= BODY_LIMITS.get(language, 0):
        lines = (_line_html(pieces, ()) for pieces in _lines(text, language))
    return Markup("").join(  # not by format, which takes longer than all else where there are 30,000 lines
        Markup(f'<span class="{"x" if n in differing else "y"}">{line}\n</span>')  # noqa: S704 - escaped above
        for n, line in enumerate(lines)
    )

"""Chosen scenarios of a topic and noise rules to one pytest file that compares two servers.

The file stands on its own: it needs pytest and nothing of ours. Sends nothing and knows no side.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache

import jinja2

from explorer.compare import DEFAULT_NOISE, NOISE, NoiseRule
from explorer.demos.calls import HOST
from explorer.parts import pieces
from explorer.settings import ROOT
from explorer.topics import Request, Scenario, Topic


def parity_name(topic: Topic) -> str:
    """Return the name of a topic's file, which is a module's name too."""
    return f"test_{topic.slug.replace('-', '_')}_parity.py"


def parity_file(topic: Topic, scenarios: Sequence[Scenario], noise: Collection[str] = DEFAULT_NOISE) -> str:
    """Return the text of a pytest file that sends these scenarios to two servers; `noise` holds the rules that are on.

    The rules that are off stand in the file as comments.
    """
    rules = [(rule, rule.id in noise, _names(rule)) for rule in NOISE]
    name = parity_name(topic)
    return write("parity.py.j2", slug=topic.slug, name=name, host=HOST, rules=rules, scenarios=scenarios)


def write(template: str, **values: object) -> str:
    """Return the text of an exported file."""
    return _environment().get_template(template).render(**values)


def quoted(text: str) -> str:
    """Return a text as a Python literal in the quotes that formatters choose; nothing in it can end the literal."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    plain = {"'": "'", '"': '"', quote: f"\\{quote}"}
    return quote + "".join(plain.get(character) or repr(character)[1:-1] for character in text) + quote


def content(request: Request) -> str:
    """Return a request's body as a Python expression; what repeats itself stands in it once.

    A formatter leaves it alone however far in it stands: each comma before a bracket keeps its lines apart.
    """
    if not request.parts:
        return quoted(request.body)
    runs = [(data.decode(errors="surrogateescape"), times) for data, times in pieces(request.parts) if times]
    if all(times == 1 for _, times in runs):
        return quoted("".join(text for text, _ in runs))
    pairs = "".join(
        f"        (\n            {quoted(text)},\n            {times},\n        ),\n" for text, times in runs
    )
    return f'"".join(\n    text * times\n    for text, times in [\n{pairs}    ]\n)'


def _names(rule: NoiseRule) -> str:
    """Return the headers of a rule as the file writes them: "=" before those that must stand on both sides."""
    return " ".join(f"={name}" if rule.values_only else name for name in rule.headers)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates" / "export"),
        autoescape=False,  # noqa: S701 - these are programs, not HTML; whatever is content goes through `quoted`
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["quoted"] = quoted
    environment.filters["content"] = content
    return environment

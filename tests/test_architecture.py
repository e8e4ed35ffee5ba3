"""The house rules of docs/architecture.md: imports go down only, and nothing knows more than it should."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from sites import ROOT, SLUGS

LAYERS = (
    ("__main__",),
    ("cli",),
    ("serving",),
    ("app", "cli_backup", "cli_editor", "cli_store"),
    ("command", "web"),
    ("publisher",),
    ("candidates",),
    ("catalog",),
    ("check", "composing", "ledger", "sessions", "shares"),
    ("backups", "editors", "expiry", "results", "revisions"),
    ("audit", "migrations", "notices", "presence", "search", "throttle"),
    ("atlas", "checklist", "consoles", "errata", "hero", "matrix", "project", "scoreboard", "words"),
    ("answers", "database", "evidence", "kept", "kept_pages", "live", "parity", "rendering", "shims"),
    ("assets", "compare", "content", "demos", "faults", "models", "quotes", "templating", "upgrades"),
    ("lanes", "merges", "metrics", "passwords", "recording", "weights"),
    ("claims", "diffs", "errors", "highlight", "json_text", "logs", "rates", "ribbons", "settings", "topics", "views"),
    ("exchange", "prepared"),
    (
        *("addresses", "connections", "disk", "encoding", "ending", "fingerprints", "lag", "listener", "matching"),
        *("networks", "positions", "request", "syntax", "timeline", "whole_files", "wording"),
    ),
    ("heads", "parts"),
)
"""Modules and packages of explorer/, the upper ones first. Each imports from lower lines; a new one gets a place."""

WEB = {"fastapi", "starlette", "uvicorn", "a2wsgi", "sqladmin"}
MAY_SERVE = {
    "web": {"fastapi", "starlette"},
    "web.admin": {"fastapi", "starlette", "sqladmin"},
    "app": {"fastapi", "starlette"},
    "serving": {"starlette", "uvicorn"},
    "connections": {"uvicorn"},
}
"""Which units import which of the libraries that speak HTTP."""

DRIVERS = {"sqlalchemy", "alembic", "aiosqlite", "asyncpg"}
DATABASE = DRIVERS | {"sqlite3", "explorer.database", "explorer.models"}
STORE = {
    "audit",
    "backups",
    "database",
    "editors",
    "expiry",
    "faults",
    "migrations",
    "models",
    "notices",
    "presence",
    "publisher",
    "revisions",
    "sessions",
    "shares",
    "throttle",
}
"""Which units know of tables."""
PRINTED = {"results": {"Flask", "FastAPI"}}
"""Where a side's name may stand: the distributions whose versions are printed."""

Sources = Mapping[str, str]


def sources(root: Path = ROOT / "explorer") -> dict[str, str]:
    """Module names, as after `import explorer.`, with their source."""
    return {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path.read_text()
        for path in sorted(root.rglob("*.py"))
    }


@cache
def imported(source: str) -> tuple[str, ...]:
    """All names a module imports: `from a import b` gives a and a.b, which may be a module too."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
    return tuple(names)


def needed(source: str, known: Sources) -> set[str]:
    """The modules of explorer that a module imports; a package stands for its __init__ only if that is meant."""
    names = {name.removeprefix("explorer.") for name in imported(source) if name.startswith("explorer.")}
    found = {name for name in names if name in known}
    return {name for name in found if not any(other.startswith(f"{name}.") and other in names for other in found)}


def unit(module: str) -> str:
    return module.partition(".")[0]


def upward(modules: Sources) -> list[str]:
    """Imports from the same or an upper layer, but for those within a package."""
    height = {name: -number for number, names in enumerate(LAYERS) for name in names}
    return [
        f"{module} imports {other}"
        for module, source in modules.items()
        for other in sorted(needed(source, modules))
        if unit(module) != unit(other) and height.get(unit(other), 1) >= height.get(unit(module), 1)
    ]


def reached(start: str, modules: Sources) -> set[str]:
    """The names of everything that importing a module imports, directly or not."""
    behind = _behind(start, modules) | {start}
    return {part for module in behind for name in imported(modules[module]) for part in (name, name.partition(".")[0])}


def cycles(modules: Sources) -> set[str]:
    """Modules that import themselves in a roundabout way."""
    return {module for module, source in modules.items() if module in _behind(module, modules)}


def _behind(start: str, modules: Sources) -> set[str]:
    seen: set[str] = set()
    left = list(needed(modules[start], modules))
    while left:
        module = left.pop()
        if module not in seen:
            seen.add(module)
            left += needed(modules[module], modules)
    return seen


def literals(source: str) -> Iterator[str]:
    """Text constants that are neither docstrings nor sentences."""
    tree = ast.parse(source)
    words = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in words else None
        if isinstance(text, str) and " " not in text.strip():
            yield text


def naming(modules: Sources, names: set[str]) -> list[str]:
    """Literals that name a side or a topic."""
    pattern = re.compile(rf"(?<![a-z0-9-])({'|'.join(map(re.escape, names))})(?![a-z0-9-])", re.IGNORECASE)
    return [
        f"{module}: {text!r}"
        for module, source in modules.items()
        for text in literals(source)
        if pattern.search(text) and text not in PRINTED.get(module, set())
    ]


def names_of_content() -> set[str]:
    sides = re.findall(r'^id = "(.+)"', (ROOT / "content" / "sides.toml").read_text(), re.M)
    return {*sides, *SLUGS} - {"templates", "settings", "lifespan"}  # topics, and words of the site's own


def test_each_module_stands_in_one_layer():
    listed = [name for names in LAYERS for name in names]
    assert sorted(listed) == sorted({unit(module) for module in sources()} - {"__init__"})


def test_imports_go_down_only():
    assert upward(sources()) == []


def test_no_module_needs_itself():
    assert cycles(sources()) == set()


@pytest.mark.parametrize("module", ["web.pages", "web.tryit"])
def test_pages_and_tryit_reach_no_database(module: str):
    others = sources() | {"demos.state": ""}  # puts a demo's own rows in memory back, has no database of the site
    assert reached(module, others) & DATABASE == set()


def test_the_rule_on_pages_sees_a_database_behind_other_modules():
    modules = {"web.pages": "from explorer.web.state import State", "web.state": "from explorer import editors"}
    modules |= {"editors": "from explorer.database import Database", "database": "import sqlalchemy"}
    assert reached("web.pages", modules) & DATABASE == {"explorer.database", "sqlalchemy"}


def test_only_the_store_knows_tables():
    for module, source in sources().items():
        used = {name.partition(".")[0] for name in imported(source)} & DRIVERS
        assert not used or unit(module) in STORE, module


def making(name: str, modules: Sources) -> set[str]:
    """The modules that make a row of a table, or name it to a statement that changes rows."""
    pattern = re.compile(rf"(?<![\w\"]){name}\(|(?:insert|update|delete)\({name}\b")
    return {module for module, source in modules.items() if pattern.search(source.replace(f"class {name}(", ""))}


def test_only_one_module_writes_words():
    assert making("Revision", sources()) == {"revisions"}


def test_the_rule_on_writing_words_sees_who_writes():
    modules = {"models": "class Revision(Base): ...", "a": "Revision(topic='x')", "b": "delete(Revision).where()"}
    assert making("Revision", modules | {"c": "select(Revision)", "d": "-> Revision | None"}) == {"a", "b"}


def test_only_the_web_speaks_http():
    for module, source in sources().items():
        used = {name.partition(".")[0] for name in imported(source)} & WEB
        part = "web.admin" if module.startswith("web.admin") else unit(module)
        assert used <= MAY_SERVE.get(part, set()), module


def test_no_demo_imports_the_site():
    demos = [*(ROOT / "content").rglob("*.py")]
    assert demos
    guilty = [path for path in demos if {"explorer"} & {name.partition(".")[0] for name in imported(path.read_text())}]
    assert guilty == []


def test_the_site_names_no_side_and_no_topic():
    assert naming(sources(), names_of_content()) == []


def test_each_module_says_what_it_is_for():
    assert [module for module, source in sources().items() if not ast.get_docstring(ast.parse(source))] == []


def test_the_rules_see_what_breaks_them():
    low, high = 'from explorer.cli import serve\n"""Words."""\n', "import explorer.topics\nimport sqlalchemy.orm\n"
    modules = {"topics": low, "cli": high, "web.pages": "from explorer import topics\n", "web": ""}
    assert upward(modules) == ["topics imports cli"]
    assert cycles(modules) == {"topics", "cli"}
    assert "sqlalchemy" in reached("web.pages", modules)
    assert ast.get_docstring(ast.parse(low)) is None


@pytest.mark.parametrize("text", ["'flask'", "'content/topics/hello-world/'", "'FastAPI'", "f'{1}/flask/{2}'"])
def test_the_rule_on_names_sees_them(text: str):
    assert len(naming({"search": f"x = {text}"}, {"flask", "fastapi", "hello-world"})) == 1


@pytest.mark.parametrize("text", ["'Flask.'", "x = 'Flask and others'", "x = 'flasks'", "x = 'xflask'", "flask = 1"])
def test_the_rule_on_names_leaves_sentences_alone(text: str):
    assert naming({"search": text}, {"flask"}) == []

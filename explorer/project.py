"""A topic to a project that runs without the site: applications as shown, pinned packages, tests, containers.

Returns the bytes of a zip that depend on the topic and the installed versions alone. Runs no demo and names no side.
"""

from __future__ import annotations

import ast
import re
import shlex
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata, packages_distributions, requires, version
from io import BytesIO
from pathlib import Path
from typing import Any

from explorer import syntax
from explorer.demos.calls import HOST
from explorer.parity import parity_file, parity_name, write
from explorer.settings import ROOT
from explorer.topics import Expectation, Interface, Scenario, Topic, Variant

FIRST_PORT, PORT_STEP = 5000, 3000
"""5000 and 8000 are what the documentation of the first two sides uses."""

SERVERS: Mapping[Interface, tuple[str, str]] = {
    "wsgi": ("gunicorn", "gunicorn --chdir {folder} --bind {host}:{port} --threads 4 app:app"),
    "asgi": ("uvicorn", "uvicorn --app-dir {folder} --host {host} --port {port} app:app"),
}
"""The native server of an interface: its package and command. One process, since demos keep their state in memory."""

TEST_PACKAGE = "pytest"

_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)\s*(\[(?P<extras>[^]]*)\])?")
_EXTRA = re.compile(r"""\bextra == ["']([\w.-]+)["']""")

_SEARCHED = {".py", ".sh"}
"""Suffixes of the files that say what a demo needs."""
_LEFT_OUT = {"__pycache__", ".DS_Store"}


@dataclass(frozen=True, slots=True)
class Program:
    """One variant as a program of the project."""

    topic: Topic
    variant: Variant
    port: int
    packages: tuple[str, ...]
    """What it asks for, its server included, without versions."""

    @property
    def command(self) -> str:
        """Return the command that runs it here."""
        return self._command("127.0.0.1")

    @property
    def container_command(self) -> list[str]:
        """Return the command that runs it in a container, where it must listen on every address."""
        return shlex.split(self._command("0.0.0.0"))  # noqa: S104 - a container's own network

    def _command(self, host: str) -> str:
        template = SERVERS[self.variant.side.interface][1]
        return template.format(folder=shlex.quote(self.variant.id), host=host, port=self.port)

    @property
    def image(self) -> str:
        """Return the name of its container image."""
        return re.sub(r"[^a-z0-9]+", "-", f"{self.topic.slug}-{self.variant.id}".lower()).strip("-")

    @property
    def dockerfile(self) -> str:
        """Return the name of its Dockerfile."""
        return f"Dockerfile.{self.variant.id}"

    def url(self, target: str) -> str:
        """Return the address of a target, as a shell takes it."""
        return shlex.quote(f"http://127.0.0.1:{self.port}{target}")


def project_zip(topic: Topic) -> bytes:
    """Return a topic as a zip of a project. The same topic and versions give the same bytes."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(_files(topic).items()):
            entry = zipfile.ZipInfo(f"{topic.slug}/{name}")  # dated 1980, whatever the clock says
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return target.getvalue()


def _files(topic: Topic) -> dict[str, bytes]:
    """Return the project's files by path."""
    programs = _programs(topic)
    files = {path: text.encode() for path, text in _texts(topic, programs).items()}
    for variant in topic.variants:
        for path in _demo_files(variant.folder):
            files[f"{variant.id}/{path.relative_to(variant.folder).as_posix()}"] = path.read_bytes()
    return files


def _texts(topic: Topic, programs: tuple[Program, ...]) -> dict[str, str]:
    direct = sorted({package for program in programs for package in program.packages})
    titles = " and ".join(dict.fromkeys(variant.side.title for variant in topic.variants))
    exchanges = [scenario for scenario in topic.scenarios if scenario.is_exchange]
    parity = len(topic.default_variants) > 1 and bool(exchanges)
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    words: dict[str, Any] = {
        "slug": topic.slug,
        "title": topic.title,
        "titles": titles,
        "programs": programs,
        "requires": metadata("explorer")["Requires-Python"],
        "pins": [_pin(package) for package in direct],
        "pytest": _pin(TEST_PACKAGE),
        "parity": parity,
        "gunicorn": any(variant.side.interface == "wsgi" for variant in topic.variants),
        "example": next((s.request.target for s in exchanges if s.request.method == "GET"), None),
    }
    texts = {name: write(f"{name}.j2", **words) for name in ("README.md", "pyproject.toml")}
    texts["requirements.txt"] = "".join(f"{_pin(name)}\n" for name in _closure([*direct, TEST_PACKAGE]))
    texts[".dockerignore"] = ".venv\n**/__pycache__\n"
    texts["tests/calling.py"] = write("calling.py.j2", host=HOST)
    texts |= {f"tests/test_{re.sub(r'[^a-z0-9]+', '_', side)}.py": text for side, text in _tests(topic)}
    texts |= {program.dockerfile: write("Dockerfile.j2", program=program, python=python) for program in programs}
    if parity:
        texts[f"parity/{parity_name(topic)}"] = parity_file(topic, exchanges)
    return texts


def _programs(topic: Topic) -> tuple[Program, ...]:
    """Return a program for each variant; the plain ones get the first ports."""
    ordered = sorted(topic.variants, key=lambda variant: not variant.is_default)
    return tuple(
        Program(topic, variant, FIRST_PORT + number * PORT_STEP, tuple(sorted(_packages(variant))))
        for number, variant in enumerate(ordered)
    )


def _demo_files(folder: Path) -> Iterator[Path]:
    """Yield the files of a demo, hidden ones too, without its notes, what Python leaves and what lies elsewhere."""
    for path in folder.rglob("*"):
        inside = path.is_file() and path.resolve().is_relative_to(folder.resolve())
        if inside and path != folder / "notes.md" and not _LEFT_OUT.intersection(path.parts):
            yield path


def _tests(topic: Topic) -> Iterator[tuple[str, str]]:
    """Yield each side's id with the text of its tests."""
    for side in dict.fromkeys(variant.side for variant in topic.variants):
        cases = [
            _case(variant, scenario, expected)
            for variant in topic.variants
            for scenario in topic.scenarios
            if variant.side == side and scenario.is_exchange and (expected := scenario.expectation(variant))
        ]
        yield side.id, write("test_side.py.j2", interface=side.interface, cases=cases)


def _case(variant: Variant, scenario: Scenario, expected: Expectation) -> dict[str, Any]:
    silent = expected.body is None and expected.json is None and not expected.contains
    return {
        "id": scenario.id if variant.is_default else f"{variant.id} {scenario.id}",
        "folder": variant.id,
        "before": scenario.before,
        "request": scenario.request,
        "status": expected.status,
        "headers": [f"{name}: {value}" for name, value in expected.headers.items()],
        "absent": expected.absent,
        "json": expected.json,
        "body": "" if silent else expected.body,  # a topic that declares nothing about the body says there is none
        "contains": expected.contains,
    }


def _packages(variant: Variant) -> set[str]:
    """Return the distributions that a variant and its server need, by what its files import and `needs.toml`."""
    files = [path for path in _demo_files(variant.folder) if path.suffix in _SEARCHED]
    sources = [path.read_text(encoding="utf-8") for path in files]
    imported = {name for source in sources for name in _imports(source)}
    by_module = _distributions()
    found = {variant.side.package, SERVERS[variant.side.interface][0]}
    found |= {_canonical(by_module[name]) for name in imported if name in by_module}
    for need in _needs():
        searched = any(re.search(need["pattern"], source) for source in sources)
        if searched and imported.issuperset(need["imports"]) and _installed(need["package"]):
            found.add(need["package"])
    return found


def _imports(source: str) -> Iterator[str]:
    """Yield the top-level names of the modules that a file imports; none of a file that is no Python."""
    try:
        nodes = list(ast.walk(syntax.parse(source)))
    except (SyntaxError, ValueError):
        return
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _closure(packages: Iterable[str]) -> list[str]:
    """Return distributions with all that they require and that is installed here."""
    found: dict[str, set[str]] = {}
    waiting = [(name, "") for name in packages]
    while waiting:
        name, extra = waiting.pop()
        extras = found.setdefault(_canonical(name), set())
        if extra not in extras:
            extras.add(extra)
            waiting += _required(name, extra)
    return sorted(found)


def _required(name: str, extra: str) -> Iterator[tuple[str, str]]:
    """Yield what a distribution requires for one of its extras, or for none: names, each with one extra of theirs."""
    for text in (requires(name) if _installed(name) else None) or ():
        wanted = match[1] if (match := _EXTRA.search(text)) else ""
        parts = _REQUIREMENT.match(text)
        if parts and wanted == extra and _installed(parts["name"]):
            yield parts["name"], ""
            yield from ((parts["name"], other.strip()) for other in (parts["extras"] or "").split(",") if other.strip())


def _pin(name: str) -> str:
    """Return the requirement of the version installed here, of any where there is none: a site needs no pytest."""
    return f"{name}=={version(name)}" if _installed(name) else name


def _installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def _distributions() -> dict[str, str]:
    """Return the distribution of each importable top-level name; one that several share says nothing."""
    return {module: names[0] for module, names in packages_distributions().items() if len(set(names)) == 1}


@cache
def _needs() -> list[dict[str, Any]]:
    text = (ROOT / "templates" / "export" / "needs.toml").read_text(encoding="utf-8")
    needs: list[dict[str, Any]] = tomllib.loads(text)["needs"]
    return needs

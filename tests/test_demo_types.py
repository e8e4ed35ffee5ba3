"""The demos pass a type checker, as a reader who copies them would run it: no folder sees another."""

from __future__ import annotations

import contextlib
import gc
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from mypy import api
from sites import ROOT, SLUGS

from explorer.demos.files import import_file

TOPICS = ROOT / "content" / "topics"
FOLDERS = sorted(str(app.parent.relative_to(TOPICS)) for slug in SLUGS for app in (TOPICS / slug).glob("*/app.py"))
OPTIONS = ("--config-file=", "--disallow-untyped-defs", "--ignore-missing-imports")

MODEL = (
    '[name-defined]: Name "db.Model" is not defined',
    "Flask-SQLAlchemy makes the base class of the models when the program runs",
)
EXCUSED = {
    "admin-interfaces/flask": MODEL,
    "admin-interfaces/flask+login": MODEL,
    "deployment/fastapi+proxyheaders": (
        '[arg-type]: Argument 1 to "ProxyHeadersMiddleware"',
        "Uvicorn describes an ASGI application by typed dictionaries, Starlette by MutableMapping[str, Any]",
    ),
}
"""Demos that cannot pass: their only error, by code and start, and why it is not the demo's to mend."""


@pytest.fixture(scope="module", autouse=True)
def left_as_found() -> Iterator[None]:
    """Put back how deep Python recurses, which mypy raises for the whole process, and its gigabyte of types."""
    before = sys.getrecursionlimit()
    yield
    sys.setrecursionlimit(before)
    gc.collect()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy knows of the libraries, shared by all folders."""
    return tmp_path_factory.mktemp("mypy")


def check(cache: Path) -> list[tuple[str, str]]:
    """Check the Python files of the working directory and return each error's file, and it as `[code]: message`."""
    files = sorted(str(path) for path in Path().rglob("*.py"))
    out, err, _ = api.run([*OPTIONS, f"--cache-dir={cache}", *files])
    assert not err
    found = [line.partition(": error: ") for line in out.splitlines() if ": error: " in line]
    return [
        (place.partition(":")[0], f"[{message.rpartition('  [')[2]}: {message.rpartition('  [')[0]}")
        for place, _, message in found
    ]


def errors(cache: Path) -> list[str]:
    """Return the errors in the Python files of the working directory."""
    return [error for _, error in check(cache)]


@pytest.fixture(scope="module")
def single(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The errors of the demos that are one file, by folder: all are checked in one run, under names of their own."""
    place, found = tmp_path_factory.mktemp("single"), dict[str, list[str]]()
    for number, folder in enumerate(FOLDERS):
        if len(files := list((TOPICS / folder).rglob("*.py"))) == 1:
            shutil.copyfile(files[0], place / f"demo_{number}.py")
            found[folder] = []
    with contextlib.chdir(place):
        for name, error in check(cache):
            found[FOLDERS[int(name.removeprefix("demo_").removesuffix(".py"))]].append(error)
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_demo_passes_a_type_checker(
    folder: str, single: dict[str, list[str]], cache: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(TOPICS / folder)

    found = single[folder] if folder in single else errors(cache)

    if folder in EXCUSED:
        message, _ = EXCUSED[folder]
        assert [line[: len(message)] for line in found] == [message]
    else:
        assert found == []


def test_only_demos_that_exist_are_excused():
    assert set(EXCUSED) <= set(FOLDERS)


def test_a_wrong_demo_is_seen(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("users.py").write_text("def name() -> str:\n    return 'ada'\n")
    Path("app.py").write_text(
        "from flask import Flask\n"
        "from users import name\n\n"
        "app = Flask(__name__)\n"
        "length: int = name()\n\n\n"
        '@app.get("/")\n'
        "def home():\n"
        "    return name()\n"
    )

    assert errors(cache) == [
        '[assignment]: Incompatible types in assignment (expression has type "str", variable has type "int")',
        "[no-untyped-def]: Function is missing a return type annotation",
    ]


def test_a_renamed_field_is_found_in_a_client_as_the_topic_says(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
):
    topic = TOPICS / "openapi-clients"
    checks = import_file("checks_of_clients", topic / "checks.py")
    call, _, said = (topic / "topic.md").read_text().partition("```python\n")[2].partition("\n```")[0].partition("\n# ")
    monkeypatch.chdir(tmp_path)
    Path("client.py").write_text(f"from models import Item\n\n{call}\n")

    Path("models.py").write_text(checks.make_class(checks.describe_item("qty")))
    assert errors(cache) == []
    Path("models.py").write_text(checks.make_class(checks.describe_item("quantity")))
    assert errors(cache) == [f"[call-arg]: {said}"]

"""What is installed, from the installed files. No request to the demos shows it as a whole."""

import re
import sys
from contextlib import redirect_stdout
from importlib.metadata import distribution, metadata, requires
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

import fastapi.cli
import fastapi.testclient
import flask.cli
import flask.testing
import httpx2
import pytest
import uvicorn
import werkzeug
import werkzeug.test
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from uvicorn.supervisors import ChangeReload
from uvicorn.supervisors.statreload import StatReload

HERE = Path(__file__).parent


def _plain(package: str) -> list[str]:
    """Return what a package asks for without extras, on this Python and system."""
    lines = map(Requirement, requires(package) or [])
    wanted = [line for line in lines if line.marker is None or line.marker.evaluate({"extra": ""})]
    return sorted(line.name.lower().replace("_", "-") for line in wanted)


def _closure(*packages: str) -> set[str]:
    found: set[str] = set()
    waiting = [*packages]
    while waiting:
        package = waiting.pop()
        if package not in found:
            found.add(package)
            waiting += _plain(package)
    return found


def _megabytes(packages: set[str]) -> float:
    """Return the size of the installed files, bytecode left out."""
    files = [file for package in packages for file in distribution(package).files or ()]
    return sum(file.size or 0 for file in files if file.suffix != ".pyc") / 1e6


def check_counts() -> None:
    """Seven packages come with flask, eleven with fastapi, fourteen with fastapi and uvicorn; on Windows one more."""
    windows = int(sys.platform == "win32")
    counts = [len(_closure(*names)) for names in (["flask"], ["fastapi"], ["fastapi", "uvicorn"])]
    assert counts == [7 + windows, 11, 14 + windows]


def check_sizes() -> None:
    """The files of flask and what it needs take 2 to 3 MB, those of fastapi and uvicorn 8 to 13 MB, half of it
    pydantic-core."""
    assert 2 <= _megabytes(_closure("flask")) <= 3
    api = _megabytes(_closure("fastapi", "uvicorn"))
    assert 8 <= api <= 13
    assert _megabytes({"pydantic-core"}) > api * 0.35


def _tree(package: str, shown: set[str], depth: int = 0) -> list[str]:
    """Return a package and what it needs as indented lines; what was shown is not opened again.

    Without typing-extensions: which packages need it depends on the Python.
    """
    line = "  " * depth + package
    if package in shown:
        return [line]
    shown.add(package)
    needs = [need for need in _plain(package) if need != "typing-extensions"]
    return [line, *(part for need in needs for part in _tree(need, shown, depth + 1))]


def check_trees() -> None:
    """The two trees on the page are those of the packages installed here."""
    shown = re.findall(r"```text\n(.*?)\n```", (HERE / "topic.md").read_text(), re.S)
    assert shown[1].split("\n") == _tree("flask", set())
    packages: set[str] = set()
    assert shown[2].split("\n") == [*_tree("fastapi", packages), *_tree("uvicorn", packages)]


def check_standard() -> None:
    """The extra `standard` of fastapi asks for the CLI, an HTTP client, Jinja, form parsing, e-mail checks, uvicorn."""
    extra = {
        line.name
        for line in map(Requirement, requires("fastapi") or [])
        if line.marker and line.marker.evaluate({"extra": "standard"}) and not line.marker.evaluate({"extra": ""})
    }
    assert extra >= {"fastapi-cli", "jinja2", "python-multipart", "email-validator", "uvicorn"}


def check_fastapi_command() -> None:
    """Without the extra `standard` the command fastapi only says that the extra is needed."""
    if fastapi.cli.cli_main is None:
        with redirect_stdout(StringIO()), pytest.raises(RuntimeError, match=r"fastapi\[standard\]"):
            fastapi.cli.main()
    else:
        raise AssertionError("the extra is installed here")


def check_python_versions() -> None:
    """FastAPI needs Python 3.11, Flask 3.9."""
    assert metadata("fastapi")["Requires-Python"] == ">=3.11"
    assert "3.9" in SpecifierSet(metadata("flask")["Requires-Python"])
    assert "3.8" not in SpecifierSet(metadata("flask")["Requires-Python"])


def check_one_name() -> None:
    """The command `flask` is in the package flask, and its `flask run` is Werkzeug's development server."""
    scripts = [entry.name for entry in distribution("flask").entry_points if entry.group == "console_scripts"]
    assert scripts == ["flask"]
    assert "werkzeug" in _closure("flask")
    assert vars(flask.cli)["run_simple"] is werkzeug.run_simple


def check_no_server() -> None:
    """FastAPI asks for no server outside of its extras."""
    assert _closure("fastapi").isdisjoint({"uvicorn", "hypercorn", "granian", "gunicorn"})


def check_five_lines() -> None:
    """Jinja, python-multipart, itsdangerous, email-validator and httpx2 do not come with fastapi and uvicorn."""
    further = {"jinja2", "python-multipart", "itsdangerous", "email-validator", "httpx2"}
    assert _closure("fastapi", "uvicorn").isdisjoint(further)


def check_test_clients() -> None:
    """FastAPI's test client is a client of httpx2, Flask's is Werkzeug's."""
    assert issubclass(fastapi.testclient.TestClient, httpx2.Client)
    assert issubclass(flask.testing.FlaskClient, werkzeug.test.Client)


def check_what_the_tree_is_for() -> None:
    """FastAPI writes OpenAPI and needs pydantic; a Flask app has no such method and needs no validating library."""
    assert hasattr(fastapi.FastAPI, "openapi")
    assert not hasattr(flask.Flask, "openapi")
    assert "pydantic" in _closure("fastapi")
    assert _closure("flask").isdisjoint({"pydantic", "marshmallow", "jsonschema", "wtforms"})


def check_compiled() -> None:
    """pydantic-core is written in Rust, and what is installed of it was built for one platform."""
    core = distribution("pydantic-core")
    assert "Programming Language :: Rust" in core.metadata.get_all("Classifier", [])
    assert "Root-Is-Purelib: false" in (core.read_text("WHEEL") or "")


def check_no_upper_bound() -> None:
    """FastAPI names a lowest version of Starlette and of Pydantic and no highest."""
    for line in map(Requirement, requires("fastapi") or []):
        if line.name in ("starlette", "pydantic") and line.marker is None:
            assert {part.operator for part in line.specifier} == {">="}


def check_reload() -> None:
    """Uvicorn has the option --reload, and without the package watchfiles it looks at the files' dates."""
    assert any("--reload" in parameter.opts for parameter in uvicorn.main.params)
    assert find_spec("watchfiles") or issubclass(ChangeReload, StatReload)


def check_async_extra() -> None:
    """The extra `async` of flask asks for asgiref."""
    lines = map(Requirement, requires("flask") or [])
    assert "asgiref" in [line.name for line in lines if line.marker and line.marker.evaluate({"extra": "async"})]

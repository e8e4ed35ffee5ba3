"""What is committed and what is installed: no address of a registry, whole locks, versions without known holes."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "dev.lock", "build.lock")
MODULE_LINES = 300

# One letter of each name is in brackets so that this file does not match itself
REGISTRY = re.compile(
    rb"py[p]i\.org|pytho[n]hosted\.org|np[m]js\.(?:org|com)|yar[n]pkg\.com|(?:deb|ftp|security|snapshot)[\w.]*\.deb[i]an\.org",
    re.IGNORECASE,
)
MACHINE_PATH = re.compile(rb"(?<![\w.-])/(?:w[o]rk|f[a]rm|r[o]ot|h[o]me/\w+|U[s]ers/\w+)/")
LOCKED = re.compile(r"[\w.-]+==[\w.+!-]+(?: ; [^#]+?)?(?: --hash=sha256:[0-9a-f]{64})+")

# The lowest version of each package without a known hole, with the hole it closed
FLOORS = {
    "fastapi": "0.133",  # the first that takes starlette 1
    "flask": "3.1.3",  # CVE-2026-27205: Vary: Cookie
    "h11": "0.16.0",  # chunked parsing
    "jinja2": "3.1.6",  # sandbox and xmlattr
    "markdown-it-py": "3.0.0",  # CVE-2023-26303
    "pygments": "2.20.0",  # CVE-2026-4539, CVE-2021-27291, CVE-2022-40896
    "python-multipart": "0.0.31",  # CVE-2026-53540
    "sqladmin": "0.25.1",  # CVE-2026-46645
    "starlette": "1.3.1",  # CVE-2026-48710, CVE-2026-48817, urlencoded limits
    "uvicorn": "0.42",  # quadratic joining of bodies
    "werkzeug": "3.1.6",  # CVE-2023-46136, CVE-2024-34069, safe_join
}


def committed() -> list[Path]:
    """The files of the repository, with those that the next `git add` would take."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def matches(pattern: re.Pattern[bytes]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {found[0].decode()}"
        for path in committed()
        for number, line in enumerate(path.read_bytes().splitlines(), 1)
        if (found := pattern.search(line))
    ]


def locked(name: str) -> dict[str, str]:
    """Name -> version of a lock. Continued lines are joined."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    return {line.partition("==")[0]: line.partition("==")[2].split()[0] for line in text.splitlines()}


def test_no_committed_file_names_a_package_registry():
    assert matches(REGISTRY) == []


def test_no_committed_file_holds_a_path_of_one_machine():
    assert matches(MACHINE_PATH) == []


@pytest.mark.parametrize(
    "text", [b"https://py" + b"pi.org/simple", b"REGISTRY.np" + b"mjs.org", b"http://deb.deb" + b"ian.org/debian"]
)
def test_the_pattern_finds_a_registry(text: bytes):
    assert REGISTRY.search(text)


@pytest.mark.parametrize("text", [b"'/wo" + b"rk/main/x.py'", b"cd /ro" + b"ot/explorer", b"(/ho" + b"me/ann/site)"])
def test_the_pattern_finds_a_path_of_a_machine(text: bytes):
    assert MACHINE_PATH.search(text)


def test_no_third_party_front_end_code_is_committed():
    folders = {ROOT / "static" / "vendor", ROOT / "node_modules"}
    assert [path for path in committed() if folders.intersection(path.parents)] == []


@pytest.mark.parametrize("name", LOCKS)
def test_each_line_of_a_lock_is_a_version_with_hashes(name: str):
    lines = re.sub(r" *\\\n *", " ", (ROOT / name).read_text()).splitlines()
    assert lines
    assert [line for line in lines if not LOCKED.fullmatch(line)] == []


def test_the_site_is_tested_with_the_versions_that_it_ships():
    assert locked("requirements.lock").items() <= locked("dev.lock").items()


def test_the_lock_holds_what_pyproject_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    versions = locked("requirements.lock")
    wanted = [Requirement(text) for text in project["dependencies"]]
    assert [str(r) for r in wanted if versions.get(canonicalize_name(r.name)) not in r.specifier] == []


def test_the_front_end_lock_holds_hashes_and_no_addresses():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    del packages[""]
    assert packages
    assert [name for name, package in packages.items() if "resolved" in package or "integrity" not in package] == []


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_the_installed_version_has_no_known_hole(name: str):
    if name not in locked("dev.lock"):
        pytest.skip(f"{name} is not a dependency")
    assert Version(version(name)) >= Version(FLOORS[name])


def test_modules_are_short():
    sizes = {path: len(path.read_text().splitlines()) for path in (ROOT / "explorer").rglob("*.py")}
    assert sizes
    assert {str(path.relative_to(ROOT)): n for path, n in sizes.items() if n > MODULE_LINES} == {}

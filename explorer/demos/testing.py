"""Runs the tests that a topic shows, for real: pytest in a process of its own, on a copy of the demo's folder.

Takes nothing from a reader but the wish. Environment, time, memory, output and number of runs are limited here. Where
there is no folder to write to, it says so.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from explorer.errors import Busy
from explorer.topics import Topic, Variant

SECONDS = 30.0
"""Time one file of tests has, start of Python included."""
OUTPUT = 64 * 1024
"""Bytes of output that are kept."""

_LIMITED = """
import runpy, sys
try:
    import resource
except ImportError:
    resource = None
def limit(name, most):
    number = getattr(resource, name, None)
    if number is not None:
        hard = resource.getrlimit(number)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(number, (most, most))
limit("RLIMIT_CPU", 20)
limit("RLIMIT_AS", 2 << 30)
limit("RLIMIT_FSIZE", 1 << 20)
limit("RLIMIT_CORE", 0)
sys.path.insert(0, "")
runpy.run_module("pytest", run_name="__main__", alter_sys=True)
"""
"""`python -m pytest` with limits; set inside, since code between fork and exec is not safe beside threads."""

_ARGUMENTS = ("-q", "-p", "no:cacheprovider", "--color=no", "--tb=short", "--rootdir=.", "-c", os.devnull)
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)\b")
_TIME = re.compile(r" in \d+(?:\.\d+)?s(?: \([\d:]+\))?(?=\s*=*\s*$)", re.M)
"""How long pytest took: of a start of Python, not of a framework."""
_ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LIBRARY = re.compile(r"(?<![^\s'\"(])[^\s'\"(]{0,300}/(?=(?:site-packages|python3\.\d+)/)")
"""What stands before a library's folder; only from the start of a word, or a long line would take minutes."""


@dataclass(frozen=True, slots=True)
class TestRun:
    """What came of one file of tests."""

    variant: Variant
    output: str = ""
    """What pytest printed, without paths of this machine, colours and its duration."""
    passed: int = 0
    failed: int = 0
    """Failed tests and errors."""
    problem: str = ""
    """Why there is no complete result."""


class OneAtATime(Busy):
    """The same reader's tests still run."""

    status = 429
    title = "Your tests still run"
    retry_after = 5


class TestRuns:
    """The runs of one process."""

    def __init__(self, most: int) -> None:
        """Start without runs. `most` is for how many readers tests run at the same time."""
        self._most = most
        self._readers: set[str] = set()

    async def run(self, topic: Topic, reader: str) -> tuple[TestRun, ...]:
        """Run the tests of each plain variant for a reader, whose address this is.

        Raises OneAtATime if this reader's tests still run, Busy if those of others take all places.
        """
        if reader in self._readers:
            raise OneAtATime("Your tests still run. Nothing was started: try again in 5 seconds.")
        if len(self._readers) >= self._most:
            raise Busy("Tests of other readers run. Nothing was started: try again in 2 seconds.")
        self._readers.add(reader)
        try:
            return tuple(await asyncio.gather(*(run_tests(v, topic.tests, SECONDS) for v in topic.default_variants)))
        finally:
            self._readers.discard(reader)


async def run_tests(variant: Variant, name: str, seconds: float) -> TestRun:
    """Run one file of a variant's tests. Whatever the tests do is a result; never raises for it."""
    try:
        with _copy(variant) as folder:
            output, status, problem = await _pytest(folder, name, seconds)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return TestRun(
            variant,
            problem=f"This server has no folder in which tests could run ({reason}). "
            "Download the topic as a project and run them on your machine.",
        )
    counts = _counts(output)
    failed = sum(counts.get(word, 0) for word in ("failed", "error", "errors"))
    if not problem and status not in (0, 1):
        problem = f"pytest ended with status {status} before all tests had a result."
    return TestRun(variant, output, counts.get("passed", 0), failed, problem)


@contextmanager
def _copy(variant: Variant) -> Iterator[Path]:
    """Give a temporary copy of the files that the page shows."""
    with tempfile.TemporaryDirectory(prefix="tests-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve() / "demo"
        for file in variant.files:
            target = folder / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(variant.folder / file.path, target)
        yield folder


async def _pytest(folder: Path, name: str, seconds: float) -> tuple[str, int, str]:
    """Return the output, the exit status and why it is not complete."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _LIMITED, *_ARGUMENTS, name),
        cwd=folder,
        env=_environment(folder),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    kept, problem = bytearray(), ""
    try:
        async with asyncio.timeout(seconds):
            await _read(process, kept)
            await process.wait()
    except TimeoutError:
        problem = f"The tests had not ended after {seconds:g} s and were stopped."
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with what the tests may have started
        status = await process.wait()
    if len(kept) > OUTPUT:
        problem = problem or f"Only the first {OUTPUT // 1024} KiB of the output are shown."
    return _clean(bytes(kept[:OUTPUT]).decode(errors="replace"), folder), status, problem


async def _read(process: asyncio.subprocess.Process, kept: bytearray) -> None:
    """Read to the end of the output and keep its start."""
    assert process.stdout
    while chunk := await process.stdout.read(16 * 1024):
        kept += chunk[: max(0, OUTPUT + 1 - len(kept))]


def _environment(folder: Path) -> dict[str, str]:
    """Return all that the tests see of the environment: nothing of this site's."""
    return {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "PATH": os.defpath,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "COLUMNS": "80",
    }


def _clean(output: str, folder: Path) -> str:
    """Take colours, durations and paths of this machine out."""
    text = _LIBRARY.sub("", _TIME.sub("", _ESCAPE.sub("", output)))
    for path in _ours(folder):
        text = text.replace(f"{path}/", "").replace(path, ".")
    return text.strip("\n")


def _ours(folder: Path) -> Sequence[str]:
    """Return the paths that are this machine's, the longest first."""
    places = {str(folder), str(folder.parent), sys.prefix, sys.base_prefix, str(Path(sys.executable).parent)}
    return sorted((place for place in places if len(place) > 1), key=len, reverse=True)


def _counts(output: str) -> dict[str, int]:
    """Read the counts of pytest's last line that has some."""
    for line in reversed(output.splitlines()):
        if found := _COUNT.findall(line):
            return {word: int(number) for number, word in found}
    return {}

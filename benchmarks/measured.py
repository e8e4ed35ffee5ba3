"""What the measurements have in common: a real server, percentiles, and a file that says what was measured where."""

from __future__ import annotations

import datetime
import os
import platform
import shlex
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from sites import Server, serve  # noqa: E402 - the tests' way to start a site

RESULTS = ROOT / "docs" / "measurements"
PACKAGES = (
    "fastapi",
    "starlette",
    "uvicorn",
    "h11",
    "flask",
    "markdown-it-py",
    "pygments",
    "schemathesis",
    "hypothesis",
)


@contextmanager
def site(*arguments: str, **settings: object) -> Iterator[Server]:
    """Start `explorer serve`; without rates, since everything here comes from one address."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"cache": os.environ.get("EXPLORER_CACHE", folder)} | settings
        with serve(Path(folder) / "log", *arguments, **settings) as server:
            yield server


def percentile(values: Sequence[float], share: int) -> float:
    """Return the value below which that share in a hundred lies."""
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1] if len(values) > 1 else values[0]


def resident(process: int) -> float:
    """Return MiB of memory that a process and its children hold."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20 + sum(resident(int(child)) for child in children)


def write(name: str, title: str, rows: Sequence[tuple[str, str]], notes: str) -> None:
    """Write docs/measurements/<name>.md."""
    cpu = next((x for x in Path("/proc/cpuinfo").read_text().splitlines() if x.startswith("model name")), ": unknown")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    lines = [
        f"# {title}",
        "",
        *("| what | figure |", "|---|---|"),
        *(f"| {what} | {figure} |" for what, figure in rows),
        "",
        notes,
        "",
        f"- Command: `python {shlex.join([os.path.relpath(sys.argv[0], ROOT), *sys.argv[1:]])}`",
        f"- Date: {datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC",
        f"- Machine: {cpu.partition(': ')[2]}, {os.cpu_count()} cores, {memory:.0f} GiB; load averages after it {load}",
        f"- Versions: Python {platform.python_version()}, {', '.join(f'{name} {version(name)}' for name in PACKAGES)}",
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text("\n".join(lines) + "\n")

"""Runs a topic's checks.py: facts about a framework that no request to a demo can show.

Each function `check_…` states its fact in its docstring and asserts it. What it raises is its result; one that takes
longer than its time is left behind.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from explorer.demos.files import import_file

SECONDS = 5.0
"""Time a check has: more than any takes, on a machine that is busy."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found."""

    id: str
    """The function's name without check_, with hyphens."""
    fact: str
    source: str
    problem: str | None
    """Why it does not hold, None if it does."""


def run_checks(topic: str, folder: Path) -> Mapping[str, CheckResult]:
    """Run every check of a topic; a file that cannot be imported gives one failed result called "import"."""
    path = folder / "checks.py"
    if not path.is_file():
        return {}
    try:
        module = import_file(f"checks_{topic}", path)
    except (Exception, SystemExit) as error:
        return {"import": CheckResult("import", "checks.py can be imported.", "", f"{type(error).__name__}: {error}")}
    results = [
        _run(name.removeprefix("check_").replace("_", "-"), function)
        for name, function in list(vars(module).items())  # a check may set a global
        if name.startswith("check_") and inspect.isfunction(function)
    ]
    return {result.id: result for result in results}


def _run(identifier: str, function: Callable[[], None]) -> CheckResult:
    problems: list[str | None] = []

    def call() -> None:
        try:
            function()
        except BaseException as error:
            problems.append(f"{type(error).__name__}: {error}"[:300] if str(error) else type(error).__name__)
        else:
            problems.append(None)

    thread = threading.Thread(target=call, name=f"check-{identifier}", daemon=True)
    thread.start()
    thread.join(SECONDS)
    problem = problems[0] if problems else f"it did not end within {SECONDS:g} s"
    return CheckResult(identifier, inspect.getdoc(function) or "", inspect.getsource(function), problem)

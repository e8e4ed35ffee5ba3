"""Sends generated calls to the JSON API of a real server, as its OpenAPI document describes it, and against it.

usage: python benchmarks/fuzz_api.py [--cases 2000] [--seed 1] [--results]
schemathesis makes the calls; what was answered is counted in the server's log. Exits 1 if an answer is a 5xx, if the
log has an error, or if fewer cases were sent than asked for.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from measured import Server, site, write

OPERATIONS = 4
"""Those of /api/openapi.json that take something: the cases are spread over them."""


@dataclass(frozen=True)
class Found:
    """What the server's log says of the run."""

    statuses: Counter[int]
    errors: list[str]
    output: str

    @property
    def cases(self) -> int:
        return sum(self.statuses.values())

    @property
    def failed(self) -> bool:
        return any(status >= 500 for status in self.statuses) or bool(self.errors)


def fuzz(server: Server, cases: int, seed: int) -> Found:
    """Send about so many cases."""
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{server.url}/api/openapi.json"),
        *("--checks", "not_a_server_error", "--phases", "fuzzing", "--max-examples", str(-(-cases // OPERATIONS))),
        *("--seed", str(seed), "--continue-on-failure", "--warnings", "off", "--suppress-health-check", "all"),
        *("--request-timeout", "20"),
    ]
    before = len(server.lines())
    done = subprocess.run(command, capture_output=True, text=True, cwd=server.log.parent)
    time.sleep(0.5)  # lines are written a few times a second
    lines = server.lines()[before:]
    sent = [line for line in lines if line["message"] == "request" and line["path"].startswith("/api/")]
    errors = [line["message"] for line in lines if line["level"] == "error"]
    return Found(Counter(line["status"] for line in sent), errors, done.stdout + done.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", action="store_true")
    options = parser.parse_args()
    with site() as server:
        started = time.monotonic()
        found = fuzz(server, options.cases, options.seed)
        taken = time.monotonic() - started
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(found.statuses.items()))
    print(f"{found.cases} cases in {taken:.0f} s; {statuses}; errors in the log: {found.errors or 'none'}")
    if found.failed or found.cases < options.cases:
        print(found.output)
        sys.exit(1)
    if options.results:
        rows = [
            ("cases", f"{found.cases:,}"),
            ("answers by status", statuses),
            ("5xx", "0"),
            ("seed", str(options.seed)),
        ]
        write("fuzz-api", "Generated calls to the API", rows, "Each case is one request; none raised in the server.")


if __name__ == "__main__":
    main()

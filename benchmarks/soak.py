"""Keeps a real server at about a tenth of its capacity and looks whether it grows.

usage: python benchmarks/soak.py [--minutes 60] [--pages 40] [--tries 2] [--results]
`--pages` and `--tries` are sent each second. Exits 1 if an answer fails, or if memory after the first fifth grows by
more than 50 MiB, or open files or threads by more than 10: pools fill while they are used.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from measured import Server, percentile, resident, site, write

SLUGS = ("query-parameters", "hello-world", "data-validation", "http-methods", "templates")
READ = ("/", "/claims", "/differences", "/search?q=header", "/api/topics", *(f"/topics/{slug}" for slug in SLUGS))
MINUTE = 60.0


@dataclass
class Soaked:
    """What was seen: one row of (memory in MiB, files, threads) for each look, and how long pages took."""

    looks: list[tuple[float, int, int]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def grown(self) -> tuple[float, int, int]:
        """Return by how much memory, files and threads grew from the end of the first fifth to the last look."""
        first, last = self.looks[len(self.looks) // 5], self.looks[-1]
        return round(last[0] - first[0], 1), last[1] - first[1], last[2] - first[2]


async def soak(server: Server, seconds: float, pages: float, tries: float, looks: int = 50) -> Soaked:
    """Send requests evenly for so long."""
    soaked, until = Soaked(), time.monotonic() + seconds
    folder = Path(f"/proc/{server.process.pid}")
    calls: dict[str, list[str]] = {}
    async with httpx2.AsyncClient(base_url=server.url, timeout=30) as client:
        for slug in SLUGS:
            topic = json.loads((await client.get(f"/api/topics/{slug}")).content)
            calls[slug] = topic["scenarios"]

        async def read() -> None:
            started = time.monotonic()
            answer = await client.get(random.choice(READ))
            soaked.waits.append(time.monotonic() - started)
            soaked.statuses[answer.status_code] = soaked.statuses.get(answer.status_code, 0) + 1

        async def send() -> None:
            slug = random.choice(SLUGS)
            answer = await client.post(f"/api/topics/{slug}/try", json={"scenario": random.choice(calls[slug])})
            soaked.statuses[answer.status_code] = soaked.statuses.get(answer.status_code, 0) + 1

        async def look() -> None:
            soaked.looks.append(
                (
                    resident(server.process.pid),
                    len(list((folder / "fd").iterdir())),
                    len(list((folder / "task").iterdir())),
                )
            )
            await asyncio.sleep(seconds / looks)

        async def again(work: object, pause: float) -> None:
            while time.monotonic() < until:
                await work()  # type: ignore[operator]
                await asyncio.sleep(pause)

        await asyncio.gather(again(read, 1 / pages), again(send, 1 / tries), again(look, 0.0))
    return soaked


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--pages", type=float, default=40.0)
    parser.add_argument("--tries", type=float, default=2.0)
    parser.add_argument("--results", action="store_true")
    options = parser.parse_args()
    with site() as server:
        soaked = asyncio.run(soak(server, options.minutes * MINUTE, options.pages, options.tries))
        errors = [line["message"] for line in server.lines() if line["level"] == "error"]
    memory, files, threads = soaked.grown()
    first, last = soaked.looks[len(soaked.looks) // 5], soaked.looks[-1]
    half = len(soaked.waits) // 2
    early, late = percentile(soaked.waits[:half], 99), percentile(soaked.waits[half:], 99)
    rows = [
        ("answers by status", ", ".join(f"{status}: {count:,}" for status, count in sorted(soaked.statuses.items()))),
        ("memory after a fifth, at the end", f"{first[0]:.0f} MiB, {last[0]:.0f} MiB ({memory:+} MiB)"),
        ("open files", f"{first[1]}, {last[1]} ({files:+})"),
        ("threads", f"{first[2]}, {last[2]} ({threads:+})"),
        ("p99 of pages in the first and second half", f"{early * 1000:.1f} ms, {late * 1000:.1f} ms"),
        ("errors in the log", str(len(errors))),
    ]
    for what, figure in rows:
        print(f"{what}: {figure}")
    if options.results:
        write("soak", "Soak", rows, f"{options.minutes:g} minutes; client and server share the machine.")
    failed = any(status != 200 for status in soaked.statuses) or bool(errors)
    sys.exit(failed or memory > 50 or files > 10 or threads > 10)


if __name__ == "__main__":
    main()

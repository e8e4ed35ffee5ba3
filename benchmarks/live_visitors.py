"""Measures the site's pages while 200 visitors watch endless streams and idle sockets, and what is left afterwards.

usage: python benchmarks/live_visitors.py [--visitors 200] [--seconds 8] [--results FILE]
Starts `explorer serve` with three topics on a free port. Half of the visitors open the endless stream, half a socket on
which nothing is said, each from a loopback address of its own; as many are served as the limits allow, the others are
refused with 503.
One reader asks for a page over and over: without the visitors, with them, and after they have left. Memory, threads and
open files of the server are read from /proc. Exits 1 if a page is slower than --most times, or if threads or files are
left over. Times are those of the site's own pages, not of a framework. --results writes a row that names all of it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from explorer.settings import ROOT

PAGE = "/topics/hello-world"
STREAM = ("/topics/streaming/follow", {"method": "GET", "path": "/events", "query": "to=100000"})
SOCKET = ("/topics/websockets/follow", {"method": "WEBSOCKET", "path": "/rooms/7", "query": "name=ada"})
LOOP_THREADS = 4 + (os.cpu_count() or 1)
SETTLE = 15.0
"""Seconds in which threads and files are back to what they were."""


@dataclass
class Held:
    """What a process holds."""

    megabytes: float
    threads: int
    files: int


def held(pid: int) -> Held:
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return Held(
        int(status["VmRSS"].split()[0]) / 1024, int(status["Threads"]), len(list(Path(f"/proc/{pid}/fd").iterdir()))
    )


async def visit(port: int, number: int, statuses: Counter[int], received: list[int]) -> None:
    """Open one live answer from an address of one's own and read it until cancelled."""
    path, form = (STREAM, SOCKET)[number % 2]
    body = urlencode(form).encode()
    address = f"127.0.{1 + number // 200}.{1 + number % 200}"
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
    try:
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nHX-Request: true\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode() + body)
        statuses[int((await reader.readline()).split()[1])] += 1
        while data := await reader.read(65536):
            received.append(len(data))
    finally:
        writer.close()


async def read_pages(port: int, seconds: float) -> list[float]:
    """Ask for a page over and over on one connection; return the milliseconds of each."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.perf_counter()
        writer.write(f"GET {PAGE} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
        times.append((time.perf_counter() - start) * 1000)
        await asyncio.sleep(0.01)
    writer.close()
    return times


def p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98]


async def measure(port: int, pid: int, options: argparse.Namespace) -> tuple[list[str], bool]:
    """Return lines of results, and whether they are within the bounds."""
    await read_pages(port, 1)
    alone, before = await read_pages(port, options.seconds), held(pid)
    statuses, received = Counter[int](), list[int]()
    visitors = [asyncio.create_task(visit(port, n, statuses, received)) for n in range(options.visitors)]
    await asyncio.sleep(1)
    crowded, during = await read_pages(port, options.seconds), held(pid)
    for visitor in visitors:
        visitor.cancel()
    await asyncio.gather(*visitors, return_exceptions=True)
    after, settled = await settle(pid, before)
    again = await read_pages(port, options.seconds / 2)
    answers = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
    told = [
        (name, f"{statistics.median(times):.1f} / {p99(times):.1f} ms")
        for name, times in (("without them", alone), ("with them", crowded), ("after them", again))
    ]
    rows = [
        f"visitors {options.visitors}: {answers}; {sum(received):,} bytes were told to them",
        "page p50 / p99 " + ", ".join(f"{name} {times}" for name, times in told),
        f"memory before {before.megabytes:.0f} MiB, with them {during.megabytes:.0f}, after {after.megabytes:.0f}",
        f"threads before {before.threads}, with them {during.threads}, after {after.threads}",
        f"open files before {before.files}, with them {during.files}, after {after.files}",
        f"all of it back {settled:.1f} s after they left",
    ]
    quick = statistics.median(crowded) <= options.most * max(statistics.median(alone), 2)
    return rows, quick and settled < SETTLE and statuses[200] > 0 and set(statuses) <= {200, 503}


async def settle(pid: int, before: Held) -> tuple[Held, float]:
    """Wait until it holds no more than before, but for the event loop's own pool, which keeps its few threads."""
    left = time.monotonic()
    while True:
        now, waited = held(pid), time.monotonic() - left
        if (now.files <= before.files + 2 and now.threads <= before.threads + LOOP_THREADS) or waited > SETTLE:
            return now, waited
        await asyncio.sleep(0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--most", type=float, default=10, help="times that a page's median may take with the visitors")
    parser.add_argument("--results", type=Path, help="Markdown file to which the results are written")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        settings = {"EXPLORER_DATA": data, "EXPLORER_REQUEST_RATE": "0", "EXPLORER_LOG_LEVEL": "info"}
        settings |= {"EXPLORER_LIVE_TIMEOUT": "60", "EXPLORER_LIVE_PIECES": "10000"}
        settings |= {"EXPLORER_CONTENT": str(few_topics(Path(data) / "content"))}
        log = Path(data) / "log"
        program = Path(sys.executable).with_name("explorer")
        with log.open("wb") as output:
            server = subprocess.Popen(
                [program, "serve", "--port", "0"], env=os.environ | settings, stdout=output, stderr=output
            )
        try:
            rows, good = asyncio.run(measure(await_start(log, server), server.pid, options))
        finally:
            server.terminate()
            server.wait(20)
    print("\n".join(rows))
    if options.results:
        options.results.parent.mkdir(parents=True, exist_ok=True)
        options.results.write_text(report(rows))
    sys.exit(not good)


def few_topics(folder: Path) -> Path:
    """Return a content folder with the topics that are asked for: it starts in a moment."""
    for slug in ("streaming", "websockets", "hello-world"):
        shutil.copytree(ROOT / "content" / "topics" / slug, folder / "topics" / slug)
    for name in ("sides.toml", "sections.toml"):
        shutil.copy(ROOT / "content" / name, folder)
    (folder / "home.toml").write_text('[hero]\ntopic = "streaming"\nscenarios = ["valid"]\n')
    return folder


def await_start(log: Path, server: subprocess.Popen[bytes]) -> int:
    """Return the port once the server listens."""
    while server.poll() is None:
        for line in log.read_text().splitlines():
            if "Uvicorn running on" in line:
                return int(urlsplit(line.partition("running on ")[2].split()[0]).port or 0)
        time.sleep(0.1)
    raise SystemExit(log.read_text())


def report(rows: list[str]) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("fastapi", "flask", "flask-sock", "uvicorn", "wsproto"))
    machine = f"{platform.system()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} during the run"
    lines = [
        f"Command: `python {' '.join(sys.argv)}`",
        f"{datetime.now(UTC):%Y-%m-%d}, {packages}, Python {platform.python_version()}, {machine}",
        *rows,
    ]
    head = "# Live visitors\n\nEndless streams and idle sockets of many visitors, and the site's pages meanwhile.\n"
    return head + "".join(f"\n- {line}" for line in lines) + "\n"


if __name__ == "__main__":
    main()

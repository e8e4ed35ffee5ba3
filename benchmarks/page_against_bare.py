"""Compares a topic page with a bare ASGI app that sends the same bytes (headers and body), in one run.

usage: python benchmarks/page_against_bare.py [--seconds 1] [--rounds 30] [--connections 64] [--results]
Needs wrk. Three servers run side by side, each one worker of uvicorn with h11, loopback only: the site, the bare app by
the same server with the site's limits for slow clients, and the bare app by plain uvicorn. They take turns, a short
slice of load each, so that a machine that is slow for a while is slow for all. Prints requests per second, the 99th
percentile and the medians of the ratios of all rounds; exits 1 if the page has less than --least of the bare app's
rate, or takes more than 1/--least of its 99th percentile.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median
from typing import NamedTuple

from measured import write

PORTS = {"page": 8731, "bare": 8732, "plain": 8733}
PATH = "/topics/query-parameters"
CODING = "br"
BARE = """
from pathlib import Path
BODY = Path({body!r}).read_bytes()
HEADERS = {headers!r}
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            kind = (await receive())["type"]
            await send({{"type": kind + ".complete"}})
            if kind == "lifespan.shutdown":
                return
    await send({{"type": "http.response.start", "status": 200, "headers": HEADERS}})
    await send({{"type": "http.response.body", "body": BODY}})
"""


SITE = [str(Path(sys.executable).with_name("explorer")), "serve", "--port", str(PORTS["page"])]
RUN = """
import sys, uvicorn
from explorer.connections import bounded
http = bounded(15, 4096) if sys.argv[1] == "bare" else "h11"
uvicorn.run("bare:app", port=int(sys.argv[2]), http=http, h11_max_incomplete_event_size=65536, access_log=False,
            server_header=False, log_level="warning")
"""


def serve(name: str, folder: Path) -> subprocess.Popen[bytes]:
    command = SITE if name == "page" else [sys.executable, "run.py", name, str(PORTS[name])]
    with (folder / name).open("wb") as log:  # the site writes its request log, as it does in production
        process = subprocess.Popen(command, cwd=folder, stderr=log, stdout=log)
    for _ in range(1200):
        try:
            fetch(name)
        except OSError:
            time.sleep(0.05)
        else:
            rest(process)
            return process
    process.kill()
    raise SystemExit(f"{name} did not start: {(folder / name).read_text()[-2000:]}")


def rest(process: subprocess.Popen[bytes]) -> None:
    """Wait until a server does nothing: the site makes its pages and loads its demos in the background at first."""
    ticks, idle = -1, 0
    while idle < 3:
        now = worked(process)
        idle = idle + 1 if now - ticks < 5 else 0
        ticks = now
        time.sleep(1)


def worked(process: subprocess.Popen[bytes]) -> int:
    """Return the processor time that a process took, in ticks of 10 ms."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def fetch(name: str) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Return body and headers, without those that the server itself adds."""
    request = urllib.request.Request(f"http://127.0.0.1:{PORTS[name]}{PATH}", headers={"Accept-Encoding": CODING})
    with urllib.request.urlopen(request, timeout=5) as answer:
        headers = [(k.lower().encode(), v.encode()) for k, v in answer.getheaders()]
        return answer.read(), [pair for pair in headers if pair[0] not in (b"date", b"server", b"connection")]


class Load(NamedTuple):
    """What one slice of load measured."""

    rate: float
    """Requests per second."""
    slowest: float
    """Milliseconds in which 99 % were answered."""
    work: float
    """Microseconds of processor time for each."""


def load(name: str, process: subprocess.Popen[bytes], seconds: int, connections: int) -> Load:
    """Send as many requests as a server answers."""
    url = f"http://127.0.0.1:{PORTS[name]}{PATH}"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-H", f"Accept-Encoding: {CODING}", url]
    before = worked(process)
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    errors = re.search(r"(Socket errors|Non-2xx).*", out)
    if errors:
        raise SystemExit(f"errors under load: {errors[0]}")
    slowest, rate = re.findall(r"(?m)^ +99%\s+(\S+)|^Requests/sec:\s+([\d.]+)", out)
    work = (worked(process) - before) * 10_000 / int(re.search(r"(\d+) requests in", out)[1])
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", slowest[0]).groups()
    return Load(float(rate[1]), float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit], work)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=1, help="of one slice")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--least", type=float, default=0.9, help="smallest ratio that passes")
    parser.add_argument("--results", action="store_true")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed")
    with tempfile.TemporaryDirectory() as name:
        folder, servers = Path(name), dict[str, subprocess.Popen[bytes]]()
        try:
            size = start(servers, folder)
            rounds = [
                {name: load(name, servers[name], options.seconds, options.connections) for name in turns(number)}
                for number in range(options.rounds + 1)
            ][1:]  # the first one warms up
        finally:
            for process in servers.values():
                process.terminate()
                process.wait(20)
    sys.exit(report(rounds, size, options))


def start(servers: dict[str, subprocess.Popen[bytes]], folder: Path) -> int:
    """Start all servers; return the size of the body that they send."""
    servers["page"] = serve("page", folder)
    body, headers = fetch("page")
    (folder / "body").write_bytes(body)
    (folder / "bare.py").write_text(BARE.format(body=str(folder / "body"), headers=headers))
    (folder / "run.py").write_text(RUN)
    for name in ("bare", "plain"):
        servers[name] = serve(name, folder)
        assert fetch(name)[0] == body
    return len(body)


def turns(number: int) -> list[str]:
    """Return the servers in another order each round."""
    names = list(PORTS)
    return names[number % 3 :] + names[: number % 3]


def report(rounds: list[dict[str, Load]], size: int, options: argparse.Namespace) -> bool:
    """Print and write medians and ratios; tell whether a limit is broken."""
    texts = {
        "page": "topic page",
        "bare": "bare ASGI app, same bytes, same server",
        "plain": "bare ASGI app, same bytes, plain uvicorn",
    }
    rows = []
    for name, text in texts.items():
        rate, slowest, work = (median(values) for values in zip(*(one[name] for one in rounds), strict=True))
        rows.append((text, f"{rate:,.0f} requests/s, 99 % within {slowest:.1f} ms, {work:.0f} µs of work each"))
    rate = median(one["page"].rate / one["bare"].rate for one in rounds)
    slowest = median(one["page"].slowest / one["bare"].slowest for one in rounds)
    plain = median(one["page"].rate / one["plain"].rate for one in rounds)
    rows += [
        ("rate, page to bare on the same server", f"{rate:.2f} (at least {options.least})"),
        ("99th percentile, page to bare on the same server", f"{slowest:.2f} (at most {1 / options.least:.2f})"),
        ("rate, page to bare on plain uvicorn", f"{plain:.2f}"),
    ]
    for what, figure in rows:
        print(f"{what}: {figure}")
    if options.results:
        notes = (
            f"Medians of {options.rounds} rounds, {options.seconds} s of load on each in turn, {options.connections} "
            f"connections, {size:,} bytes of body; wrk. A ratio is taken within each round."
        )
        write("page-against-bare", "A page against a bare app", rows, notes)
    return rate < options.least or slowest > 1 / options.least


if __name__ == "__main__":
    main()

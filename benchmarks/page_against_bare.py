"""Compares a topic page with a bare ASGI app that sends the same bytes (headers and body), in one run.

usage: python benchmarks/page_against_bare.py [--seconds 5] [--rounds 3] [--connections 64] [--results]
Needs wrk. Each is served by one worker of uvicorn with h11, started one after the other per round, loopback only: the
page and the bare app by the same server, with the site's limits for slow clients; the bare app by plain uvicorn, too.
Prints requests per second and the 99th percentile of each round and the ratios of the best ones; exits 1 if the page
has less than --least of the bare app's rate, or takes more than 1/--least of its 99th percentile.
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

from measured import write

PORT = 8731
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


SITE = [str(Path(sys.executable).with_name("explorer")), "serve", "--port", str(PORT)]
RUN = """
import sys, uvicorn
from explorer.connections import bounded
http = bounded(15, 4096) if sys.argv[1] == "limits" else "h11"
uvicorn.run("bare:app", port={port}, http=http, h11_max_incomplete_event_size=65536, access_log=False,
            server_header=False, log_level="warning")
"""
SERVERS = {
    "page": SITE,
    "bare": [sys.executable, "run.py", "limits"],
    "plain": [sys.executable, "run.py", "plain"],
}


def serve(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("wb") as log:  # the site writes its request log, as it does in production
        process = subprocess.Popen(command, cwd=folder, stderr=log, stdout=log)
    for _ in range(1200):
        try:
            fetch()
        except OSError:
            time.sleep(0.05)
        else:
            rest(process)
            return process
    process.kill()
    raise SystemExit(f"{command} did not start: {(folder / 'log').read_text()[-2000:]}")


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


def fetch() -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Return body and headers, without those that the server itself adds."""
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{PATH}", headers={"Accept-Encoding": CODING})
    with urllib.request.urlopen(request, timeout=5) as answer:
        headers = [(k.lower().encode(), v.encode()) for k, v in answer.getheaders()]
        return answer.read(), [pair for pair in headers if pair[0] not in (b"date", b"server", b"connection")]


def load(process: subprocess.Popen[bytes], seconds: int, connections: int) -> tuple[float, float, float]:
    """Return requests per second, the milliseconds in which 99 % were answered, microseconds of work for each."""
    url = f"http://127.0.0.1:{PORT}{PATH}"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-H", f"Accept-Encoding: {CODING}", url]
    subprocess.run([*command[:3], "-d1s", *command[4:]], capture_output=True, check=True)  # warm-up
    before = worked(process)
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    errors = re.search(r"(Socket errors|Non-2xx).*", out)
    if errors:
        raise SystemExit(f"errors under load: {errors[0]}")
    slowest, rate = re.findall(r"(?m)^ +99%\s+(\S+)|^Requests/sec:\s+([\d.]+)", out)
    work = (worked(process) - before) * 10_000 / int(re.search(r"(\d+) requests in", out)[1])
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", slowest[0]).groups()
    return float(rate[1]), float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit], work


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--least", type=float, default=0.9, help="smallest ratio that passes")
    parser.add_argument("--results", action="store_true")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed")
    folder = Path(tempfile.mkdtemp())
    taken: dict[str, list[tuple[float, float, float]]] = {name: [] for name in SERVERS}
    for number in range(options.rounds):
        for name, command in SERVERS.items():
            process = serve(command, folder)
            if name == "page":
                body, headers = fetch()
                (folder / "body").write_bytes(body)
                (folder / "bare.py").write_text(BARE.format(body=str(folder / "body"), headers=headers))
                (folder / "run.py").write_text(RUN.format(port=PORT))
            else:
                assert fetch()[0] == body
            try:
                taken[name].append(load(process, options.seconds, options.connections))
            finally:
                process.terminate()
                process.wait(20)
            rate, slowest, work = taken[name][-1]
            print(f"round {number + 1} {name}: {rate:.0f}/s, 99 % within {slowest:.1f} ms, {work:.0f} µs", flush=True)
    shutil.rmtree(folder)
    sys.exit(report(taken, len(body), options))


def report(taken: dict[str, list[tuple[float, float, float]]], size: int, options: argparse.Namespace) -> bool:
    """Print and write medians and ratios; tell whether a limit is broken."""
    # what else a machine does only ever slows down: the best round says most about the code
    page, bare, plain = (
        (max(one[0] for one in rounds), min(one[1] for one in rounds), min(one[2] for one in rounds))
        for rounds in taken.values()
    )
    rate, slowest = page[0] / bare[0], page[1] / bare[1]
    names = ("topic page", "bare ASGI app, same bytes, same server", "bare ASGI app, same bytes, plain uvicorn")
    rows = [
        (name, f"{one[0]:,.0f} requests/s, 99 % within {one[1]:.1f} ms, {one[2]:.0f} µs of work each")
        for name, one in zip(names, (page, bare, plain), strict=True)
    ]
    rows += [
        ("rate, page to bare on the same server", f"{rate:.2f} (at least {options.least})"),
        ("99th percentile, page to bare on the same server", f"{slowest:.2f} (at most {1 / options.least:.2f})"),
        ("rate, page to bare on plain uvicorn", f"{page[0] / plain[0]:.2f}"),
    ]
    for what, figure in rows:
        print(f"{what}: {figure}")
    if options.results:
        notes = (
            f"The best of {options.rounds} rounds of {options.seconds} s in turn, {options.connections} connections, "
        )
        write("page-against-bare", "A page against a bare app", rows, f"{notes}{size:,} bytes of body; wrk.")
    return rate < options.least or slowest > 1 / options.least


if __name__ == "__main__":
    main()

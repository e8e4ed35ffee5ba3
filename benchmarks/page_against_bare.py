"""Compares a topic page with a bare ASGI app that sends the same bytes (headers and body), in one run.

usage: python benchmarks/page_against_bare.py [--seconds 5] [--rounds 3] [--connections 64]
Needs wrk. Both servers are `uvicorn` with h11 and one worker, started one after the other per round, loopback only.
Prints requests per second of each round and the ratio of the medians; exits 1 below --least.
"""

from __future__ import annotations

import argparse
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from importlib.metadata import version
from pathlib import Path

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
BARE_SERVER = [
    sys.executable,
    "-m",
    "uvicorn",
    "bare:app",
    "--port",
    str(PORT),
    "--http",
    "h11",
    "--no-access-log",
    "--no-server-header",
]


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
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        now = int(fields[11]) + int(fields[12])
        idle = idle + 1 if now - ticks < 5 else 0
        ticks = now
        time.sleep(1)


def fetch() -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Return body and headers, without those that the server itself adds."""
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{PATH}", headers={"Accept-Encoding": CODING})
    with urllib.request.urlopen(request, timeout=5) as answer:
        headers = [(k.lower().encode(), v.encode()) for k, v in answer.getheaders()]
        return answer.read(), [pair for pair in headers if pair[0] not in (b"date", b"server", b"connection")]


def load(seconds: int, connections: int) -> tuple[float, str]:
    url = f"http://127.0.0.1:{PORT}{PATH}"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-H", f"Accept-Encoding: {CODING}", url]
    subprocess.run([*command[:3], "-d1s", *command[4:]], capture_output=True, check=True)  # warm-up
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    errors = re.search(r"(Socket errors|Non-2xx).*", out)
    if errors:
        raise SystemExit(f"errors under load: {errors[0]}")
    slowest, rate = re.findall(r"99%\s+(\S+)|Requests/sec:\s+([\d.]+)", out)
    return float(rate[1]), slowest[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--least", type=float, default=0.9, help="smallest ratio that passes")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed")
    folder = Path(tempfile.mkdtemp())
    rates: dict[str, list[float]] = {"page": [], "bare": []}
    for number in range(options.rounds):
        for name in ("page", "bare"):
            if name == "page":
                process = serve(SITE, folder)
                body, headers = fetch()
                (folder / "body").write_bytes(body)
            else:
                (folder / "bare.py").write_text(BARE.format(body=str(folder / "body"), headers=headers))
                process = serve(BARE_SERVER, folder)
                assert fetch() == (body, headers)
            try:
                rate, slowest = load(options.seconds, options.connections)
            finally:
                process.terminate()
                process.wait(20)
            rates[name].append(rate)
            print(f"round {number + 1} {name}: {rate:8.0f} requests/s, 99 % within {slowest}")
    page, bare = (statistics.median(rates[name]) for name in ("page", "bare"))
    print(f"{len(body)} bytes, {options.connections} connections")
    print(f"Python {platform.python_version()}, uvicorn {version('uvicorn')}")
    print(f"median page {page:.0f}, bare {bare:.0f}, ratio {page / bare:.2f} (at least {options.least})")
    shutil.rmtree(folder)
    sys.exit(page / bare < options.least)


if __name__ == "__main__":
    main()

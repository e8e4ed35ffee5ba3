"""Holds crowds against a real server: busy keep-alive connections, silent and half-open sockets, slow try-its.

usage: python benchmarks/crowds.py [--connections 1000] [--silent 4000] [--tries 64] [--seconds 60] [--results]
Exits 1 if a request of the crowd fails, if a page is not answered while sockets are silent, or if pages' p99 with
try-its held is more than twice that of the same server, idle, in the same run. Client and server share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from measured import ROOT, percentile, site, write

PAGE = "/topics/calm"
HEAD = "GET {} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br\r\n\r\n"
CALL = '{"request": {"path": "/slow"}}'
TRY = (
    f"POST /api/topics/hostile/try HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(CALL)}"
)
HALVES = (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Half: ", b"POST /search HTTP/1.1\r\nHost: x\r\n")
HOSTILE = ROOT / "tests" / "hostile"
"""Content with a demo that takes a second."""


@dataclass
class Seen:
    """How long answers took, in seconds, and what went wrong."""

    waits: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def p50(self) -> float:
        return percentile(self.waits, 50)

    @property
    def p99(self) -> float:
        return percentile(self.waits, 99)


async def connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = urlsplit(url)
    return await asyncio.wait_for(asyncio.open_connection(address.hostname, address.port), 30)


async def answer(reader: asyncio.StreamReader) -> int:
    """Read one answer and return its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
    await reader.readexactly(int(length.partition(":")[2]))
    return int(head.split(" ", 2)[1])


async def read_pages(url: str, seen: Seen, until: float, pause: float) -> None:
    """Ask for a page again and again on one connection."""
    try:
        reader, writer = await connect(url)
        while time.monotonic() < until:
            started = time.monotonic()
            writer.write(HEAD.format(PAGE).encode())
            status = await asyncio.wait_for(answer(reader), 30)
            seen.waits.append(time.monotonic() - started)
            if status != 200:
                seen.failures.append(str(status))
            await asyncio.sleep(pause)
        writer.close()
    except (OSError, EOFError, TimeoutError) as error:
        seen.failures.append(repr(error))


async def busy(url: str, connections: int, seconds: float) -> Seen:
    """Send requests on many keep-alive connections at the same time."""
    seen, until = Seen(), time.monotonic() + seconds
    await asyncio.gather(*(read_pages(url, seen, until, 1.0) for _ in range(connections)))
    return seen


async def silent(url: str, sockets: int, seconds: float) -> tuple[Seen, int]:
    """Keep so many sockets open that say nothing or half of something, and ask for pages meanwhile.

    What the server cuts is opened again. Returns what the pages took, and how many were cut.
    """
    until, cut = time.monotonic() + seconds, 0

    async def hold(number: int) -> None:
        nonlocal cut
        while time.monotonic() < until:
            with suppress(OSError, TimeoutError):
                reader, writer = await connect(url)
                writer.write(HALVES[number % len(HALVES)])
                with suppress(OSError, TimeoutError):
                    await asyncio.wait_for(reader.read(), max(0.0, until - time.monotonic()))
                    cut += 1
                writer.close()
            await asyncio.sleep(0.05)

    with ProcessPoolExecutor(1) as reader:  # the crowd must not slow down the one who measures
        pages = asyncio.get_running_loop().run_in_executor(reader, pages_of, url, seconds)
        await asyncio.gather(*(hold(number) for number in range(sockets)))
        return await pages, cut


def pages_of(url: str, seconds: float) -> Seen:
    """Ask for a page twenty times a second."""
    seen = Seen()
    asyncio.run(read_pages(url, seen, time.monotonic() + seconds, 0.05))
    return seen


async def held(url: str, tries: int, seconds: float, warming: float = 4.0) -> tuple[Seen, Seen, dict[int, int]]:
    """Ask for pages while nothing else happens, then while so many slow try-its are under way all the time."""
    idle, during, statuses = Seen(), Seen(), dict[int, int]()

    async def hold() -> None:
        while time.monotonic() < until:
            with suppress(OSError, EOFError, TimeoutError):
                reader, writer = await connect(url)
                writer.write(f"{TRY}\r\n\r\n{CALL}".encode())
                status = await asyncio.wait_for(answer(reader), 30)
                statuses[status] = statuses.get(status, 0) + 1
                writer.close()
                await asyncio.sleep(0.0 if status == 200 else 2.0)  # as Retry-After says

    await read_pages(
        url, Seen(), time.monotonic() + warming, 0.01
    )  # pages are made when first read, or soon after the start
    until = time.monotonic() + seconds
    await read_pages(url, idle, until, 0.01)
    until = time.monotonic() + seconds
    await asyncio.gather(read_pages(url, during, until, 0.01), *(hold() for _ in range(tries)))
    return idle, during, statuses


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--silent", type=int, default=4000)
    parser.add_argument("--tries", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--results", action="store_true")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with site(content=HOSTILE) as server:
        idle, during, statuses = asyncio.run(held(server.url, options.tries, options.seconds / 2))
        crowd = asyncio.run(busy(server.url, options.connections, options.seconds))
        pages, cut = asyncio.run(silent(server.url, options.silent, options.seconds))
        errors = [line["message"] for line in server.lines() if line["level"] == "error"]
    failures = [*idle.failures, *during.failures, *crowd.failures, *pages.failures]
    rows = [
        (f"{options.connections:,} keep-alive connections, a request a second each", spoken(crowd)),
        (f"{options.silent:,} silent or half-open sockets: pages beside them", f"{spoken(pages)}; {cut:,} sockets cut"),
        ("pages on an idle server", spoken(idle)),
        (f"pages beside {options.tries} slow try-its", f"{spoken(during)}; try-its by status {statuses}"),
        ("p99 with try-its held, to idle", f"{during.p99 / idle.p99:.2f}"),
        ("errors in the log", str(len(errors))),
    ]
    for what, figure in rows:
        print(f"{what}: {figure}")
    print("\n".join(failures[:20] + errors[:20]))
    if options.results:
        write("crowds", "Crowds", rows, f"Each for {options.seconds:g} s; client and server share the machine.")
    sys.exit(bool(failures or errors) or during.p99 > 2 * idle.p99)


def spoken(seen: Seen) -> str:
    return (
        f"{len(seen.waits):,} answers, {len(seen.failures)} failures, "
        f"p50 {seen.p50 * 1000:.1f} ms, p99 {seen.p99 * 1000:.1f} ms"
    )


if __name__ == "__main__":
    main()

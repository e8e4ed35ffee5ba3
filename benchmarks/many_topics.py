"""Measures start, latency and memory of a site with 30 and with 1,000 topics, in one run.

usage: python benchmarks/many_topics.py [--topics 30 1000] [--reads 2000] [--cache FOLDER] [--results]
The topics are copies of all shipped ones in turn, with titles of their own, in a content folder of their own. What the
demos answer is the same for a copy, so it is put on the shelf of kept answers: the start that is measured is that of
a site that ran before.
- first page: from the start of the process to the last byte of a topic's page, less what importing the site takes
  (the two are measured in turn, so that what else the machine does weighs on both);
- latency: of pages read one after the other in random order by one client, once all are made;
- memory: resident size after all pages were made and read, the differences, the claims and the search among them.
Exits 1 if a bar is missed: 2 s, a median 1.25 times that of few topics, 400 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from measured import write

from explorer.content import Content, load_content
from explorer.demos import Demos, Limits
from explorer.kept import Shelf
from explorer.results import gather_results
from explorer.settings import Settings

PORT = 8741
OTHERS = ("/", "/differences", "/claims", "/checklist", "/search?q=route")
STARTS = 5
EXPLORER = str(Path(sys.executable).with_name("explorer"))


@dataclass(frozen=True, slots=True)
class Measured:
    """One number of topics."""

    topics: int
    first_page: float
    """Seconds."""
    pages: float
    """Seconds from the start until every page is made."""
    median: float
    """Milliseconds."""
    p99: float
    memory: int
    """Bytes."""


def generate(shipped: Content, folder: Path, count: int, shelf: Shelf) -> None:
    """Write a content folder with the shipped topics and copies of them, `count` in all, with their kept answers."""
    shutil.copytree(shipped.root, folder)
    copies = {}
    for number in range(count - len(shipped.topics)):
        model = shipped.topics[number % len(shipped.topics)]
        copy = folder / "topics" / f"{model.slug}-{number}"
        shutil.copytree(model.folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
        words = copy / "topic.md"
        words.write_text(words.read_text().replace(f"# {model.title}", f"# {model.title} {number}", 1))
        copies[copy.name] = model
    for topic in load_content(folder).topics:
        model = copies.get(topic.slug, topic)
        summary, kept = shelf.summary(model), shelf.find(model)
        assert summary is not None
        assert kept is not None
        shelf.keep(topic, summary, kept)


async def run_shipped(shipped: Content, shelf: Shelf) -> None:
    """Run what is not kept yet; on a busy machine an answer can come too late, and is not kept."""
    demos = Demos(Limits())
    while not all(shelf.summary(topic) for topic in shipped.topics):
        await gather_results(shipped, demos, shelf)
    demos.close()


def start(content: Path, folder: Path) -> subprocess.Popen[bytes]:
    environment = {
        "EXPLORER_CONTENT": str(content),
        "EXPLORER_DATA": str(folder / "data"),
        "EXPLORER_CACHE": str(folder / "cache"),
        "PATH": "/usr/bin:/bin",
    }
    with (folder / "log").open("ab") as log:
        return subprocess.Popen([EXPLORER, "serve", "--port", str(PORT)], env=environment, stderr=log, stdout=log)


def read(connection: http.client.HTTPConnection, path: str) -> bytes:
    connection.request("GET", path, headers={"Accept-Encoding": "br"})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, (path, answer.status)
    return body


def until_first_page(path: str) -> float:
    """Return the moment at which a page came."""
    while True:
        try:
            read(http.client.HTTPConnection("127.0.0.1", PORT, timeout=60), path)
        except OSError:
            time.sleep(0.01)
        else:
            return time.perf_counter()


def import_seconds() -> float:
    """Return what a process takes that imports the site and does nothing."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import explorer.app, explorer.cli"], check=True)
    return time.perf_counter() - started


def memory(process: subprocess.Popen[bytes]) -> int:
    status = Path(f"/proc/{process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


def first_page(content: Path, folder: Path, path: str) -> float:
    """Return the seconds from a start to a page's last byte, less the import."""
    importing = import_seconds()
    started = time.perf_counter()
    process = start(content, folder)
    try:
        return until_first_page(path) - started - importing
    finally:
        process.terminate()
        process.wait(20)


def measure(content: Path, folder: Path, count: int, reads: int) -> Measured:
    slugs = sorted(path.name for path in (content / "topics").iterdir())
    paths = [f"/topics/{slug}" for slug in slugs]
    for attempt in ("cache", "measured"):
        started = time.perf_counter()
        process = start(content, folder)
        try:
            until_first_page(paths[0])
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
            for path in paths:
                read(connection, path)
            pages = time.perf_counter() - started
            if attempt == "measured":
                for path in OTHERS:
                    read(connection, path)
                taken = []
                for path in random.Random(7).choices(paths, k=reads):
                    before = time.perf_counter()
                    read(connection, path)
                    taken.append(1000 * (time.perf_counter() - before))
                used = memory(process)
        finally:
            process.terminate()
            process.wait(20)
    first = statistics.median(first_page(content, folder, paths[len(paths) // 2]) for _ in range(STARTS))
    return Measured(count, first, pages, statistics.median(taken), statistics.quantiles(taken, n=100)[98], used)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--topics", type=int, nargs=2, default=(30, 1000))
    parser.add_argument("--reads", type=int, default=2000)
    parser.add_argument("--cache", type=Path, help="folder that keeps the answers for the next run of this script")
    parser.add_argument("--results", action="store_true")
    options = parser.parse_args()
    shipped = load_content(Settings().content)
    measured = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shelf = Shelf(options.cache or folder / "answers")
        asyncio.run(run_shipped(shipped, shelf))
        shutil.copytree(shelf.folder, folder / "cache", dirs_exist_ok=True)
        shelf = Shelf(folder / "cache")
        for count in options.topics:
            content = folder / str(count)
            generate(shipped, content, count, shelf)
            measured.append(measure(content, folder, count, options.reads))
            print(json.dumps({"topics": count, "first": measured[-1].first_page, "pages": measured[-1].pages}))
    sys.exit(report(*measured, options))


def report(few: Measured, many: Measured, options: argparse.Namespace) -> bool:
    """Print and write what was measured; tell whether a limit is broken."""
    rows = []
    for m in (few, many):
        rows.append((f"{m.topics} topics: first page", f"{m.first_page:.2f} s (at most 2)"))
        rows.append((f"{m.topics} topics: all topic pages read", f"{m.pages:.1f} s after the start, with the import"))
        rows.append((f"{m.topics} topics: a page", f"median {m.median:.2f} ms, p99 {m.p99:.2f} ms"))
        rows.append((f"{m.topics} topics: memory", f"{m.memory / 1e6:.0f} MB (at most 400)"))
    rows.append(("a page's median, many to few", f"{many.median / few.median:.2f} (at most 1.25)"))
    for what, figure in rows:
        print(f"{what}: {figure}")
    if options.results:
        write("many-topics", "Many topics", rows, f"{options.reads} reads, one after the other, in random order.")
    return many.first_page > 2 or many.median > 1.25 * few.median or many.memory > 400e6


if __name__ == "__main__":
    main()

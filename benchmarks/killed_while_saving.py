"""Kills `explorer serve` with SIGKILL while editors save over HTTP, again and again, and looks at what is left.

usage: python benchmarks/killed_while_saving.py [--kills 1000] [--editors 3]
Each life of the server is killed at a random moment while several editors save drafts of some 40 KB to topics of their
own on one SQLite file. Then the server starts again by itself: no repair, no removed lock. Looks, after each kill, at
the file itself: every revision that was acknowledged is there to the letter, no revision is one that nobody sent, the
numbers of each topic have no gap, and SQLite finds its file whole. Exits 1 at the first that is not so.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

ROOT = Path(__file__).resolve().parent.parent
COMMAND = Path(sys.executable).with_name("explorer")
PASSWORD = "a long sentence for a benchmark"
TOPIC = "hello-world"
PADDING = 40_000
MOST, MOMENT = 6, 0.05
"""Saves that a life acknowledges at most before it is killed within so many seconds, while the next ones are made."""


@dataclass
class Sent:
    """What one editor sent to one topic."""

    slug: str
    acknowledged: dict[int, str] = field(default_factory=dict)
    """Number to the text's hash."""
    texts: set[str] = field(default_factory=set)
    """Hashes of all texts, acknowledged or not."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--editors", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(run(Path(folder), options.kills, options.editors))


def run(folder: Path, kills: int, editors: int) -> int:
    """Kill so many lives of a server in a folder; return the exit status."""
    others = [path.name for path in (ROOT / "content" / "topics").iterdir() if path.name != TOPIC]
    content = shutil.copytree(ROOT / "content", folder / "content", ignore=shutil.ignore_patterns(*others))
    own = {"EXPLORER_DATA": str(folder / "data"), "EXPLORER_CONTENT": str(content), "EXPLORER_PORT": "0"}
    environment = os.environ | own | {"EXPLORER_REQUEST_RATE": "0"}  # all saves come from one address
    adding = [COMMAND, "editor", "add", "killer", "--role", "owner"]
    subprocess.run(adding, input=f"{PASSWORD}\n", text=True, env=environment, stdout=subprocess.DEVNULL, check=True)
    sent = [Sent(f"topic-{number}") for number in range(editors)]
    cookies: httpx2.Cookies | None = None
    started = time.monotonic()
    for kill in range(1, kills + 1):
        process, url = start(environment, folder / "log")
        cookies = cookies or sign_in(url)
        ready, over = threading.Barrier(editors + 1), threading.Event()
        saving = [threading.Thread(target=save, args=(url, cookies, one, ready, over)) for one in sent]
        for thread in saving:
            thread.start()
        ready.wait(60)
        await_saves(sent, random.randint(0, MOST))
        time.sleep(random.uniform(0, MOMENT))
        process.send_signal(signal.SIGKILL)
        over.set()
        process.wait()
        for thread in saving:
            thread.join()
        problem = look(folder / "data" / "explorer.db", sent)
        if problem:
            print(f"after kill {kill}: {problem}", file=sys.stderr)
            return 1
    total = sum(len(one.acknowledged) for one in sent)
    unanswered = sum(len(one.texts) for one in sent) - total
    print(
        f"{kills} kills in {time.monotonic() - started:.0f} s: {total} saves acknowledged, all there; "
        f"{unanswered} without an answer; each start by itself"
    )
    return 0


def await_saves(sent: list[Sent], count: int) -> None:
    """Wait until so many more saves are acknowledged."""
    before = sum(len(one.acknowledged) for one in sent)
    while sum(len(one.acknowledged) for one in sent) < before + count:
        time.sleep(0.001)


def start(environment: dict[str, str], log: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start the server and return it with its address, once it listens."""
    with log.open("wb") as output:
        process = subprocess.Popen([COMMAND, "serve"], env=environment, stdout=output, stderr=output)
    while process.poll() is None:
        found = re.search(r"Uvicorn running on (http://[\d.:]+)", log.read_text())
        if found:
            return process, found[1]
        time.sleep(0.02)
    raise SystemExit(f"the server does not start: {log.read_text()[-2000:]}")


def sign_in(url: str) -> httpx2.Cookies:
    """Return the cookies of a session; it outlives every kill."""
    with httpx2.Client(base_url=url, headers={"Sec-Fetch-Site": "same-origin"}) as client:
        answer = client.post("/admin/login", data={"name": "killer", "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client.cookies


def save(url: str, cookies: httpx2.Cookies, sent: Sent, ready: threading.Barrier, over: threading.Event) -> None:
    """Save drafts, each on top of the last one, until the server is gone."""
    headers = {"Sec-Fetch-Site": "same-origin", "Accept": "application/json"}
    try:
        with httpx2.Client(base_url=url, cookies=cookies, headers=headers, timeout=30) as client:
            based_on = newest(client, sent.slug)
            ready.wait(60)
            while not over.is_set():
                text = f"# {sent.slug}\n\n{random.randbytes(PADDING // 2).hex()}\n"
                digest = hashlib.sha256(text.encode()).hexdigest()
                sent.texts.add(digest)
                fields = {
                    "text": text,
                    "takeaway": "",
                    "section": "start",
                    "position": "0",
                    "why": "Killed or not.",
                    "based_on": str(based_on),
                    "button": "draft",
                }
                answer = client.post(f"/admin/topics/{sent.slug}", data=fields)
                if answer.status_code != 200:
                    raise SystemExit(f"a save was answered {answer.status_code}: {answer.text[:500]}")
                based_on = answer.json()["based_on"]
                sent.acknowledged[based_on] = digest
    except httpx2.TransportError:
        return


def newest(client: httpx2.Client, slug: str) -> int:
    """Return the number of the newest revision; make the topic if it is not there."""
    page = client.get(f"/admin/topics/{slug}")
    if page.status_code == 404:
        client.post(
            "/admin/topics/new", data={"slug": slug, "title": slug, "summary": "Saved and killed.", "section": "start"}
        )
        page = client.get(f"/admin/topics/{slug}")
    found = re.search(r'name="based_on" value="(\d+)"', page.text)
    if found is None:
        raise SystemExit(f"the editor of {slug} was answered {page.status_code}: {page.text[:500]}")
    return int(found[1])


def look(file: Path, sent: list[Sent]) -> str | None:
    """Return in words what is wrong with the database, None if nothing is."""
    with closing(sqlite3.connect(file)) as connection:
        whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if whole != "ok":
            return f"SQLite says {whole}"
        for one in sent:
            rows = connection.execute(
                "SELECT number, text FROM revisions WHERE topic = ? ORDER BY number", (one.slug,)
            ).fetchall()
            kept = {number: hashlib.sha256(text.encode()).hexdigest() for number, text in rows}
            if list(kept) != list(range(1, len(kept) + 1)):
                return f"the numbers of {one.slug} have a gap"
            lost = {number for number, digest in one.acknowledged.items() if kept.get(number) != digest}
            if lost:
                return f"acknowledged revisions of {one.slug} are lost or changed: {sorted(lost)[:5]}"
            strange = [number for number, digest in kept.items() if number > 1 and digest not in one.texts]
            if strange:
                return f"revisions of {one.slug} are none that was sent: {strange[:5]}"
    return None


if __name__ == "__main__":
    main()

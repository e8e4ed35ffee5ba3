"""Two replicas of the site on one PostgreSQL behind a real nginx, and what they do when something dies.

usage: python benchmarks/replicas.py [--edits 20] [--seconds 10] [--results]
Needs nginx and PostgreSQL; both are started here, on sockets and ports of their own, nginx with the configuration that
is shipped. Rounds:
edits: publishes through nginx, and measures until each replica, asked directly, shows the edit; says how many took
more than 1 s, as on a machine with other work;
sign-in: a session of one replica is good at the other and over at both; failed sign-ins are counted together;
killed: readers and an editor at work through nginx while the replica that answers them gets SIGKILL and is started
again: a GET fails only where the kill cut its answer, at most one for each reader, and every acknowledged save is in
the history;
frozen, stopped, restarted: all processes of PostgreSQL get SIGSTOP, or the server is stopped or restarted under the
same load: no GET fails, a save is answered within 5 s and has its text in the answer where it was not made, and within
5 s after the end of the fault a save works again.
Prints a line for each round and exits 1 if one does not hold; --results also writes docs/measurements/replicas.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from threading import Event, Thread

import httpx2
from sqlalchemy import select

from explorer.database import Database
from explorer.models import Revision

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests"))
from admins import few_topics  # noqa: E402
from databases import Postgres, programs, start_postgres  # noqa: E402
from forms import Form  # noqa: E402
from proxies import free_ports, nginx, program  # noqa: E402
from sites import COMMAND, Server, environment, serve  # noqa: E402

RESULTS = ROOT / "docs" / "measurements" / "replicas.md"

PASSWORD = "a long sentence for a benchmark"
TOPIC = "hello-world"
LIVE, ANSWERED, BACK = 1.0, 5.0, 5.0
"""Seconds: until an edit is live elsewhere, until a save is answered, until saves work again."""
SLUG = "replicas"
SAME = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a form that comes from a page of the site."""
AWAY = "The site does not answer."
"""How nginx's own 503 begins. It has not what was typed; the browser still has."""
READERS = 2


class Broken(Exception):
    """A round that does not hold; says what was seen."""


@dataclass
class Editor:
    """Somebody who saves drafts of a topic, each until it is acknowledged: a repeated save is not made twice."""

    url: str
    cookies: httpx2.Cookies
    fields: dict[str, str]
    slug: str = SLUG
    number: int = 0
    acknowledged: dict[int, str] = field(default_factory=dict)
    """Number to takeaway."""
    refused: int = 0
    slowest: float = 0.0
    """Seconds until a save was answered, whatever the answer."""
    last: float = 0.0
    """When the last save was acknowledged."""
    lost_text: list[str] = field(default_factory=list)
    """Refusals of the site that had not what was typed."""
    strange: list[str] = field(default_factory=list)
    """Answers that no fault explains."""

    def post(self, sentence: str, button: str) -> httpx2.Response:
        """Send the form as a browser without script does."""
        text = f"# Replicas\n\nEdited again and again.\n\n{sentence}\n"
        fields = self.fields | {"text": text, "takeaway": sentence, "why": sentence}
        fields |= {"based_on": str(self.number), "button": button}
        with httpx2.Client(base_url=self.url, cookies=self.cookies, headers=SAME, timeout=30) as client:
            return client.post(f"/admin/topics/{self.slug}", data=fields)

    def publish(self, sentence: str) -> None:
        """Publish at once. Raises Broken if it is not."""
        answer = self.post(sentence, "publish")
        if answer.status_code == 400:  # warnings that were not looked at: the page says how to accept them
            self.fields["accepted"] = Form(answer.text, "edit").fields["accepted"]
            answer = self.post(sentence, "publish")
        if answer.status_code != 303:
            raise Broken(f"publishing was answered {answer.status_code}: {answer.text[-300:]}")
        self._note(sentence)

    def save_until_done(self, over: Event) -> None:
        """Save one draft; where it is refused or unanswered, the same again."""
        sentence = f"Draft after {self.number} at {time.monotonic_ns()}."
        while True:
            answer: httpx2.Response | None
            started = time.monotonic()
            try:
                answer = self.post(sentence, "draft")
            except httpx2.TransportError:
                answer = None
            self.slowest = max(self.slowest, time.monotonic() - started)
            if answer is not None and answer.status_code == 303:
                self._note(sentence)
                return
            self.refused += 1
            kept = answer is None or answer.text.startswith(AWAY) or sentence in answer.text
            if answer is not None and answer.status_code == 503 and not kept:
                self.lost_text.append(answer.text[-300:])
            if answer is not None and answer.status_code not in (502, 503, 504):
                self.strange.append(f"a save was answered {answer.status_code}")
                return
            if over.is_set():
                return  # nobody was told that it was saved
            time.sleep(0.1)

    def _note(self, sentence: str) -> None:
        self.number += 1
        self.acknowledged[self.number] = sentence
        self.last = time.monotonic()


@dataclass
class Load:
    """Readers and an editor at work through a proxy, until `stop`; what they saw."""

    url: str
    editor: Editor
    gets: int = 0
    failed: list[str] = field(default_factory=list)
    slowest: float = 0.0
    """Seconds of a GET."""
    over: Event = field(default_factory=Event)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Keep the readers and the editor at work."""
        threads = [Thread(target=work) for work in (*[self._read] * READERS, self._edit)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join()

    def _read(self) -> None:
        with httpx2.Client(base_url=self.url, timeout=30) as client:
            while not self.over.is_set():
                for path in ("/", f"/topics/{TOPIC}", "/differences", "/healthz"):
                    started = time.monotonic()
                    try:
                        status = client.get(path).status_code
                    except httpx2.TransportError as error:
                        status, client = type(error).__name__, httpx2.Client(base_url=self.url, timeout=30)
                    self.slowest = max(self.slowest, time.monotonic() - started)
                    self.gets += 1
                    if status != 200:
                        self.failed.append(f"{path} was answered {status}")
                time.sleep(0.05)

    def _edit(self) -> None:
        while not self.over.is_set():
            self.editor.save_until_done(self.over)
            time.sleep(0.05)


def sign_in(url: str) -> httpx2.Cookies:
    """Return the cookies of a session."""
    with httpx2.Client(base_url=url, headers=SAME, timeout=30) as client:
        answer = client.post("/admin/login", data={"name": "benchmark", "password": PASSWORD})
        if answer.status_code != 303:
            raise Broken(f"signing in was answered {answer.status_code}")
        return client.cookies


def start_editing(url: str) -> Editor:
    """Make a topic and return somebody who is about to edit it."""
    cookies = sign_in(url)
    with httpx2.Client(base_url=url, cookies=cookies, headers=SAME, timeout=30) as client:
        made = {"slug": SLUG, "title": "Replicas", "summary": "Edited again and again.", "section": "start"}
        client.post("/admin/topics/new", data=made)
        fields = Form(client.get(f"/admin/topics/{SLUG}").text, "edit").fields
    return Editor(url, cookies, fields, number=int(fields["based_on"]))


def share_sessions(one: str, two: str) -> None:
    """A session is good at both replicas and over at both; failed sign-ins count together. Raises Broken if not."""
    cookies = sign_in(one)

    def status(url: str) -> int:
        return httpx2.get(f"{url}/admin/", cookies=cookies, timeout=30).status_code

    seen = [status(one), status(two)]
    httpx2.post(f"{two}/admin/logout", cookies=cookies, headers=SAME, timeout=30)
    seen += [status(two), status(one)]
    if seen != [200, 200, 303, 303]:
        raise Broken(f"signed in at one replica and out at the other: {seen}")
    tries = []
    for url in (one, two) * 3:
        form = {"name": "somebody", "password": "a wrong password"}
        tries.append(httpx2.post(f"{url}/admin/login", data=form, headers=SAME, timeout=30).status_code)
    if tries != [401] * 5 + [429]:
        raise Broken(f"six failed sign-ins in turn were answered {tries}")


def seconds_until(holds: Callable[[], bool], most: float) -> float:
    """Return how long something took to be so. Raises Broken after `most` seconds."""
    started = time.monotonic()
    while not holds():
        if time.monotonic() - started > most:
            raise Broken(f"not within {most:g} s")
        time.sleep(0.005)
    return time.monotonic() - started


def follow_edits(editor: Editor, replicas: list[str], edits: int) -> str:
    """Publish so often; return how long it took until every replica showed it."""
    worst = []
    with httpx2.Client(timeout=30) as client:
        for number in range(edits):
            sentence = f"Edit {number} at {time.monotonic_ns()}."
            editor.publish(sentence)
            started = time.monotonic()
            for url in replicas:
                seconds_until(partial(shows, client, f"{url}/topics/{SLUG}", sentence), 60)
            worst.append(time.monotonic() - started)
    late = sum(seconds > LIVE for seconds in worst)
    median = sorted(worst)[len(worst) // 2]
    times = f"{1000 * median:.0f} ms (median), {1000 * max(worst):.0f} ms at worst"
    return f"live on both after {times}; {late} of {edits} later than {LIVE:g} s"


def shows(client: httpx2.Client, page: str, sentence: str) -> bool:
    """Tell whether a page has a sentence."""
    return sentence in client.get(page).text


def under_load(editor: Editor, fault: Callable[[], None], seconds: float, cut: int = 0) -> str:
    """Have readers and an editor at work before, during and after a fault; return what they saw. Raises Broken.

    `cut` is how many GETs may fail.
    """
    load = Load(editor.url, editor)
    editor.refused, editor.slowest = 0, 0.0
    with load.at_work():
        time.sleep(seconds)
        fault()
        ended, number = time.monotonic(), editor.number
        seconds_until(lambda: editor.number > number + 1, BACK + ANSWERED)
        back = editor.last - ended
        time.sleep(seconds)
    if len(load.failed) > cut or editor.lost_text or editor.strange:
        raise Broken(f"{len(load.failed)} GETs failed: {[*load.failed, *editor.lost_text, *editor.strange][:3]}")
    if editor.slowest > ANSWERED or back > BACK:
        raise Broken(f"a save was answered after {editor.slowest:.1f} s, saves were back after {back:.1f} s")
    failed = f"{len(load.failed) or 'none'} failed"
    return (
        f"{load.gets} GETs, {failed}, slowest {1000 * load.slowest:.0f} ms; saves answered within "
        f"{editor.slowest:.1f} s, {editor.refused} refused, back {back:.1f} s after the end"
    )


def look(address: str, editor: Editor) -> str:
    """Return how many acknowledged saves are in the database. Raises Broken if one is not, or one is there twice."""

    async def kept() -> list[tuple[int, str]]:
        database = Database(address)
        query = select(Revision.number, Revision.takeaway).where(Revision.topic == editor.slug)
        query = query.order_by(Revision.number)
        async with database.reading() as session:
            found = [(row.number, row.takeaway) for row in await session.execute(query)]
        await database.close()
        return found

    found = asyncio.run(kept())
    lost = [number for number, sentence in editor.acknowledged.items() if (number, sentence) not in found]
    sentences = [sentence for _, sentence in found if sentence]
    if lost or len(set(sentences)) != len(sentences) or [number for number, _ in found] != [*range(1, len(found) + 1)]:
        raise Broken(f"lost: {lost[:5]}, of {len(found)} revisions with {len(set(sentences))} texts")
    return f"{len(editor.acknowledged)} acknowledged saves, all there to the letter, none twice"


@dataclass
class Replicas:
    """Processes of the site on one database, each with a port that it keeps."""

    folder: Path
    settings: dict[str, object]
    ports: list[int]
    servers: dict[int, ExitStack] = field(default_factory=dict)
    processes: dict[int, Server] = field(default_factory=dict)

    def start(self, port: int) -> None:
        """Start one and wait until it listens."""
        stack = ExitStack()
        log = self.folder / f"{port}-{time.monotonic_ns()}"
        log.mkdir()
        self.processes[port] = stack.enter_context(serve(log / "log", "--port", str(port), **self.settings))
        self.servers[port] = stack

    def kill(self, port: int) -> None:
        """Kill one with SIGKILL, at once."""
        self.processes[port].process.kill()
        self.servers.pop(port).close()

    def close(self) -> None:
        """Stop all."""
        for stack in self.servers.values():
            stack.close()


def rounds(postgres: Postgres, folder: Path, edits: int, seconds: float) -> Iterator[tuple[str, str]]:
    """Run all rounds; give name and result of each. Raises Broken at the first that does not hold."""
    address = postgres.create()
    settings: dict[str, object] = {"database_url": address, "content": few_topics(folder), "cache": folder / "answers"}
    ports = free_ports(2)
    own = environment({"database_url": address})
    adding = [COMMAND, "editor", "add", "benchmark", "--role", "owner"]
    subprocess.run(adding, input=f"{PASSWORD}\n", text=True, env=own, stdout=subprocess.DEVNULL, check=True)
    replicas = Replicas(folder, settings, ports)
    direct = [f"http://127.0.0.1:{port}" for port in ports]
    with closing(replicas), nginx(folder, *direct) as proxy:
        os.environ["SSL_CERT_FILE"] = str(proxy.folder / "certificate.pem")
        for port in ports:
            replicas.start(port)
        editor = start_editing(proxy.url)
        yield "an edit is live", follow_edits(editor, direct, edits)
        share_sessions(*direct)
        yield "sessions and failed sign-ins", "shared by both replicas"

        def killed() -> None:
            busy = next(port for port, url in zip(ports, direct, strict=True) if process(url) == process(proxy.url))
            replicas.kill(busy)
            time.sleep(seconds)
            replicas.start(busy)

        def frozen() -> None:
            postgres.signal(signal.SIGSTOP)
            time.sleep(seconds)
            postgres.signal(signal.SIGCONT)

        def stopped() -> None:
            postgres.stop()
            time.sleep(seconds)
            postgres.start()

        def restarted() -> None:
            postgres.run("pg_ctl", "restart", "-w", "-m", "fast", "-D", postgres.data, "-l", f"{postgres.folder}/log")

        for name, fault in (
            ("a replica is killed and started", killed),
            ("PostgreSQL is frozen", frozen),
            ("PostgreSQL is stopped", stopped),
            ("PostgreSQL is restarted", restarted),
        ):
            yield name, under_load(editor, fault, seconds, READERS if fault is killed else 0)
        yield "in the database", look(address, editor)
        yield "edits afterwards", follow_edits(editor, direct, 3)


def main() -> None:
    """Run the rounds and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--results", action="store_true")
    options = parser.parse_args()
    postgres = start_postgres()
    lines = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name, result in rounds(postgres, Path(folder), options.edits, options.seconds):
                print(f"{name:32} {result}", flush=True)
                lines.append(f"| {name} | {result} |")
    except Broken as error:
        sys.exit(f"does not hold: {error}")
    finally:
        postgres.end()
    if options.results:
        RESULTS.write_text(f"{report(options)}\n" + "\n".join(lines) + "\n", encoding="utf-8")


def process(url: str) -> str:
    """Return by what a process of the site begins the ids of its requests."""
    return httpx2.get(url, timeout=30).headers["x-request-id"].partition("-")[0]


def _said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def report(options: argparse.Namespace) -> str:
    """Return the head of the page of results."""
    command = f"python benchmarks/replicas.py --edits {options.edits} --seconds {options.seconds:g} --results"
    proxy = _said(program(), "-v").split("/")[-1].strip()
    server = subprocess.run([programs() / "postgres", "-V"], capture_output=True, text=True, check=True).stdout.split()[
        2
    ]  # type: ignore[operator]
    names = ("fastapi", "starlette", "uvicorn", "sqlalchemy", "asyncpg")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"""# Two replicas, one PostgreSQL, nginx before them

`{command}` on {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f} before the end, \
{platform.system()} {platform.release()}.
Python {platform.python_version()}, {versions}, PostgreSQL {server}, nginx {proxy} with docs/hosting/nginx.conf.

Two readers and an editor work through nginx in each round with a fault. A save that is refused is repeated with the
same text. What each round demands stands at the top of the script.

| round | result |
|---|---|"""


if __name__ == "__main__":
    main()

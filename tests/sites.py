"""The site for tests: in process with its state, and as a real `explorer serve` process."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from httpx2 import Response
from starlette.testclient import TestClient
from typer.testing import CliRunner

from explorer.app import build_site
from explorer.cli import app
from explorer.settings import Settings
from explorer.web.state import State

ROOT = Path(__file__).resolve().parent.parent
SLUGS = sorted(
    path.name for path in (ROOT / "content" / "topics").iterdir() if path.is_dir() and path.name[0] not in "._"
)
"""The shipped topics; a folder with an underscore is set aside."""


def copy_topics(folder: Path, *slugs: str) -> Path:
    """Copy the shipped content with these topics alone, for what does not take them all to be seen."""
    return Path(shutil.copytree(ROOT / "content", folder, ignore=shutil.ignore_patterns(*set(SLUGS) - set(slugs))))


COMMAND = Path(sys.executable).with_name("explorer")


BROKEN = {
    "import-error": "import a_module_that_does_not_exist\n",
    "import-exit": "import sys\n\nsys.exit('bye')\n",
    "syntax-error": "app = (\n",
    "null-byte": "app = 1\0\n",
    "no-app": "application = 1\n",
    "wrong-interface": "async def app(scope, receive, send): ...\n",
}
"""Slugs of topics whose left demo does not load, with its source."""


class Site(TestClient):
    """The site in process, with its state. Follows no redirect, so that one can be looked at."""

    state: State


ANSWERS = Path(os.environ.setdefault("TESTS_ANSWERS", tempfile.mkdtemp(prefix="explorer-answers-")))
"""What the demos answered in this run of the tests, in all its processes: what is not changed answers once."""

UNLIMITED = {"try_rate": 0, "request_rate": 0}


@contextmanager
def site_with(**settings: Any) -> Iterator[Site]:
    """Start the site in process with these settings, and a database of its own unless they name one.

    Its rates are without limit: all tests come from one address.
    """
    with tempfile.TemporaryDirectory() as data:
        application, state = build_site(Settings(**{"data": Path(data), "cache": ANSWERS, **UNLIMITED} | settings))
        with Site(application, follow_redirects=False, client=("127.0.0.1", 50000)) as client:
            client.state = state
            yield client


def free_port() -> int:
    """A port that nobody listens on, nor on the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            with suppress(OSError, OverflowError):
                second.bind(("127.0.0.1", port + 1))
                return port


def environment(settings: dict[str, object]) -> dict[str, str]:
    return os.environ | {f"EXPLORER_{name.upper()}": str(value) for name, value in settings.items()}


def invoke(*arguments: str | Path, typed: str = "", **settings: object) -> subprocess.CompletedProcess[str]:
    """Run the command line in this process, which takes no time to import. Keywords become settings."""
    own = {f"EXPLORER_{name.upper()}": str(value) for name, value in settings.items()}
    done = CliRunner().invoke(app, [str(argument) for argument in arguments], input=typed, env=own)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


@dataclass
class Server:
    """An `explorer serve` process. The log is what it wrote to standard error, beside it what it said."""

    process: subprocess.Popen[bytes]
    log: Path
    url: str = ""

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def said(self) -> str:
        """What it wrote to standard output, which is for people."""
        return self.log.with_suffix(".out").read_text()

    def exchange(self, sent: bytes) -> bytes:
        """Send bytes and return all that comes back until the server closes."""
        address = urlsplit(self.url)
        with socket.create_connection((address.hostname, address.port), 20) as connection:
            connection.sendall(sent)
            return b"".join(iter(lambda: connection.recv(65_536), b""))

    def stop(self) -> int:
        """Send SIGTERM and return the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def await_start(self) -> None:
        """Wait until it listens; a start takes seconds on a loaded machine."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            for line in self.log.read_text().splitlines():
                if "Uvicorn running on" in line:
                    self.url = line.partition("running on ")[2].split()[0]
                    return
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.02)
        raise AssertionError(f"it did not start: {self.log.read_text()}")


Serving = Callable[..., AbstractContextManager[Server]]
Until = Callable[[int, Callable[[], Response]], Response]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@contextmanager
def serve(log: Path, *arguments: str, **settings: object) -> Iterator[Server]:
    """Start `explorer serve` on a free port and wait until it listens; end it if the test did not."""
    command = [COMMAND, "serve", "--port", "0", *arguments]
    own = {"data": log.parent / "data", "cache": ANSWERS, **UNLIMITED} | settings
    with log.open("wb") as output, log.with_suffix(".out").open("wb") as said:
        process = subprocess.Popen(command, env=environment(own), stdout=said, stderr=output)
    server = Server(process, log)
    try:
        server.await_start()
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Unhandled(logging.Handler):
    """Collects what the site logs as an error nobody caught."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(self.format(record))

"""What the servers of the topic `deployment` make of a proxy and of a WSGI app under Uvicorn, run for real on loopback.

That each shown command serves and stops is in test_containers.py.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sites import ROOT
from test_containers import answer, free_port, started

TOPIC = ROOT / "content" / "topics" / "deployment"
FORWARDED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
ELSEWHERE = " --forwarded-allow-ips 10.0.0.2"
"""Names a proxy that is not the test's client."""


def script(side: str, name: str = "serve.sh") -> str:
    """Return a shown script with `{port}` in place of its port."""
    text, found = re.subn(r"(--port |127\.0\.0\.1:)\d+", r"\1{port}", (TOPIC / side / name).read_text())
    assert found == 1
    return text


@contextmanager
def serving(command: str, folder: Path, exits: int) -> Iterator[str]:
    """A shell command with `{port}` in it, running: its address. SIGTERM ends it with the status given."""
    port = free_port()
    with started(["sh", "-c", command.replace("{port}", port)], folder) as process:
        answer(process, f"http://127.0.0.1:{port}/seen")
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGTERM)
        assert process.wait() == exits


def seen(address: str) -> tuple[str, str]:
    """Return client and scheme as the app sees them when the headers of a proxy come from loopback."""
    request = urllib.request.Request(f"{address}/seen", headers=FORWARDED)
    with urllib.request.urlopen(request) as response:
        found = json.load(response)
    return found["client"], found["link"].partition(":")[0]


@pytest.mark.parametrize(
    ("command", "side", "client", "scheme"),
    [
        pytest.param(script("flask"), "flask", "127.0.0.1", "https", id="gunicorn-reads-the-scheme-only"),
        pytest.param(script("fastapi"), "fastapi", "203.0.113.9", "https", id="uvicorn-reads-both"),
        pytest.param(
            script("fastapi", "serve-gunicorn-asgi.sh"), "fastapi", "127.0.0.1", "https", id="asgi-worker-as-gunicorn"
        ),
        pytest.param(script("flask").rstrip() + ELSEWHERE, "flask", "127.0.0.1", "http", id="gunicorn-untrusted"),
    ],
)
def test_what_a_server_takes_from_a_proxy_on_loopback(
    command: str, side: str, client: str, scheme: str, tmp_path: Path
) -> None:
    shutil.copy(TOPIC / side / "app.py", tmp_path)
    with serving(command, tmp_path, exits=0) as address:
        assert seen(address) == (client, scheme)


def test_uvicorn_runs_flask_when_told_that_it_is_wsgi(tmp_path: Path) -> None:
    shutil.copy(TOPIC / "flask" / "app.py", tmp_path)
    command = "exec uvicorn --port {port} --interface wsgi app:app"
    with serving(command, tmp_path, exits=-signal.SIGTERM) as address:
        assert seen(address) == ("203.0.113.9", "https")

"""Each answer on a page is what the demo gives alone: gunicorn and uvicorn, byte for byte over a raw socket."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path

import pytest
from sites import Site

from explorer.topics import Request, Variant

SAFE = ("GET", "HEAD", "OPTIONS")
OWN = {"date", "server", "connection", "transfer-encoding"}
"""Headers that a server adds, and those that belong to the connection."""

Answer = tuple[int, list[tuple[str, str]], bytes]


@contextmanager
def native(variant: Variant, log: Path) -> Iterator[int]:
    """Run a demo under its native server, from its own folder, and yield the port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # requests wait in line until the server is there
        number = str(listening.fileno())
        command = {
            "wsgi": ["gunicorn", "--bind", f"fd://{number}", "--no-control-socket", "app:app"],
            "asgi": ["uvicorn", "--fd", number, "app:app"],
        }[variant.side.interface]
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
        program = Path(sys.executable).with_name(command[0])
        with log.open("ab") as output:
            process = subprocess.Popen(
                [program, *command[1:]],
                cwd=variant.folder,
                env=environment,
                pass_fds=[listening.fileno()],
                stdout=output,
                stderr=output,
            )
        try:
            yield listening.getsockname()[1]
        finally:
            process.terminate()
            process.wait(20)


def send(port: int, request: Request) -> Answer:
    """Send a request to the letter and read the answer until the server closes."""
    body = request.body.encode()
    lines = [f"{request.method} {request.target} HTTP/1.1", "Host: demo.local", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    lines += [f"Content-Length: {len(body)}"] if body else []
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        answer = HTTPResponse(connection, method=request.method)
        answer.begin()
        return comparable(answer.status, answer.getheaders(), answer.read())


def comparable(status: int, headers: list[tuple[str, str]], body: bytes) -> Answer:
    """Leave out what is the server's. Flask writes the methods of Allow in the order of a set: the site sorts them."""
    told = [(name.lower(), value) for name, value in headers if name.lower() not in OWN]
    return status, sorted((n, ", ".join(sorted(v.split(", "))) if n == "allow" else v) for n, v in told), body


@pytest.mark.parametrize("side", ["flask", "fastapi"])
@pytest.mark.parametrize("slug", ["query-parameters", pytest.param("http-methods", marks=pytest.mark.slow)])
def test_a_demo_alone_gives_the_same_answers(site: Site, tmp_path: Path, slug: str, side: str):
    topic = site.state.live.current.topics[slug]
    variant = topic.variant(side)
    waiting = list(topic.scenarios)
    while waiting:
        with native(variant, tmp_path / "log") as port:
            while waiting:
                scenario = waiting.pop(0)
                alone = send(port, scenario.request)
                call = {"scenario": scenario.id, "variants": [side]}
                (exchange,) = site.post(f"/api/topics/{slug}/try", json=call).json()["exchanges"]
                shown = exchange["response"]
                pairs = [(name, value) for name, value in shown["headers"]]
                assert alone == comparable(shown["status"], pairs, shown["body"].encode()), scenario.id
                if scenario.request.method not in SAFE:
                    break  # what it changed stays: the next one gets a fresh process


def test_the_comparison_sees_a_header_a_status_and_a_byte():
    answer = comparable(200, [("X-A", "1"), ("Date", "today"), ("Server", "x")], b"a")
    assert answer == comparable(200, [("server", "y"), ("x-a", "1")], b"a")
    others = [(201, "1", b"a"), (200, "2", b"a"), (200, "1", b"b")]
    assert answer not in [comparable(status, [("X-A", value)], body) for status, value, body in others]

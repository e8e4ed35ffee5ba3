"""The Dockerfiles and commands that the site shows: linted, and run as they stand, on a free port."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sites import ROOT

SCRIPTS = sorted((ROOT / "content" / "topics").glob("*/*/serve*.sh"))
FOLDERS = sorted(path.parent for path in (ROOT / "content" / "topics").glob("*/*/Dockerfile"))
ARTICLE = """\
FROM python:3.10-slim
WORKDIR /app
COPY requirements.txt requirements.txt
RUN pip install -r requirements.txt
COPY . .
EXPOSE 5000
CMD ["gunicorn", "main:app"]
"""
"""The Dockerfile of the article, which the linter has to refuse."""


def instructions(text: str) -> list[tuple[str, str]]:
    lines = text.replace("\\\n", "").splitlines()
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines if line.strip())]


def lint(text: str, folder: Path) -> list[str]:
    """What is wrong with a Dockerfile, in the order of its lines."""
    found = []
    named = instructions(text)
    last = dict(named)
    for name, rest in named:
        if name == "FROM" and not re.fullmatch(r"python:3\.1[34]-slim", rest):
            found.append(f"FROM {rest}: not a Python that is maintained, or not pinned")
        if name == "ADD":
            found.append("ADD: use COPY")
        if name == "COPY":
            found += [f"COPY {file}: no such file" for file in rest.split()[:-1] if not (folder / file).is_file()]
    command = last.get("CMD", "")
    if not command.startswith("["):
        found.append("CMD: not the exec form")
    if [name for name, _ in named if name in ("USER", "CMD")] != ["USER", "CMD"] or last.get("USER") == "root":
        found.append("USER: runs as root")
    if "HEALTHCHECK" not in last:
        found.append("HEALTHCHECK: missing")
    if f"0.0.0.0:{last.get('EXPOSE')}" not in command and f'"0.0.0.0", "--port", "{last.get("EXPOSE")}"' not in command:
        found.append("EXPOSE: not the port that CMD listens on")
    return found


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_shown_dockerfile_has_no_fault(folder: Path):
    assert lint((folder / "Dockerfile").read_text(), folder) == []


def test_the_linter_finds_the_faults_of_the_article(tmp_path: Path):
    assert lint(ARTICLE, tmp_path) == [
        "FROM python:3.10-slim: not a Python that is maintained, or not pinned",
        "COPY requirements.txt: no such file",
        "COPY .: no such file",
        "USER: runs as root",
        "HEALTHCHECK: missing",
        "EXPOSE: not the port that CMD listens on",
    ]


def test_there_are_dockerfiles_of_both_sides():
    assert {folder.name for folder in FOLDERS} >= {"flask", "fastapi"}


def free_port() -> str:
    with socket.socket() as free:
        free.bind(("", 0))
        return str(free.getsockname()[1])


@contextmanager
def started(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A command running in a folder, with the programs of this environment; killed at the end if it still runs."""
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(folder)}
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def container(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str, Path]]:
    """A Dockerfile's files in a folder of their own and its command, running. Only the port is another one."""
    folder = request.param
    text = (folder / "Dockerfile").read_text()
    last = dict(instructions(text))
    port = free_port()
    for name, rest in instructions(text):
        if name == "COPY":
            for file in rest.split()[:-1]:
                shutil.copy(folder / file, tmp_path)
    command = json.loads(last["CMD"].replace(last["EXPOSE"], port))
    with started(command, tmp_path) as process:
        yield process, port, folder


def answer(process: subprocess.Popen[bytes], url: str) -> tuple[int, bytes]:
    """Ask until the server listens; one that ends instead fails with what it wrote."""
    while process.poll() is None:
        try:
            with urllib.request.urlopen(url) as response:
                return response.status, response.read()
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            time.sleep(0.05)
    assert process.stderr
    raise AssertionError(process.stderr.read().decode())


def test_a_shown_command_serves_and_stops(container: tuple[subprocess.Popen[bytes], str, Path]):
    process, port, folder = container
    status, body = answer(process, f"http://127.0.0.1:{port}/healthz")
    assert (status, json.loads(body)) == (200, {"status": "ok"})

    last = dict(instructions((folder / "Dockerfile").read_text()))
    health = json.loads(last["HEALTHCHECK"].removeprefix("CMD ").replace(last["EXPOSE"], port))
    assert health[0] == "python"
    assert subprocess.run([sys.executable, *health[1:]], check=False).returncode == 0

    process.send_signal(signal.SIGTERM)
    assert process.wait() in (0, -signal.SIGTERM)
    assert subprocess.run([sys.executable, *health[1:]], stderr=subprocess.DEVNULL, check=False).returncode == 1


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: f"{script.parent.name}-{script.stem}")
def test_a_shown_script_serves_and_stops(script: Path, tmp_path: Path):
    shutil.copy(script.parent / "app.py", tmp_path)
    port = free_port()
    (declared,) = re.findall(r"(?:--port |127\.0\.0\.1:)(\d+)", script.read_text())
    (tmp_path / script.name).write_text(script.read_text().replace(declared, port))
    with started(["sh", script.name], tmp_path) as process:
        status, body = answer(process, f"http://127.0.0.1:{port}/seen")
        assert (status, json.loads(body)) == (200, {"client": "127.0.0.1", "link": f"http://127.0.0.1:{port}/seen"})
        process.send_signal(signal.SIGTERM)
        assert process.wait() in (0, -signal.SIGTERM)


@pytest.mark.parametrize(
    ("command", "side", "error"),
    [
        ("gunicorn --bind 127.0.0.1:{port} --no-control-socket app:app", "fastapi", "argument: 'send'"),
        ("uvicorn --port {port} app:app", "flask", "argument: 'start_response'"),
    ],
)
def test_the_wrong_server_answers_500(command: str, side: str, error: str, tmp_path: Path):
    shutil.copy(ROOT / "content" / "topics" / "deployment" / side / "app.py", tmp_path)
    port = free_port()
    with started(command.format(port=port).split(), tmp_path) as process:
        with pytest.raises(urllib.error.HTTPError) as caught:
            answer(process, f"http://127.0.0.1:{port}/seen")
        assert caught.value.code == 500
        caught.value.close()
        process.send_signal(signal.SIGTERM)
        assert process.stderr
        assert error in process.stderr.read().decode()

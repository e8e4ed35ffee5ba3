"""Records bursts of requests to a topic's demos under native servers, for the time line on its page.

Starts each server as a process of its own on loopback, in the variant's folder and with an environment that holds
nothing which changes it. Sends the requests of a burst at once, each over a connection that is open already. What it
returns is what it saw: nothing is smoothed, and the site itself never measures.
"""

from __future__ import annotations

import asyncio
import os
import platform
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from explorer.errors import ExplorerError
from explorer.timeline import PORT, Flight, Recorded, Recording, Timeline, median_run
from explorer.topics import Topic

HOST = "127.0.0.1"
START_SECONDS = 30.0
ANSWER_SECONDS = 60.0

_LENGTH = re.compile(r"\r\ncontent-length: *(\d+)\r", re.IGNORECASE)


class RecordingFailed(ExplorerError):
    """A server did not start, or answered something else than 200; says which, and what it wrote."""


def record(topic: Topic, runs: int, said: Callable[[Recorded], None]) -> Timeline:
    """Record everything that a topic declares, `runs` times each, and call `said` after each of them.

    Raises RecordingFailed.
    """
    recordings = []
    for recording in topic.recordings:
        recorded = _record(topic, recording, runs)
        said(recorded)
        recordings.append(recorded)
    return Timeline(
        date=datetime.now(UTC).date().isoformat(),
        recorder=f"explorer record {topic.slug} --runs {runs}",
        method=(
            f"One request went first and is not shown, then {runs} bursts, one after the other: connections were "
            "opened, then all requests sent. The burst of median duration is shown. Client and server shared a machine."
        ),
        machine=f"{platform.system()} {platform.release()}, {platform.machine()}, {os.cpu_count()} cores",
        versions=_versions(topic),
        recordings=tuple(recordings),
    )


def _versions(topic: Topic) -> Mapping[str, str]:
    """Return the versions of Python, of the sides' packages and of the programs that served them."""
    packages = [topic.variant(r.variant) for r in topic.recordings]
    names = [variant.side.package for variant in packages if variant] + [r.program for r in topic.recordings]
    found = {"Python": platform.python_version()}
    for name in dict.fromkeys(names):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _record(topic: Topic, recording: Recording, runs: int) -> Recorded:
    variant = topic.variant(recording.variant)
    assert variant is not None, "content refuses a recording of no variant"
    port = _free_port()
    command = recording.server.replace(PORT, str(port))
    with _serving(command, variant.folder, port):
        bursts = asyncio.run(_bursts(port, recording, runs))
    durations = tuple(max(flight.answered for flight in flights) for flights in bursts)
    shown = median_run(durations)
    return Recorded(recording.id, recording.variant, recording.target, command, durations, shown + 1, bursts[shown])


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def _serving(command: str, folder: Path, port: int) -> Iterator[None]:
    """Run a server until the block is left. Raises RecordingFailed if it does not listen."""
    program, *arguments = shlex.split(command)
    executable = Path(sys.executable).with_name(program)
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryFile() as log:
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": home, "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            process = subprocess.Popen(
                [executable, *arguments], cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        except OSError as error:
            raise RecordingFailed(f"{command}: {program} cannot be started: {error.strerror}. Install it.") from error
        try:
            _await_port(process, port)
            yield
        except (OSError, RecordingFailed) as error:
            log.seek(0)
            written = log.read().decode(errors="replace").strip() or "nothing"
            raise RecordingFailed(f"{command}: {error}. The server wrote:\n{written}") from error
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RecordingFailed(f"it ended with status {process.returncode} before it listened")
        with suppress(OSError), socket.create_connection((HOST, port), 1):
            return
        time.sleep(0.02)
    raise RecordingFailed(f"nothing listens on port {port} after {START_SECONDS:g} s")


async def _bursts(port: int, recording: Recording, runs: int) -> list[tuple[Flight, ...]]:
    """Send one request to warm up, then the bursts."""
    await _burst(port, recording.target, 1)
    return [await _burst(port, recording.target, recording.requests) for _ in range(runs)]


async def _burst(port: int, target: str, requests: int) -> tuple[Flight, ...]:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            connections = [await asyncio.open_connection(HOST, port) for _ in range(requests)]
            times = await asyncio.gather(*(_exchange(reader, writer, target) for reader, writer in connections))
    except TimeoutError:
        raise RecordingFailed(f"GET {target}: not all answers came within {ANSWER_SECONDS:g} s") from None
    return _relative(times)


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: str) -> tuple[float, float]:
    """Send one request, read its answer to the last byte, and return both times in seconds.

    Not to the end of the connection: a server whose loop is held closes it late.
    """
    sent = time.perf_counter()
    writer.write(f"GET {target} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, length = head.partition("\r\n")[0], _LENGTH.search(head)
        if line.split(" ")[1] != "200" or length is None:
            raise RecordingFailed(f"GET {target} was answered with {line!r}, not with 200 and a Content-Length")
        await reader.readexactly(int(length[1]))
        return sent, time.perf_counter()
    except asyncio.IncompleteReadError:
        raise RecordingFailed(f"GET {target}: the connection ended before the answer did") from None
    finally:
        writer.close()


def _relative(times: Sequence[tuple[float, float]]) -> tuple[Flight, ...]:
    """Return the times in milliseconds after the first request, to a tenth."""
    start = min(sent for sent, _ in times)
    return tuple(
        Flight(round((sent - start) * 1000, 1), round((answered - start) * 1000, 1)) for sent, answered in times
    )

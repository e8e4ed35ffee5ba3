"""The Dockerfile of the site; and the image that is made of it, where an engine is asked to run one.

EXPLORER_IMAGE names an image that docker or podman has here: it runs with the limits of compose.yaml. To build one
takes minutes, so no test does. EXPLORER_ENGINE_OPTIONS are further options of `run`, for machines that need some.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import httpx2
import pytest
from proxies import free_ports
from sites import ROOT
from test_containers import instructions

BYTES = 300_000_000
STEPS = instructions((ROOT / "Dockerfile").read_text())
STAGE = [place for place, (name, _) in enumerate(STEPS) if name == "FROM"]
LAST = STEPS[STAGE[-1] :]


def test_the_image_is_made_in_two_stages_of_one_pinned_base():
    assert STEPS[0] == ("ARG", "PYTHON_IMAGE=python:3.13-slim")
    assert [STEPS[place][1] for place in STAGE] == ["${PYTHON_IMAGE} AS build", "${PYTHON_IMAGE}"]


def test_the_build_takes_locked_packages_and_proves_the_content():
    runs = " ".join(rest for name, rest in STEPS[: STAGE[-1]] if name == "RUN")
    installs = re.findall(r"bin/pip[^&]* install [^&]*", runs)
    assert len(installs) == 3
    assert [one for one in installs if "--require-hashes" not in one and "/dist/*.whl" not in one] == []
    assert "/opt/venv/bin/explorer check" in runs


def test_the_last_stage_brings_the_environment_and_nothing_that_builds():
    assert [rest for name, rest in LAST if name in ("COPY", "ADD")] == ["--from=build /opt/venv /opt/venv"]
    (run,) = [rest for name, rest in LAST if name == "RUN"]
    assert "apt-get" not in run
    assert "pip" not in run
    values = dict(LAST)
    assert values["USER"] == "10001"
    assert values["VOLUME"] == "/data"
    assert "EXPLORER_DATA=/data" in values["ENV"]
    assert json.loads(values["CMD"])[:2] == ["explorer", "serve"]
    assert "/healthz" in values["HEALTHCHECK"]


@dataclass(frozen=True)
class Container:
    engine: str
    name: str
    url: str

    def run(self, *arguments: str, status: int | None = 0) -> str:
        done = subprocess.run([self.engine, *arguments], capture_output=True, text=True, check=False)
        assert status is None or done.returncode == status, done.stderr
        return done.stdout


def has(engine: str, image: str) -> bool:
    if not shutil.which(engine):
        return False
    return subprocess.run([engine, "image", "inspect", image], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    image = os.environ.get("EXPLORER_IMAGE", "")
    engine = next((name for name in ("docker", "podman") if image and has(name, image)), None)
    if engine is None:
        pytest.skip("EXPLORER_IMAGE names no image, or neither docker nor podman has it")
    (port,) = free_ports(1)
    made = Container(engine, f"explorer-test-{port}", f"http://127.0.0.1:{port}")
    hardened = ["--read-only", "--tmpfs", "/tmp:size=64m", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    options = shlex.split(os.environ.get("EXPLORER_ENGINE_OPTIONS", f"--publish 127.0.0.1:{port}:{port}"))
    serve = ["explorer", "serve", "--host", "0.0.0.0", "--port", str(port)]
    made.run(
        "run", "--detach", "--name", made.name, "--volume", made.name + ":/data", *hardened, *options, image, *serve
    )
    try:
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            with suppress(httpx2.TransportError):
                httpx2.get(f"{made.url}/healthz")
                break
            time.sleep(0.2)
        yield made
    finally:
        made.run("rm", "--force", made.name, status=None)
        made.run("volume", "rm", "--force", made.name, status=None)


def test_it_serves_and_is_whole(container: Container):
    assert "Two Routes" in httpx2.get(f"{container.url}/").text
    report = httpx2.get(f"{container.url}/readyz").json()
    assert (report["ready"], report["degraded"], report["parts"]) == (True, False, [])
    assert "/admin/setup/" in container.run("logs", container.name)


def test_it_may_write_to_its_data_only_and_is_nobody(container: Container):
    run = ("exec", container.name, "sh", "-c")
    assert container.run(*run, "id -u") == "10001\n"
    container.run(*run, "touch /data/x && rm /data/x && touch /tmp/x")
    for path in ("/x", "/opt/venv/x", "/var/x"):
        container.run(*run, f"touch {path}", status=1)
    assert container.run(*run, "command -v gcc cc make node npm; true") == ""
    assert "CapEff:\t0000000000000000" in container.run(*run, "cat /proc/self/status")


def test_it_is_small(container: Container):
    image = os.environ["EXPLORER_IMAGE"]
    assert int(container.run("image", "inspect", "--format", "{{.Size}}", image)) < BYTES


def test_it_stops_within_ten_seconds(container: Container):
    started = time.monotonic()
    container.run("stop", "--time", "15", container.name)
    assert time.monotonic() - started < 10
    assert container.run("inspect", "--format", "{{.State.ExitCode}}", container.name) == "0\n"

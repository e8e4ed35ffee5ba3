"""The Dockerfile of the site; and the image that is made of it, where an engine is asked to run one.

The image runs with the limits of compose.yaml: the one that EXPLORER_IMAGE names, which docker or podman has here. With
`make test ARGS="-m slow"` it is also built, wherever an engine works and has the base image or can fetch it: that takes
minutes. EXPLORER_BUILD_OPTIONS and EXPLORER_ENGINE_OPTIONS are further options, for machines that need some.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx2
import pytest
from proxies import free_ports
from sites import ROOT, SLUGS
from test_containers import instructions

BYTES = 300_000_000
STEPS = instructions((ROOT / "Dockerfile").read_text())
STAGE = [place for place, (name, _) in enumerate(STEPS) if name == "FROM"]
LAST = STEPS[STAGE[-1] :]


def test_the_image_is_made_in_two_stages_of_one_base_that_can_be_held_to_a_build():
    named = [step for step in STEPS if step[0] != "#"]
    assert named[0] == ("ARG", "PYTHON_IMAGE=python:3.13-slim")
    assert [STEPS[place][1] for place in STAGE] == ["${PYTHON_IMAGE} AS build", "${PYTHON_IMAGE}"]


def test_the_build_takes_locked_packages_and_proves_the_content():
    runs = " ".join(rest for name, rest in STEPS[: STAGE[-1]] if name == "RUN")
    installs = re.findall(r"bin/pip[^&]* install [^&]*", runs)
    assert len(installs) == 3
    assert [one for one in installs if "--require-hashes" not in one and "/dist/*.whl" not in one] == []
    assert "/opt/venv/bin/explorer check" in runs


def test_the_answers_are_kept_where_the_installed_package_looks(tmp_path: Path):
    """The last stage takes the environment only. The folder of the build has a package of the same name, as here."""
    (tmp_path / "explorer").mkdir()
    (tmp_path / "explorer" / "__init__.py").touch()
    (tmp_path / "explorer" / "settings.py").write_text("ROOT = 'the source'")
    runs = " ".join(rest for name, rest in STEPS[: STAGE[-1]] if name == "RUN")
    (asked,) = re.findall(r"data=\$\(/opt/venv/bin/python (.+?)\) +&&", runs)
    command = [sys.executable, *shlex.split(asked)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == f"{ROOT}\n", done.stderr
    assert runs.count('/opt/venv/bin/explorer check --keep "$data/answers"') == 2


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


class Health(BaseHTTPRequestHandler):
    """What the health check asks: answers 200 to the one host and path that it should ask for."""

    def do_GET(self) -> None:
        well = (self.path, self.headers["Host"]) == ("/healthz", "compare.example.com")
        self.send_response(200 if well else 400)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.mark.parametrize(
    ("hosts", "status"), [("compare.example.com,other.example", 0), (" compare.example.com ", 0), ("other.example", 1)]
)
def test_the_health_check_asks_the_site_itself_by_its_name(hosts: str, status: int):
    """Whatever proxy the environment names for what goes out."""
    command = json.loads(dict(LAST)["HEALTHCHECK"].partition("CMD ")[2])
    with HTTPServer(("127.0.0.1", 0), Health) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command = [sys.executable, *(part.replace("8000", str(server.server_port)) for part in command[1:])]
        own = {"EXPLORER_ALLOWED_HOSTS": hosts, "http_proxy": "http://127.0.0.1:9", "PATH": os.environ["PATH"]}
        assert subprocess.run(command, env=own, capture_output=True, check=False).returncode == status
        server.shutdown()


@dataclass(frozen=True)
class Container:
    engine: str
    image: str
    name: str
    url: str

    def run(self, *arguments: str, status: int | None = 0) -> str:
        done = subprocess.run([self.engine, *arguments], capture_output=True, text=True, check=False)
        assert status is None or done.returncode == status, done.stderr
        return done.stdout


def succeeds(*command: str) -> bool:
    return bool(shutil.which(command[0])) and not subprocess.run(command, capture_output=True, check=False).returncode


def named() -> tuple[str, str]:
    """The engine and the image that the environment names, or skip."""
    image = os.environ.get("EXPLORER_IMAGE")
    if not image:
        pytest.skip("EXPLORER_IMAGE names no image")
    engine = next((name for name in ("docker", "podman") if succeeds(name, "image", "inspect", image)), None)
    if engine is None:
        pytest.skip(f"neither docker nor podman has {image}")
    return engine, image


def built() -> tuple[str, str]:
    """An engine and the image that it made of this checkout, or skip."""
    engine = next((name for name in ("docker", "podman") if succeeds(name, "info")), None)
    if engine is None:
        pytest.skip("neither docker nor podman works here")
    base = dict(STEPS)["ARG"].partition("=")[2]
    if not (succeeds(engine, "image", "inspect", base) or succeeds(engine, "pull", base)):
        pytest.skip(f"{engine} has no {base} and cannot fetch it")
    options = shlex.split(os.environ.get("EXPLORER_BUILD_OPTIONS", ""))
    command = [engine, "build", "--tag", "explorer-test", *options, str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return engine, "explorer-test"


@pytest.fixture(scope="module", params=[named, pytest.param(built, marks=pytest.mark.slow)])
def container(request: pytest.FixtureRequest) -> Iterator[Container]:
    engine, image = request.param()
    (port,) = free_ports(1)
    made = Container(engine, image, f"explorer-test-{port}", f"http://127.0.0.1:{port}")
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


def test_it_brings_the_answers_of_the_demos(container: Container):
    folder = container.run("exec", container.name, "python", "-c", "from explorer.settings import ROOT; print(ROOT)")
    kept = container.run("exec", container.name, "ls", f"{folder.strip()}/answers").split()
    assert {name.partition(".")[0] for name in kept} == set(SLUGS)


def test_it_may_write_to_its_data_only_and_is_nobody(container: Container):
    run = ("exec", container.name, "sh", "-c")
    assert container.run(*run, "id -u") == "10001\n"
    container.run(*run, "touch /data/x && rm /data/x && touch /tmp/x")
    for path in ("/x", "/opt/venv/x", "/var/x"):
        container.run(*run, f"touch {path}", status=1)
    assert container.run(*run, "command -v gcc cc make node npm; true") == ""
    assert "CapEff:\t0000000000000000" in container.run(*run, "cat /proc/self/status")


def test_its_health_check_passes_inside(container: Container):
    command = json.loads(dict(LAST)["HEALTHCHECK"].partition("CMD ")[2])
    port = container.url.rpartition(":")[2]
    container.run("exec", container.name, *(part.replace("8000", port) for part in command))
    container.run("exec", container.name, *(part.replace("8000", "9") for part in command), status=1)


def test_it_is_small(container: Container):
    assert int(container.run("image", "inspect", "--format", "{{.Size}}", container.image)) < BYTES


def test_it_stops_within_ten_seconds(container: Container):
    started = time.monotonic()
    container.run("stop", "--time", "15", container.name)
    assert time.monotonic() - started < 10
    assert container.run("inspect", "--format", "{{.State.ExitCode}}", container.name) == "0\n"

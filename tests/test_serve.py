"""`explorer serve` as operators see it: health, logs, a graceful stop, workers, refusals at the start."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from admins import few_topics
from databases import Postgres
from sites import BROKEN, COMMAND, ROOT, SLUGS, Run, Server, Serving, Site, copy_topics, environment


def test_health_and_readiness(hostile: httpx2.Client):
    alive = hostile.get("/healthz")
    assert (alive.status_code, alive.text) == (200, "ok\n")
    assert hostile.head("/healthz").status_code == hostile.head("/readyz").status_code == 200
    report = hostile.get("/readyz").json()
    assert set(report) == {
        *("ready", "degraded", "parts", "topics", "problems", "demos_failed", "content", "database", "assets_missing")
    }
    assert (report["ready"], report["degraded"], report["topics"]) == (True, True, 5 + len(BROKEN))
    assert "import-error/left" in report["demos_failed"]


def test_a_whole_site_is_not_degraded(serving: Serving):
    with serving() as server:
        report = httpx2.get(f"{server.url}/readyz").json()
    assert (report["ready"], report["degraded"], report["demos_failed"]) == (True, False, {})
    assert report["problems"] == []
    assert report["database"] == "ok"


SECRET = "planted-4c1e"


def test_each_log_line_is_json_and_holds_nothing_of_the_visitor(serving: Serving, hostile_content: Path):
    with serving(content=hostile_content) as server, httpx2.Client(base_url=server.url) as client:
        client.get(f"/topics/calm?q={SECRET}", headers=dict.fromkeys(("Cookie", "Authorization", "User-Agent"), SECRET))
        client.get(f"/search?q={SECRET}")
        client.get(f"/demos/hostile/left/calm?q={SECRET}", headers={"X-Forwarded-For": "203.0.113.9"})
        for path in ("/calm", "/raise", "/raise-late", "/exit", "/headers"):
            request = {"path": path, "query": SECRET, "headers": {"X-A": SECRET}, "body": SECRET}
            client.post("/api/topics/hostile/try", json={"request": request})
        client.post("/topics/hostile/try", data={"path": "/calm", "body": SECRET})
        known = client.get("/%1b%5b31m%0aline%22%e2%80%ae/x").headers["x-request-id"]
        server.exchange(b"nonsense\r\n\r\n")
        assert server.stop() == 0
    lines = server.lines()  # each line parses
    assert SECRET not in server.log.read_text()
    assert "203.0.113.9" not in server.log.read_text()
    requests = [line for line in lines if line["message"] == "request"]
    assert len(requests) == 10
    fields = {"time", "level", "logger", "message", "request_id", "method", "path", "status", "milliseconds", "bytes"}
    assert all(set(line) == fields for line in requests)
    odd = next(line for line in requests if line["request_id"] == known)
    assert (odd["path"], odd["status"]) == ('/\x1b[31m\nline"\u202e/x', 404)
    assert server.log.read_bytes().isascii()


def test_demos_that_do_not_load_are_logged_at_the_start(hostile_server: Server):
    messages = [line["message"] for line in hostile_server.lines() if line["level"] == "error"]
    assert "demo import-exit/left does not run: app.py fails to import: SystemExit: bye" in messages
    assert len([message for message in messages if "does not run" in message]) == len(BROKEN)


def test_sigterm_lets_a_running_request_finish(serving: Serving, hostile_content: Path):
    with serving(content=hostile_content) as server:
        connection = HTTPConnection(urlsplit(server.url).netloc, timeout=30)
        body = json.dumps({"request": {"path": "/slow"}})
        connection.request("POST", "/api/topics/hostile/try", body, {"Content-Type": "application/json"})
        httpx2.get(f"{server.url}/healthz")  # came later and is answered: the other one runs
        started = time.monotonic()
        status = server.stop()
        taken = time.monotonic() - started
    answer = connection.getresponse()
    assert (status, answer.status) == (0, 200)
    assert [exchange["response"]["status"] for exchange in json.load(answer)["exchanges"]] == [200, 200]
    assert taken < 10
    connection.close()
    assert not [line for line in server.lines() if line["level"] == "error" and "does not run" not in line["message"]]


def test_sigterm_ends_a_start_from_its_first_moment(tmp_path: Path):
    """As process 1 of a container it is not ended by a signal that it does not handle."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts == {"explorer": "explorer.__main__:main"}
    command = [sys.executable, "-m", "explorer", "serve", "--port", "0"]
    said = tmp_path / "said"
    with said.open("wb") as output, subprocess.Popen(command, stdout=output, env=environment({"data": tmp_path})) as it:
        while not handles(it.pid, signal.SIGTERM):
            assert it.poll() is None
            time.sleep(0.005)
        it.send_signal(signal.SIGTERM)
        assert it.wait(10) in (0, 128 + signal.SIGTERM)
    assert said.read_bytes() == b"", "it had not come to the link for the first editor"


@pytest.mark.parametrize(("workers", "number"), [(1, signal.SIGINT), (2, signal.SIGTERM)])
def test_a_signal_ends_a_start_that_runs_every_scenario(tmp_path: Path, workers: int, number: signal.Signals):
    """Nothing is kept of the answers: the rest of the start would take half a minute."""
    own = environment({"data": tmp_path / "data", "cache": tmp_path / "cache", "port": 0, "workers": workers})
    log = tmp_path / "log"
    with log.open("wb") as output, subprocess.Popen([COMMAND, "serve"], env=own, stdout=output, stderr=output) as it:
        until = time.monotonic() + 60
        while f"nothing is kept of {len(SLUGS)} of {len(SLUGS)} topics" not in log.read_text():
            if it.poll() is not None or time.monotonic() > until:
                it.kill()
                pytest.fail(log.read_text())
            time.sleep(0.01)
        children = Path(f"/proc/{it.pid}/task/{it.pid}/children").read_text().split()
        started = time.monotonic()
        it.send_signal(number)
        assert it.wait(30) == 0
        assert time.monotonic() - started < 10
    while [child for child in children if Path(f"/proc/{child}/exe").exists()]:
        assert time.monotonic() - started < 10
    said = log.read_text()
    assert "Application startup complete" not in said
    assert "Traceback" not in said


def test_a_stop_waits_neither_for_clients_nor_for_the_database(serving: Serving, tmp_path: Path, postgres: Postgres):
    content = copy_topics(tmp_path / "content", "hello-world", "streaming")
    head = b"POST /topics/%s HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    settings = {"content": content, "database_url": postgres.create(), "stop_timeout": 2, "warm": True}
    with serving(**settings) as server, ExitStack() as stack:
        address = ("127.0.0.1", urlsplit(server.url).port or 0)
        streaming, slow = (stack.enter_context(socket.create_connection(address)) for _ in range(2))
        streaming.sendall(head % b"streaming/follow" + b"Content-Length: 12\r\n\r\npath=/events")
        slow.sendall(head % b"hello-world/try" + b"Content-Length: 12\r\n\r\npath")
        told = b""
        while b'"piece"' not in told:
            told += streaming.recv(65536)
            assert told
        postgres.signal(signal.SIGSTOP)
        try:
            started = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - started < 5
        finally:
            postgres.signal(signal.SIGCONT)


def handles(process: int, number: signal.Signals) -> bool:
    """Whether a process has a handler of its own for a signal."""
    (caught,) = re.findall(r"^SigCgt:\s*([0-9a-f]+)$", Path(f"/proc/{process}/status").read_text(), re.M)
    return bool(int(caught, 16) >> (number - 1) & 1)


def test_sigterm_does_not_wait_for_a_demo_that_hangs(serving: Serving, hostile_content: Path):
    with serving(content=hostile_content, try_timeout=0.5) as server:
        call = {"request": {"path": "/block"}}  # twenty seconds, on both sides
        answer = httpx2.post(f"{server.url}/api/topics/hostile/try", json=call, timeout=30)
        started = time.monotonic()
        assert (answer.status_code, server.stop()) == (200, 0)
        assert time.monotonic() - started < 10


def test_the_first_start_says_once_how_the_first_editor_is_made(serving: Serving, tmp_path: Path):
    settings: dict[str, Any] = {"content": few_topics(tmp_path), "data": tmp_path / "data", "root_path": "/compare"}
    with serving(**settings) as server:
        first, link = server.said().splitlines()
        assert first == "There is no editor yet. Whoever opens this makes the first one, once, within a day:"
        assert re.fullmatch(r"/compare/admin/setup/[A-Za-z0-9_-]{43}", link)
        form = {"name": "ada", "password": "four words of hers", "again": "four words of hers"}
        answer = httpx2.post(f"{server.url}{link}", data=form, headers={"Origin": server.url})
        assert (answer.status_code, answer.headers["location"]) == (303, "/compare/admin/?done=welcome")
        assert answer.headers["set-cookie"].startswith("explorer-admin=")
        assert server.stop() == 0
    paths = [line["path"] for line in server.lines() if line["message"] == "request"]
    assert paths == ["/admin/setup/..."]
    assert link.rpartition("/")[2] not in server.log.read_text()
    with serving(**settings) as server:
        assert server.said() == ""


def test_without_a_database_the_site_starts_and_says_what_is_wrong(serving: Serving, tmp_path: Path):
    (tmp_path / "data").touch()
    with serving(content=few_topics(tmp_path), data=tmp_path / "data") as server:
        assert server.said().startswith("The admin cannot be used yet. The folder ")
        assert httpx2.get(f"{server.url}/").status_code == 200
        assert "cannot be used" in httpx2.get(f"{server.url}/readyz").json()["database"]


def test_a_port_that_is_taken_is_a_clear_failure(explorer: Run, hostile_content: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = explorer("serve", "--port", str(taken.getsockname()[1]), content=hostile_content, log_level="error")
    assert done.returncode not in (0, 2)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert any("address already in use" in line["message"] for line in lines)
    assert {line["level"] for line in lines} == {"error"}
    assert "Traceback" not in done.stderr


def test_content_that_cannot_be_read_is_a_clear_failure(explorer: Run, tmp_path: Path):
    done = explorer("serve", "--port", "0", content=tmp_path)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{tmp_path.name}/sides.toml:1: the file is missing. Mend: ")


def test_only_the_hosts_that_are_allowed_are_answered(make_site: Callable[..., Site], hostile_content: Path):
    site = make_site(content=hostile_content, allowed_hosts="routes.example,*.local")
    allowed = ("routes.example", "routes.example:80", "ROUTES.example", "a.local")
    refused = ("evil.example", "routes.example.evil", "127.0.0.1", "local", "[::1]", "x y", "")
    refused += ('routes.example:"><script>', "routes.example:x")
    for hosts, status in ((allowed, 200), (refused, 400)):
        for path in ("/", "/healthz", "/api/topics", "/demos/calm/left/calm"):
            answers = {host: site.get(path, headers={"Host": host}).status_code for host in hosts}
            assert answers == dict.fromkeys(hosts, status)


def test_a_trusted_proxy_says_that_the_visitor_came_by_https(serving: Serving, hostile_content: Path):
    with serving(content=hostile_content) as server:
        answer = httpx2.get(server.url, headers={"X-Forwarded-Proto": "https", "Host": "routes.example"})
    assert "strict-transport-security" in answer.headers
    assert "script-src https://routes.example/static/;" in answer.headers["content-security-policy"]
    with serving(content=hostile_content, trusted_proxies="203.0.113.9") as server:
        answer = httpx2.get(server.url, headers={"X-Forwarded-Proto": "https"})
    assert "strict-transport-security" not in answer.headers


def test_the_server_says_nothing_about_itself(hostile: httpx2.Client):
    for path in ("/", "/nowhere", "/api/topics", "/demos/calm/left/calm"):
        answer = hostile.get(path)
        assert "server" not in answer.headers
        assert not re.search(r"uvicorn|Traceback|/explorer/\w+\.py", answer.text + str(answer.headers))

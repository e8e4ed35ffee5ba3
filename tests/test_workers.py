"""Several processes of one `explorer serve` on one SQLite file: what one does is so at the other, and one may die."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx2
import pytest
from admins import few_topics
from sites import ROOT, Server, Serving, free_port

sys.path.append(str(ROOT / "benchmarks"))
import replicas as script

PAGE = f"/topics/{script.SLUG}"
OTHER = "/topics/middleware"
BOTH = 2


def process_of(answer: httpx2.Response) -> str:
    """Which process answered."""
    return answer.headers["x-request-id"].partition("-")[0]


def from_both(ask: Callable[[], httpx2.Response]) -> dict[str, httpx2.Response]:
    """Ask, on a new connection each time, until both processes have answered."""
    answers: dict[str, httpx2.Response] = {}
    deadline = time.monotonic() + 60
    while len(answers) < BOTH and time.monotonic() < deadline:
        try:
            answer = ask()
        except httpx2.TransportError:  # the address is taken before a process listens
            time.sleep(0.05)
            continue
        answers[process_of(answer)] = answer
    assert len(answers) == BOTH
    return answers


def statuses(ask: Callable[[], httpx2.Response]) -> set[int]:
    return {answer.status_code for answer in from_both(ask).values()}


def children(server: Server) -> list[int]:
    """The processes that serve; the one that keeps track of them for Python is no such."""
    main = server.process.pid
    pids = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    return [int(pid) for pid in pids if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_one_process_is_one_whatever_else_the_environment_says(
    serving: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WEB_CONCURRENCY", "2")
    with serving(content=few_topics(tmp_path)) as server:
        assert children(server) == []
        assert server.stop() == 0


def test_two_signals_end_the_site_and_a_process_that_is_frozen(serving: Serving, tmp_path: Path):
    with serving("--workers", "2", content=few_topics(tmp_path), stop_timeout=1) as server:
        script.seconds_until(lambda: server.log.read_text().count("Application startup complete") == BOTH, 60)
        both = children(server)
        os.kill(both[0], signal.SIGSTOP)
        server.process.send_signal(signal.SIGINT)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
        assert not [pid for pid in both if Path(f"/proc/{pid}").exists()]
        assert "Traceback" not in server.log.read_text()


def test_two_processes_are_one_site(serving: Serving, tmp_path: Path):
    content, port = few_topics(tmp_path), free_port()
    with serving("--workers", "2", content=content, metrics_port=port) as server:
        first = from_both(partial(httpx2.get, f"{server.url}{OTHER}", timeout=30))
        assert {answer.status_code for answer in first.values()} == {200}
        assert len({answer.text for answer in first.values()}) == 1
        told = [httpx2.get(f"http://127.0.0.1:{p}/metrics").text for p in (port, port + 1)]
        [link] = re.findall(r"/admin/setup/\S+", server.said())
        form = {"name": "benchmark", "password": script.PASSWORD, "again": script.PASSWORD}
        assert httpx2.post(server.url + link, data=form, headers=script.SAME, timeout=30).status_code == 303
        assert all('count{kind="page",method="GET",status="2xx"} ' in text for text in told)

        editor = script.start_editing(server.url)
        ask = partial(httpx2.get, f"{server.url}/admin/", cookies=editor.cookies, timeout=30)
        assert statuses(ask) == {200}, "signed in at one is signed in at both"
        page = partial(httpx2.get, f"{server.url}{PAGE}", timeout=30)
        for sentence in ("Saved first.", "Saved second."):
            editor.publish(sentence)
            script.seconds_until(
                lambda sentence=sentence: all(sentence in a.text for a in from_both(page).values()), 20
            )

        one, two = children(server)
        os.kill(one, signal.SIGKILL)
        script.seconds_until(lambda: server.log.read_text().count("Application startup complete") == BOTH + 1, 60)
        assert two in children(server)
        assert one not in children(server)
        known = first.keys()
        again = from_both(page)
        assert len(again.keys() & known) == 1, "one goes on, another one came"
        assert all("Saved second." in answer.text for answer in again.values())
        assert statuses(ask) == {200}

        httpx2.post(f"{server.url}/admin/logout", cookies=editor.cookies, headers=script.SAME, timeout=30)
        assert statuses(ask) == {303}, "signed out at one is signed out at both"
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < 10
    lines = server.lines()
    assert f"Child process [{one}] died" in [line["message"] for line in lines]
    requests = {line["request_id"].partition("-")[0] for line in lines if line["message"] == "request"}
    assert requests == known | again.keys()

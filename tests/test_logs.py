"""Nothing of a person reaches the log: a word planted in every place where somebody writes is in none of its lines."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from admins import FEW, few_topics
from sites import Serving

from explorer.web.request_log import loggable

PLANTED = "planted-7e2b"
ADDRESS = "203.0.113.77"
FIELDS = {
    "time",
    "level",
    "logger",
    "message",
    "request_id",
    "path",
    "method",
    "status",
    "milliseconds",
    "bytes",
    "error",
}
HEADERS = ("Cookie", "Authorization", "User-Agent", "Referer", "X-Request-Id", "Accept-Language", "If-None-Match")


def read(client: httpx2.Client) -> None:
    """Ask as a reader does, and send what no reader should."""
    headers = dict.fromkeys(HEADERS, PLANTED) | {"X-Forwarded-For": ADDRESS}
    for path in ("/", "/nowhere", "/search", "/api/search", f"/topics/{FEW[0]}", "/readyz", "/api/topics/x"):
        client.get(f"{path}?q={PLANTED}", headers=headers)
    send = f"/topics/{FEW[0]}/try"
    form = dict.fromkeys(("method", "path", "query", "headers", "body", PLANTED), PLANTED)
    client.post(
        send, data=form | {"path": f"/{PLANTED}", "headers": f"X-A: {PLANTED}", "method": "POST"}, headers=headers
    )
    client.post(send, data=form, headers=headers)
    client.post(f"/api{send}", json={"request": {"path": "/", "body": PLANTED}, PLANTED: PLANTED}, headers=headers)
    client.post(f"/api{send}", content=f'{{"{PLANTED}', headers=headers | {"Content-Type": "application/json"})


def administer(client: httpx2.Client, link: str, origin: str) -> None:
    """Make the first owner, another editor and a draft; fail to sign in."""
    headers = {"Origin": origin, "X-Forwarded-For": ADDRESS}
    password = f"{PLANTED} of four words"
    form = {"name": PLANTED, "password": password, "again": password}
    assert client.post(link, data=form, headers=headers).status_code == 303
    assert client.get(f"/admin/?{PLANTED}").status_code == 200
    assert client.post("/admin/editors", data={"name": f"{PLANTED}-2", "role": "editor"}, headers=headers).is_success
    assert client.get(f"/admin/editors/{PLANTED}-2").status_code == 200
    page = client.get(f"/admin/topics/{FEW[0]}").text
    words = dict.fromkeys(re.findall(r'<textarea[^>]* name="([^"]+)"', page), PLANTED)
    client.post(f"/admin/topics/{FEW[0]}", data=words | {"why": PLANTED, "based_on": "0"}, headers=headers)
    client.post("/admin/login", data={"name": f"{PLANTED}-3", "password": PLANTED}, headers=headers)


def test_nothing_that_a_person_wrote_is_in_the_log(serving: Serving, tmp_path: Path):
    data = tmp_path / "data"
    with serving(content=few_topics(tmp_path), data=data) as server:
        link = server.said().split()[-1]
        path = "/admin/" + link.partition("/admin/")[2]
        with httpx2.Client(base_url=server.url, timeout=60) as client:
            read(client)
            administer(client, path, server.url)
            with closing(sqlite3.connect(data / "explorer.db", isolation_level=None)) as other:
                other.execute("ALTER TABLE editors RENAME COLUMN epoch TO away")
            headers = {"Origin": server.url, "Cookie": ""}
            form = {"name": PLANTED, "password": PLANTED}
            assert httpx2.post(f"{server.url}/admin/login", data=form, headers=headers).status_code == 500
        for raw in (
            f"{PLANTED}\r\n\r\n",
            f"GET /{PLANTED}? HTTP/1.1\r\n{PLANTED}\r\n\r\n",
            f"X /?{PLANTED} HTTP/9\r\n\r\n",
        ):
            server.exchange(raw.encode())
        assert server.stop() == 0
    lines, text = server.lines(), server.log.read_text()
    assert [line for line in text.splitlines() if PLANTED in line] == []
    assert ADDRESS not in text
    assert path.rpartition("/")[2] not in text
    assert {field for line in lines for field in line} <= FIELDS
    assert any("no such column" in line.get("error", "") for line in lines), "the fault itself is told"
    assert any(line["logger"] == "uvicorn.error" and line["level"] == "warning" for line in lines), "in the same form"


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/topics/hello-world", "/topics/hello-world"),
        ("/admin/editors", "/admin/editors"),
        ("/admin/editors/ada/role", "/admin/editors/..."),
        ("/admin/setup/token", "/admin/setup/..."),
        ("/demos/x/left/names", "/demos/x/left/names"),
        ("/demos/x/left/~token/names", "/demos/x/left/~..."),
        ("/topics/websockets/live/token/messages", "/topics/websockets/live/..."),
        ("/topics/" + "x" * 300 + "/live/token/stop", "/topics/" + "x" * 248 + "/live/..."),
        ("/x" * 300, "/x" * 128),
    ],
)
def test_a_path_is_logged_without_what_opens_or_names(path: str, logged: str):
    assert loggable(path) == logged


@pytest.mark.parametrize(("level", "shown"), [("debug", "INFO"), ("info", "WARNING"), ("error", "ERROR")])
def test_a_client_in_this_process_logs_each_request_for_debugging_only(level: str, shown: str):
    script = (
        f"import logging; from explorer import logs; logs.configure({level!r}); client = logging.getLogger('httpx2'); "
        "print(next(name for name in ('INFO', 'WARNING', 'ERROR') if client.isEnabledFor(getattr(logging, name))))"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said == f"{shown}\n"

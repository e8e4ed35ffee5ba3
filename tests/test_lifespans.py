"""The lifespan of an ASGI demo: each call is a life of the app, and one that fails or hangs costs that call only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from admins import few_topics
from sites import Site, site_with

APP = """
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

log: list[str] = []
calls: list[str] = []


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    calls.append("start")
    START
    yield
    END


app = FastAPI(lifespan=lifespan)


@app.get("/calls")
def read_calls() -> list[str]:
    return calls
"""

BARE = """
log: list[str] = []


async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b'["start"]'})
"""

DEMOS = {
    "calm": APP.replace("START", "pass").replace("END", "log.append('end')"),
    "fails": APP.replace("START", "raise RuntimeError('no rates')").replace("END", "pass"),
    "waits": APP.replace("START", "await asyncio.sleep(60)").replace("END", "pass"),
    "exits": APP.replace("START", "raise SystemExit(3)").replace("END", "pass"),
    "clings": APP.replace("START", "pass").replace("END", "await asyncio.sleep(60)"),
    "breaks": APP.replace("START", "pass").replace("END", "raise RuntimeError('late')"),
    "bare": BARE,
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    content = few_topics(tmp_path_factory.mktemp("lifespans"), ("lifespan",))
    topic = content / "topics" / "lifespan"
    titles = "".join(f'[variants."fastapi+{name}"]\ntitle = "{name}"\n' for name in DEMOS)
    table = topic / "topic.toml"
    head, first, *_ = table.read_text().split("[[scenarios]]")
    table.write_text(f"{head}{titles}[[scenarios]]{first}")
    for name, app in DEMOS.items():
        (topic / f"fastapi+{name}").mkdir()
        (topic / f"fastapi+{name}" / "app.py").write_text(app)
    with site_with(content=content, try_timeout=0.5) as site:
        yield site


def call(site: Site, name: str) -> dict[str, Any]:
    asked = {"request": {"path": "/calls"}, "variants": [f"fastapi+{name}"]}
    (exchange,) = site.post("/api/topics/lifespan/try", json=asked).json()["exchanges"]
    assert isinstance(exchange, dict)
    return exchange


def test_each_call_begins_anew(site: Site) -> None:
    assert [call(site, "calm")["response"]["body"] for _ in range(2)] == ['["start"]'] * 2
    assert site.get("/demos/lifespan/fastapi+calm/calls").json() == ["start"]


def test_the_end_is_told_after_the_answer(site: Site) -> None:
    asked = {"path": "/calls", "variants": "fastapi+calm"}
    told = [json.loads(line) for line in site.post("/topics/lifespan/follow", data=asked).text.splitlines()]
    ours = [event for event in told if event.get("variant") == "fastapi+calm"]
    steps = [(event["event"], event.get("text"), event.get("after")) for event in ours]
    assert steps == [("answer", "200 OK", None), ("line", "end", True), ("end", None, None)]


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("fails", "crashed", "Its startup failed, and a server would end here: RuntimeError: no rates"),
        ("exits", "crashed", "Its startup failed, and a server would end here: SystemExit: 3"),
        ("waits", "timeout", "No answer within 0.5 s. The call was given up."),
    ],
)
def test_a_start_that_fails_costs_its_own_pane(site: Site, name: str, kind: str, says: str) -> None:
    exchange = call(site, name)
    assert exchange["response"] is None
    assert exchange["error"] == {"kind": kind, "detail": says}
    assert call(site, "calm")["response"]["status"] == 200


@pytest.mark.parametrize("name", ["clings", "breaks", "bare"])
def test_an_end_that_fails_or_an_app_without_a_life_is_answered_all_the_same(site: Site, name: str) -> None:
    for _ in range(2):
        exchange = call(site, name)
        assert (exchange["error"], exchange["response"]["body"]) == (None, '["start"]')

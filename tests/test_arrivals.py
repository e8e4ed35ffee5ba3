"""Live answers: chunks and messages as they arrive, what ends them, and who may watch."""

from __future__ import annotations

import asyncio
import html
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
from conftest import Serving
from simple_websocket import Client, ConnectionClosed
from simple_websocket import ConnectionError as Unconnected
from sites import ROOT, Server, Site, site_with
from test_native import native
from typer.testing import CliRunner

from explorer.cli import app
from explorer.content import load_content
from explorer.demos import Demos, Limits
from explorer.demos.following import Arrival
from explorer.topics import Scenario

HTMX = {"HX-Request": "true"}
SIDES = ("flask", "fastapi")
STREAM = "/topics/streaming/follow"
SOCKET = "/topics/websockets/follow"
ENDLESS = {"method": "GET", "path": "/events", "query": "to=1000"}
ROOM = {"method": "WEBSOCKET", "path": "/rooms/7", "query": "name=ada"}

Events = list[dict[str, Any]]


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped topics with live answers and one without: they start in a moment."""
    content = tmp_path_factory.mktemp("live") / "content"
    for slug in ("streaming", "websockets", "hello-world"):
        shutil.copytree(ROOT / "content" / "topics" / slug, content / "topics" / slug)
    for name in ("sides.toml", "sections.toml"):
        shutil.copy(ROOT / "content" / name, content)
    (content / "home.toml").write_text('[hero]\ntopic = "streaming"\nscenarios = ["valid"]\n')
    return content


@pytest.fixture(scope="module")
def server(serving: Serving, content: Path) -> Iterator[Server]:
    """A site for one reader at a time; an endless stream would last a minute."""
    limits = {"live_timeout": 60, "live_per_address": 1, "live_concurrency": 1, "live_pieces": 1000}
    with serving(content=content, try_rate=0, **limits) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def short(content: Path) -> Iterator[Site]:
    """A site whose live answers end soon."""
    limits = {"live_timeout": 0.6, "live_socket_timeout": 1.5, "live_pieces": 8, "live_response_limit": 1024}
    with site_with(content=content, try_rate=0, **limits) as site:
        yield site


def read(lines: Iterator[str], until: Callable[[Events], bool] = lambda told: False) -> Events:
    """Read events until they are enough, or to their end."""
    told: Events = []
    for line in lines:
        told.append(json.loads(line))
        if until(told):
            break
    return told


def pieces(told: Events, variant: str, sent: bool = False) -> list[str]:
    return [e["text"] for e in told if e["event"] == "piece" and e["variant"] == variant and e["sent"] is sent]


def both_have(count: int) -> Callable[[Events], bool]:
    return lambda told: all(len(pieces(told, side)) >= count for side in SIDES)


def explained(told: Events) -> str:
    (answers,) = [event["html"] for event in told if event["event"] == "answers"]
    return html.unescape(answers)


def follow_when_free(client: httpx2.Client, path: str, form: dict[str, str]) -> httpx2.Response:
    """Send a request once the last reader's calls have ended, which takes a moment and no longer."""
    for _ in range(40):
        answer = client.send(client.build_request("POST", path, data=form, headers=HTMX), stream=True)
        if answer.status_code != 503:
            return answer
        answer.close()
        time.sleep(0.1)
    raise AssertionError("the calls of a reader who left have not ended")


def test_chunks_come_one_after_the_other_on_both_sides(client: httpx2.Client):
    answer = follow_when_free(client, STREAM, {"scenario": "valid"})
    lines = answer.iter_lines()
    first = read(lines, both_have(1))
    began = time.monotonic()
    told = first + read(lines)
    assert time.monotonic() - began > 0.1  # the rest did not exist yet
    assert told[0]["event"] == "open"
    assert told[0]["socket"] is False
    for side in SIDES:
        assert pieces(told, side) == [f"data: {n}\nid: {n}" for n in (1, 2, 3)]
        times = [e["at"] for e in told if e["event"] == "piece" and e["variant"] == side]
        assert times == sorted(times)
        story = [e.get("text", "") for e in told if e.get("variant") == side and e["event"] in ("line", "piece")]
        assert story[:3] == ["makes 1", "data: 1\nid: 1", "makes 2"]


def test_stop_ends_both_sides_and_tells_what_they_do(client: httpx2.Client):
    answer = follow_when_free(client, STREAM, ENDLESS)
    lines = answer.iter_lines()
    told = read(lines, both_have(2))
    assert client.post(f"/topics/streaming/live/{told[0]['token']}/stop").status_code == 204
    told += read(lines)
    for side in SIDES:
        assert [e["text"] for e in told if e["event"] == "line" and e["variant"] == side][-1] == "generator closed"
    assert {e["variant"] for e in told if e["event"] == "end"} == set(SIDES)
    assert "You stopped it after" in explained(told)


@pytest.mark.parametrize(("path", "form", "count"), [(STREAM, ENDLESS, 1), (SOCKET, ROOM | {"body": "1"}, 1)])
def test_a_reader_who_leaves_ends_the_work(client: httpx2.Client, path: str, form: dict[str, str], count: int):
    answer = follow_when_free(client, path, form)
    read(answer.iter_lines(), both_have(count))
    answer.close()
    follow_when_free(client, STREAM, {"scenario": "missing"}).read()


def test_who_watches_already_is_refused_and_told_the_mend(client: httpx2.Client):
    answer = follow_when_free(client, STREAM, ENDLESS)
    read(answer.iter_lines(), both_have(1))
    refused = client.post(STREAM, data=ENDLESS, headers=HTMX)
    page = client.post("/topics/streaming/try", data={"scenario": "valid"}, headers=HTMX)
    answer.close()
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert "Nothing was sent" in refused.text
    assert page.status_code == 200  # a live answer holds no demo that others ask


def test_messages_of_a_reader_reach_both_sockets(client: httpx2.Client):
    lines = (answer := follow_when_free(client, SOCKET, ROOM | {"body": "2"})).iter_lines()
    told = read(lines, both_have(1))
    base = f"/topics/websockets/live/{told[0]['token']}"
    assert client.post(f"{base}/messages", data={"message": "40"}).status_code == 204
    told += read(lines, lambda new: all(pieces(new, side) for side in SIDES))
    assert client.post(f"{base}/messages", data={"message": "x" * 70_000}).status_code == 422
    assert client.post(f"{base}/messages", data={"message": "close"}).status_code == 204
    told += read(lines)
    assert answer.status_code == 200
    for side in SIDES:
        assert pieces(told, side) == ["ada has 2", "ada has 42", "close 4000 bye ada"]
        assert pieces(told, side, sent=True) == ["2", "40", "close"]
    for what in ("messages", "stop"):
        assert client.post(f"{base}/{what}", data={"message": "1"}).status_code == 404


def test_a_message_before_the_sockets_are_open_reaches_both(content: Path):
    topic = next(topic for topic in load_content(content).topics if topic.slug == "websockets")
    scenario = topic.scenario("valid")
    assert scenario

    async def talk() -> list[Arrival]:
        demos = Demos(Limits())
        reader = demos.live(topic, scenario.request, topic.default_variants)
        reader.send("40")  # no demo is imported yet
        reader.send("close")
        told = [event async for event in reader.events() if isinstance(event, Arrival)]
        demos.close()
        return told

    told = asyncio.run(talk())
    for side in SIDES:
        sent = [event.text for event in told if event.variant == side and event.sent]
        assert sent == [*scenario.request.messages, "40", "close"]
        assert [event.text for event in told if event.variant == side][-1] == "close 4000 bye ada"


@pytest.mark.parametrize(
    ("path", "form", "words"),
    [
        (STREAM, ENDLESS, "The answer was still arriving after 0.6 s."),
        (SOCKET, ROOM | {"body": "1"}, "Nothing was sent for 0.6 s, so the connection was closed."),
        (SOCKET, ROOM | {"body": "\n".join("1" * 12)}, "It was stopped after 8 pieces: more are not shown."),
    ],
)
def test_what_does_not_end_is_ended_and_explained(short: Site, path: str, form: dict[str, str], words: str):
    told = [json.loads(line) for line in short.post(path, data=form).text.splitlines()]
    assert explained(told).count(words) == 2
    assert {e["variant"] for e in told if e["event"] == "end"} == set(SIDES)


@pytest.mark.parametrize("leave", ["9", "-1", "two"])
def test_a_number_of_pieces_that_makes_no_sense_is_refused_at_its_field(short: Site, leave: str):
    refused = short.post(STREAM, data=ENDLESS | {"leave": leave}, headers=HTMX)
    assert refused.status_code == 422
    assert 'data-field="leave"' in refused.text
    page = short.post("/topics/streaming/try", data=ENDLESS | {"leave": leave})
    assert f'name="leave" value="{leave}"' in page.text


def test_without_script_the_page_shows_the_whole_exchange(short: Site):
    page = html.unescape(short.post("/topics/websockets/try", data={"scenario": "return"}).text)
    stories = [story.partition("</ol>")[0] for story in page.split('class="log"')[1:]]
    assert ["close 1000" in story for story in stories] == [True, False]
    assert ["close 1006" in story for story in stories] == [False, True]
    assert all("ada has 2" in story for story in stories)


def test_the_api_opens_a_socket_as_a_request(short: Site):
    call = {"request": {**ROOM, "body": "2\n3"}}
    exchanges = short.post("/api/topics/websockets/try", json=call).json()["exchanges"]
    assert [(e["response"]["status"], e["response"]["body"]) for e in exchanges] == [
        (101, "ada has 2\nada has 5\n")
    ] * 2


def test_a_topic_without_sockets_opens_none(short: Site):
    refused = short.post("/topics/hello-world/try", data=ROOM, headers=HTMX)
    assert refused.status_code == 422
    assert 'data-field="method"' in refused.text


MISTAKES = {
    "not live": ("streaming", "live = true\n", "", "opens a socket or leaves early, and the topic is not live."),
    "leaves before it came": ("streaming", "leave = 2", "leave = -2", "`leave` of scenario 'gone' is -2."),
    "does not break off": ("streaming", '\nbroken = "ZeroDivisionError"', "", "It raised ZeroDivisionError"),
    "breaks off otherwise": ("streaming", "ZeroDivisionError", "KeyError", "does not break off with 'KeyError'."),
    "a body": ("websockets", 'messages = ["2", "3"]', 'body = "2"', "has a body or a message of several lines."),
    "another message": ("websockets", "ada has 2\\nada has 5", "ada has 2\\nada has 6", "the body is 'ada has 2"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_check_sees_a_live_answer_that_is_not_as_declared(tmp_path: Path, mistake: str):
    slug, old, new, message = MISTAKES[mistake]
    content = Path(shutil.copytree(ROOT / "content", tmp_path / "content", ignore=shutil.ignore_patterns("topics")))
    topic = Path(shutil.copytree(ROOT / "content" / "topics" / slug, content / "topics" / slug))
    text = (topic / "topic.toml").read_text()
    assert old in text
    (topic / "topic.toml").write_text(text.replace(old, new, 1))
    done = CliRunner().invoke(app, ["check", slug, "--content", str(content)])
    assert done.exit_code == 1
    assert message in done.output


def transcript(port: int, scenario: Scenario) -> tuple[int, str]:
    """Open a socket to a real server, send a scenario's messages and return what a client sees."""
    try:
        client = Client(f"ws://127.0.0.1:{port}{scenario.request.target}")
    except Unconnected as error:
        return int(re.search(r"\d{3}", str(error))[0]), ""
    lines: list[str] = []
    try:
        for message in scenario.request.messages:
            client.send(message)
        while (line := client.receive(timeout=20)) is not None:
            lines.append(line)
    except ConnectionClosed as gone:
        # 1005: no close frame came; 1002: gunicorn wrote an HTTP page into the socket. A browser says 1006 to both.
        code = 1006 if gone.reason in (1002, 1005) else gone.reason
        words = "no closing handshake" if code == 1006 else gone.message or ""
        lines.append(f"close {code} {words}".rstrip())
    finally:
        client.sock.close()
    return 101, "".join(f"{line}\n" for line in lines)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the client leaves its socket open
@pytest.mark.parametrize("side", SIDES)
def test_a_demo_alone_says_the_same_over_a_real_socket(short: Site, tmp_path: Path, side: str):
    topic = short.state.live.current.topics["websockets"]
    with native(topic.variant(side), tmp_path / "log") as port:
        for name in ("missing", "wrong-type", "close", "return", "malformed"):
            call = {"scenario": name, "variants": [side]}
            (exchange,) = short.post("/api/topics/websockets/try", json=call).json()["exchanges"]
            shown = exchange["response"]
            body = shown["body"] if shown["status"] == 101 else ""
            assert transcript(port, topic.scenario(name)) == (shown["status"], body), name


def threads(server: Server) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"Threads:\s+(\d+)", status)[1])


def test_visitors_who_watch_leave_pages_quick_and_no_thread(serving: Serving, content: Path):
    """A small version of benchmarks/live_visitors.py: as many as the limits allow are served, nothing is left."""
    with ExitStack() as stack:
        limits = {"live_concurrency": 6, "live_per_address": 8, "live_timeout": 60}
        server = stack.enter_context(serving(content=content, try_rate=0, **limits))
        client = stack.enter_context(httpx2.Client(base_url=server.url, timeout=60))
        client.get("/topics/hello-world")
        before = threads(server)
        visitors = [
            client.send(client.build_request("POST", path, data=form, headers=HTMX), stream=True)
            for path, form in [(STREAM, ENDLESS), (SOCKET, ROOM)] * 5
        ]
        assert sorted(answer.status_code for answer in visitors) == [200] * 6 + [503] * 4
        times = []
        for _ in range(20):
            start = time.monotonic()
            assert client.get("/topics/hello-world").status_code == 200
            times.append(time.monotonic() - start)
        assert sorted(times)[10] < 0.5
        for answer in visitors:
            answer.close()
        own = 4 + (os.cpu_count() or 1)  # threads of the event loop's pool, which it keeps
        deadline = time.monotonic() + 30
        while threads(server) > before + own and time.monotonic() < deadline:
            time.sleep(0.1)
        assert threads(server) <= before + own

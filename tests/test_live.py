"""Requests that are followed while they happen, work after the answer, and the tests that a page runs."""

from __future__ import annotations

import html
import json
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sites import ROOT, Server, Serving, Site, site_with
from typer.testing import CliRunner, Result

from explorer.cli import app
from explorer.demos import following, ready
from explorer.demos import testing as runner
from explorer.evidence import TRIES

BACKGROUND, TESTED = "background-tasks", "testing"
HTMX = {"HX-Request": "true"}
START, PDF, MAIL = "endpoint: starts the tasks", "task: a pdf file", "task: mail sent"

LEFT = """
import time
from threading import Thread
from urllib.parse import unquote

log: list[str] = []


def work(name: str) -> None:
    count = {"many": 1000}.get(name, 1)
    time.sleep({"long": 1.5, "many": 0}.get(name, 0.3))
    log.extend(f"work {name}" for _ in range(count))


def app(environ, start_response):
    name = environ["PATH_INFO"].strip("/")
    log.append(f"view {name}")
    if name == "thread-error":
        Thread(target=lambda: work(1 // 0)).start()
    elif name != "none":
        Thread(target=work, args=(name,), daemon=True).start()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]
"""
RIGHT = """
import asyncio

log: list[str] = []


async def app(scope, receive, send):
    name = scope["path"].strip("/")
    log.append(f"view {name}")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"ok"})
    if name == "none":
        return
    await asyncio.sleep({"long": 1.5, "many": 0}.get(name, 0.3))
    log.extend(f"work {name}" for _ in range({"many": 1000}.get(name, 1)))
"""
FAILING = """
from pathlib import Path

from app import app


def test_good() -> None:
    assert app


def test_bad() -> None:
    raise ValueError(f"\\x1b[31m{Path(__file__).resolve()} {{}}")
"""


ENDS = [
    ("import time\ntime.sleep(60)\n", "had not ended after 1 s and were stopped."),
    ("def test() -> None:\n    raise ValueError('y' * 200_000)\n", "Only the first 64 KiB of the output are shown."),
    ("import os\nos._exit(7)\n", "pytest ended with status 7 before all tests had a result."),
    ("x = bytearray(4 << 30)\n", "MemoryError"),
    ("import os\nassert not [n for n in os.environ if n.startswith('EXPLORER')]\n", "status 5"),
]
"""Files of tests, and what the page says about them."""


@pytest.fixture(scope="module")
def working_content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Content with one topic whose demos work after their answer and whose tests can be run."""
    content = tmp_path_factory.mktemp("working") / "content"
    shutil.copytree(
        ROOT / "tests" / "hostile", content, ignore=shutil.ignore_patterns("lawless", "keeping", "stateful")
    )
    topic = content / "topics" / "calm"
    (topic / "left" / "app.py").write_text(LEFT)
    (topic / "right" / "app.py").write_text(RIGHT)
    for side in ("left", "right"):
        (topic / side / "test_app.py").write_text(FAILING.replace("{{}}", side))
    text = (topic / "topic.toml").read_text().replace("[idioms]", 'log = "log"\ntests = "test_app.py"\n\n[idioms]')
    (topic / "topic.toml").write_text(text.replace("json = '{\"calm\": true}'", 'body = "ok"'))
    shutil.rmtree(content / "topics" / "hostile")
    for number, (source, _) in enumerate(ENDS):
        copy = Path(shutil.copytree(topic, content / "topics" / f"ends-{number}"))
        for side in ("left", "right"):
            (copy / side / "test_app.py").write_text(source)
    return content


@pytest.fixture(scope="module")
def working(working_content: Path) -> Iterator[Site]:
    with site_with(content=working_content) as client:
        yield client


@pytest.fixture(scope="module")
def working_server(serving: Serving, working_content: Path) -> Iterator[Server]:
    with serving(content=working_content) as server:
        yield server


def events(answer: httpx2.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def story(told: list[dict[str, Any]], variant: str) -> list[str]:
    """What was told of one variant, in order, each line with its side of the answer."""
    words = []
    for event in told:
        if event.get("variant") == variant:
            when = {True: "after", False: "before"}.get(event.get("after"), event["event"])
            words.append(f"{when}: {event.get('text', '')}".removesuffix(": "))
    return words


def follow(site: Site | httpx2.Client, path: str, slug: str = "calm") -> httpx2.Response:
    return site.post(f"/topics/{slug}/follow", data={"path": path})


def follow_background(site: Site, form: dict[str, object], wanted: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Follow a request until each variant's story is as wanted; on a busy machine an answer may take a task's time."""
    for _ in range(TRIES):
        told = events(site.post(f"/topics/{BACKGROUND}/follow", data=form))
        if all(story(told, variant) == lines for variant, lines in wanted.items()):
            break
    assert {variant: story(told, variant) for variant in wanted} == wanted
    return told


def test_a_request_is_told_in_order_and_ends(site: Site):
    first = [f"before: {START}", "answer: 500 Internal Server Error"]
    wanted = {"flask": [*first, f"after: {PDF}", f"after: {MAIL}", "end"], "fastapi": [*first, "end"]}
    told = follow_background(site, {"scenario": "crash"}, wanted)
    kinds = [event["event"] for event in told]
    assert kinds.count("answers") == 1
    assert kinds.index("answers") < kinds.index("end")
    assert 'data-variant="flask"' in told[kinds.index("answers")]["html"]


def test_the_variants_and_the_request_of_the_form_are_those_that_are_followed(site: Site):
    form = {"method": "POST", "path": "/upload/report.pdf", "variants": ["flask+close", "fastapi+function"]}
    first, answer = f"before: {START}", "answer: 200 OK"
    closed = [first, answer, f"after: {PDF}", f"after: {MAIL}", "end"]
    function = [first, "before: dependency: file closed", answer, "end"]
    follow_background(site, form, {"flask+close": closed, "fastapi+function": function})


def test_without_script_the_page_shows_what_was_written_once_all_has_ended(site: Site):
    page = site.post(f"/topics/{BACKGROUND}/try", data={"scenario": "no-suffix"}).text
    logs = page.split('class="log"')[1:]
    assert [MAIL in log.partition("</ol>")[0] for log in logs] == [True, False]
    rows = html.unescape(logs[0].partition("</ol>")[0])
    assert rows.index("before the answer") < rows.index("200 OK") < rows.index("after the answer")


@pytest.mark.parametrize("slug", [TESTED, "nothing"])
def test_a_topic_without_a_log_is_not_followed(site: Site, slug: str):
    assert site.post(f"/topics/{slug}/follow", data={"path": "/"}).status_code == 404


def test_what_cannot_be_sent_is_refused_beside_its_field(site: Site):
    answer = site.post(f"/topics/{BACKGROUND}/follow", data={"path": "//elsewhere"}, headers=HTMX)
    assert answer.status_code == 422
    assert 'data-field="path"' in answer.text


def test_work_after_an_answer_never_touches_the_next_visitor(working: Site):
    for name in ("one", "two"):
        told = events(follow(working, f"/{name}"))
        for variant in ("left", "right"):
            lines = [f"before: view {name}", "answer: 200 OK", f"after: work {name}", "end"]
            assert story(told, variant) == lines


def test_a_reader_who_leaves_leaves_no_work_for_the_next(working_server: Server):
    with httpx2.Client(base_url=working_server.url, timeout=20) as client:
        with client.stream("POST", "/topics/calm/follow", data={"path": "/gone"}) as answer:
            assert json.loads(next(answer.iter_lines()))["text"] == "view gone"
        told = events(follow(client, "/next"))
    for variant in ("left", "right"):
        assert story(told, variant) == ["before: view next", "answer: 200 OK", "after: work next", "end"]


def test_no_more_calls_are_followed_than_allowed(working_server: Server):
    most = 8  # of two variants each
    with httpx2.Client(base_url=working_server.url, timeout=30) as client:
        readers = [client.stream("POST", "/topics/calm/follow", data={"path": "/long"}) for _ in range(most)]
        for reader in readers:
            reader.__enter__()
        refused = client.post("/topics/calm/follow", data={"path": "/none"}, headers=HTMX)
        for reader in readers:
            reader.__exit__(None, None, None)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert "Nothing was sent" in refused.text


def test_a_log_is_told_up_to_its_limit(working: Site):
    told = events(follow(working, "/many"))
    for variant in ("left", "right"):
        assert len([e for e in told if e["event"] == "line" and e["variant"] == variant]) == following.LINES


def test_work_that_does_not_end_keeps_the_demo_to_itself(working: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ready, "AFTER_SECONDS", 0.1)
    told = events(follow(working, "/long", "ends-0"))
    assert {e["variant"]: e["late"] for e in told if e["event"] == "end"} == {"left": True, "right": True}
    told = events(follow(working, "/none", "ends-0"))
    assert story(told, "left") == [
        "answer: Work of an earlier request has not ended at this demo. Try again soon.",
        "end",
    ]  # a thread cannot be ended
    assert story(told, "right") == ["before: view none", "answer: 200 OK", "end"]


def test_what_a_demos_thread_raises_is_no_fault_of_the_site(working: Site, capfd: pytest.CaptureFixture[str]):
    assert story(events(follow(working, "/thread-error")), "left") == [
        "before: view thread-error",
        "answer: 200 OK",
        "end",
    ]
    assert "ZeroDivisionError" not in capfd.readouterr().err


WRONG = {
    "a line that is not written": (f'"{MAIL}"]', f'"{MAIL}", "more"]', "the log is "),
    "a line too few": (f', "{MAIL}"]', "]", "the log is "),
    "another place of the answer": (f'"{START}", "---"', f'"---", "{START}"', "the log is "),
    "no list of that name": ('log = "log"', 'log = "lines"', "there is no list called 'lines'."),
    "no name of a list": ('log = "log"', 'log = "the log"', "`log` is 'the log'."),
    "lines without a log": ('log = "log"', "", "expects a log, and the topic has none."),
}


@pytest.mark.parametrize(("late", "as_declared"), [(2, True), (99, False)])
def test_lines_that_changed_places_are_asked_for_again(
    working_content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: int, as_declared: bool
):
    monkeypatch.setattr("explorer.evidence.REST", 0)
    topic = tmp_path / "content" / "topics" / "calm"
    shutil.copytree(working_content, tmp_path / "content", ignore=shutil.ignore_patterns("ends-*"))
    source = LEFT.replace("    elif name", f"    elif next(CALLS) < {late}:\n        work(name)\n    elif name")
    (topic / "left" / "app.py").write_text(f"from itertools import count\n\nCALLS = count()\n{source}")
    text = (topic / "topic.toml").read_text()
    lines = 'log = ["view calm", "---", "work calm"]'
    (topic / "topic.toml").write_text(text.replace('body = "ok"', f'body = "ok"\n{lines}'))
    with site_with(content=tmp_path / "content") as site:
        board = site.post("/topics/calm/run", headers=HTMX).text
    assert ("not as declared" not in board) is as_declared


def check(tmp_path: Path, slug: str, old: str, new: str) -> Result:
    """Check one topic alone, after a change to its topic.toml."""
    content = Path(shutil.copytree(ROOT / "content", tmp_path / "content", ignore=shutil.ignore_patterns("topics")))
    topic = Path(shutil.copytree(ROOT / "content" / "topics" / slug, content / "topics" / slug))
    text = (topic / "topic.toml").read_text()
    assert old in text
    (topic / "topic.toml").write_text(text.replace(old, new, 1))
    return CliRunner().invoke(app, ["check", slug, "--content", str(content)])


@pytest.mark.parametrize("mistake", WRONG)
def test_the_check_sees_a_log_that_is_not_as_declared(tmp_path: Path, mistake: str):
    old, new, message = WRONG[mistake]
    done = check(tmp_path, BACKGROUND, old, new)
    assert done.exit_code == 1
    assert message in done.output


@pytest.mark.parametrize(("slug", "number"), [(TESTED, 5), ("testing-async", 3)])
def test_the_shown_tests_of_both_sides_pass(site: Site, slug: str, number: int):
    answer = site.post(f"/topics/{slug}/tests", headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.count(f'<span class="status" data-class="2">{number} passed</span>') == 2
    assert "<html" not in answer.text


def test_without_script_the_whole_page_comes_with_the_output(site: Site):
    page = site.post(f"/topics/{TESTED}/tests").text
    assert "<html" in page
    assert page.count("5 passed</code></pre>") == 2


def test_a_test_that_fails_is_told_without_paths_colours_and_durations(working: Site):
    text = html.unescape(working.post("/topics/calm/tests", headers=HTMX).text)
    assert text.count('data-class="4">1 failed, 1 passed<') == 2
    assert "ValueError: test_app.py left" in text
    assert "test_app.py::test_bad" in text
    for secret in (tempfile.gettempdir() + "/", sys.prefix, str(Path.home()), "\x1b"):
        assert secret not in text
    assert " in 0." not in text


@pytest.mark.parametrize("number", range(len(ENDS)))
def test_tests_that_do_what_they_must_not_end_in_words(monkeypatch: pytest.MonkeyPatch, working: Site, number: int):
    source, message = ENDS[number]
    monkeypatch.setenv("EXPLORER_SECRET", "1")
    if "sleep" in source:
        monkeypatch.setattr(runner, "SECONDS", 1.0)
    assert message in html.unescape(working.post(f"/topics/ends-{number}/tests", headers=HTMX).text)


def test_a_server_without_a_folder_to_write_to_says_so(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nowhere")
    text = site.post(f"/topics/{TESTED}/tests", headers=HTMX).text
    assert text.count("This server has no folder in which tests could run") == 2


@pytest.mark.parametrize(("readers", "status", "wait"), [({"127.0.0.1"}, 429, "5"), ({"one", "two"}, 503, "2")])
def test_runs_are_counted(site: Site, readers: set[str], status: int, wait: str):
    site.state.tests._readers |= readers
    try:
        answer = site.post(f"/topics/{TESTED}/tests", headers=HTMX)
        page = site.post(f"/topics/{TESTED}/tests")
    finally:
        site.state.tests._readers.clear()
    for refused in (answer, page):
        assert (refused.status_code, refused.headers["retry-after"]) == (status, wait)
        assert "Nothing was started" in refused.text
    assert site.post(f"/topics/{TESTED}/tests", headers=HTMX).status_code == 200


def test_a_reader_runs_tests_once_at_a_time(site: Site):
    statuses: list[int] = []
    send = lambda: statuses.append(site.post(f"/topics/{TESTED}/tests", headers=HTMX).status_code)  # noqa: E731
    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 429, 429]


def test_a_topic_without_tests_runs_none(site: Site):
    assert site.post(f"/topics/{BACKGROUND}/tests").status_code == 404


@pytest.mark.parametrize("name", ["../test_app.py", "test_other.py", "app.py"])
def test_the_check_sees_tests_that_are_not_there(tmp_path: Path, name: str):
    done = check(tmp_path, TESTED, 'tests = "test_app.py"', f'tests = "{name}"')
    assert done.exit_code == 1
    assert "`tests`" in done.output

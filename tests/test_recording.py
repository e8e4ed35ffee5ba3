"""`explorer record` with real servers, the file it writes, and the page that shows what the file says."""

from __future__ import annotations

import json
import re
import shutil
import socket
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from sites import ROOT, SLUGS, Run, Site, invoke

from explorer.content import load_content
from explorer.content.recordings import timeline_text
from explorer.timeline import Timeline

TOPIC_TOML = """
section = "async"
position = 1
takeaway = "Words."

[[recordings]]
id = "one"
title = "One worker"
variant = "flask"
path = "/wait"
server = "gunicorn --workers 1 --bind 127.0.0.1:{port} app:app"
requests = 4

[[recordings]]
id = "loop"
title = "One loop"
variant = "fastapi"
path = "/wait"
query = "ms=50"
server = "uvicorn --port {port} app:app"
requests = 5

[[scenarios]]
id = "valid"
kind = "valid"
title = "Valid"
why = "The same from both."
path = "/wait"
query = "ms=50"
expect = { flask = { status = 200, body = "waited" }, fastapi = { status = 200, json = '"waited"' } }
"""
FLASK = """
import time
from flask import Flask

app = Flask(__name__)


@app.get("/wait")
def wait() -> str:
    time.sleep(0.05)
    return "waited"
"""
FASTAPI = """
import asyncio
from fastapi import FastAPI

app = FastAPI()


@app.get("/wait")
async def wait(ms: int) -> str:
    await asyncio.sleep(ms / 1000)
    return "waited"
"""
MakeSite = Callable[..., Site]


def write_topic(root: Path) -> Path:
    """Write content with one topic that declares two recordings, and return the topic's folder."""
    topic = root / "topics" / "waits"
    for side, source in (("flask", FLASK), ("fastapi", FASTAPI)):
        (topic / side).mkdir(parents=True)
        (topic / side / "app.py").write_text(source)
    for name in ("sides.toml", "sections.toml", "home.toml"):
        shutil.copy(ROOT / "content" / name, root / name)
    (topic / "topic.toml").write_text(TOPIC_TOML)
    (topic / "topic.md").write_text("# Waits\n\nA summary.\n")
    return topic


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, explorer: Run) -> tuple[Path, str]:
    """A topic that was recorded for real, and what the command line said."""
    topic = write_topic(tmp_path_factory.mktemp("record") / "content")
    run = explorer("record", "waits", "--runs", "3", "--content", topic.parent.parent)
    assert (run.returncode, run.stderr) == (0, "")
    return topic, run.stdout


@pytest.fixture
def topic(recorded: tuple[Path, str], tmp_path: Path) -> Path:
    """A copy of the recorded topic, to be broken."""
    shutil.copytree(recorded[0].parent.parent, tmp_path / "content")
    return tmp_path / "content" / "topics" / "waits"


def read(topic: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((topic / "timeline.json").read_text())
    return found


def complaints(topic: Path) -> list[str]:
    """What `explorer check` says about the recordings of a topic."""
    lines = invoke("check", "waits", "--content", topic.parent.parent).stderr.splitlines()
    return [line for line in lines if line.startswith("content/topics/waits/timeline.json:1: ")]


def test_the_file_says_what_was_sent_and_answered(recorded: tuple[Path, str]):
    found = read(recorded[0])
    assert list(found) == ["date", "recorder", "method", "machine", "versions", "recordings"]
    assert date.fromisoformat(found["date"])
    assert found["recorder"] == "explorer record waits --runs 3"
    assert re.fullmatch(r"Linux \S+, \S+, \d+ cores", found["machine"])
    packages = ("flask", "fastapi", "gunicorn", "uvicorn")
    assert {name: found["versions"][name] for name in packages} == {name: version(name) for name in packages}
    one, loop = found["recordings"]
    assert (one["id"], one["variant"], one["target"], len(one["flights"])) == ("one", "flask", "/wait", 4)
    assert (loop["id"], loop["variant"], loop["target"], len(loop["flights"])) == ("loop", "fastapi", "/wait?ms=50", 5)
    assert re.fullmatch(r"gunicorn --workers 1 --bind 127\.0\.0\.1:\d{4,5} app:app", one["command"])
    assert re.fullmatch(r"uvicorn --port \d{4,5} app:app", loop["command"])


def test_the_times_are_those_of_the_servers(recorded: tuple[Path, str]):
    one, loop = read(recorded[0])["recordings"]
    times = sorted(flight["answered"] for flight in one["flights"])
    assert all(answered >= 50 * number - 1 for number, answered in enumerate(times, 1))  # one after the other
    assert all(flight["answered"] - flight["sent"] >= 49 for flight in loop["flights"])
    for recording in (one, loop):
        assert min(flight["sent"] for flight in recording["flights"]) == 0


def test_of_all_runs_the_median_is_kept(recorded: tuple[Path, str]):
    for recording, line in zip(read(recorded[0])["recordings"], recorded[1].splitlines(), strict=True):
        durations = recording["durations"]
        assert len(durations) == 3
        assert durations[recording["shown"] - 1] == sorted(durations)[1]
        assert max(flight["answered"] for flight in recording["flights"]) == sorted(durations)[1]
        count, listed = len(recording["flights"]), ", ".join(f"{duration:g}" for duration in durations)
        told = f"{recording['id']:24} {count} requests in {sorted(durations)[1]:g} ms, median of {listed}"
        assert line == told


def test_no_server_is_left(recorded: tuple[Path, str]):
    for recording in read(recorded[0])["recordings"]:
        port = int(re.findall(r"\d{4,5}", recording["command"])[-1])
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 5):
            pass


def test_the_file_does_not_name_the_machine(recorded: tuple[Path, str]):
    text = (recorded[0] / "timeline.json").read_text()
    assert str(ROOT) not in text
    assert str(recorded[0]) not in text
    assert socket.gethostname() not in text


def test_what_was_recorded_passes_the_check(topic: Path):
    assert complaints(topic) == []


def test_a_recording_that_was_changed_since_is_a_complaint(topic: Path):
    file = topic / "topic.toml"
    file.write_text(file.read_text().replace("--workers 1", "--workers 2"))
    message = "recording 'one' was not recorded as topic.toml declares it. Mend: run `explorer record waits`."
    assert complaints(topic) == [f"content/topics/waits/timeline.json:1: {message}"]


def test_a_recording_that_is_no_longer_declared_is_a_complaint(topic: Path):
    file = topic / "topic.toml"
    file.write_text(re.sub(r'\[\[recordings\]\]\nid = "loop".*?\n\n', "", file.read_text(), flags=re.S))
    message = "recording 'loop' is not declared in topic.toml. Mend: run `explorer record waits`."
    assert complaints(topic) == [f"content/topics/waits/timeline.json:1: {message}"]


def test_what_is_not_recorded_is_a_complaint(topic: Path):
    (topic / "timeline.json").unlink()
    assert [line.split("'")[1] for line in complaints(topic)] == ["one", "loop"]


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a text for a number": (
        lambda found: found["recordings"][0]["flights"][1].update(answered="1"),
        "recordings.0.flights.1.answered: Input should be a valid number",
    ),
    "no field": (lambda found: found.pop("machine"), "machine: Field required"),
    "another field": (
        lambda found: found["recordings"][1].update(note="x"),
        "recordings.1.note: Unexpected keyword argument",
    ),
    "answered before sent": (
        lambda found: found["recordings"][1]["flights"][2].update(sent=5000.0),
        "recordings.1.flights.2: sent at 5000.0 ms and answered at",
    ),
    "not a number": (
        lambda found: found["recordings"][1]["flights"][2].update(sent=float("nan")),
        "recordings.1.flights.2: sent at nan ms and answered at",
    ),
    "a better run": (
        lambda found: [flight.update(answered=flight["sent"] + 0.1) for flight in found["recordings"][0]["flights"]],
        "recordings.0.flights: the last answer is at",
    ),
    "another run": (
        lambda found: found["recordings"][0].update(shown=7),
        "recordings.0.shown: 7 is not the run of median duration",
    ),
    "no request": (
        lambda found: found["recordings"][0].update(flights=[]),
        "recordings.0.flights: there is no request",
    ),
    "a later start": (
        lambda found: [flight.update(sent=0.5) for flight in found["recordings"][0]["flights"]],
        "recordings.0.flights: no request was sent at 0 ms",
    ),
    "no run": (lambda found: found["recordings"][0].update(durations=[]), "recordings.0.durations: there is no run"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_no_recorder_writes_is_refused_with_its_field(topic: Path, name: str):
    found = read(topic)
    change, message = BROKEN[name]
    change(found)
    (topic / "timeline.json").write_text(json.dumps(found))
    (line,) = complaints(topic)
    assert line.startswith(f"content/topics/waits/timeline.json:1: {message}")
    assert line.endswith("Mend: it is not edited by hand: remove it and run `explorer record waits`.")


def test_a_file_that_is_no_json_is_refused(topic: Path):
    (topic / "timeline.json").write_text("{")
    (line,) = complaints(topic)
    assert line.startswith("content/topics/waits/timeline.json:1: the file: Invalid JSON")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('id = "loop"', 'id = "one"', "recording 'one' occurs twice."),
        ('variant = "flask"', 'variant = "other"', "recording 'one' is of 'other', which is no variant."),
        ("{port}", "8000", "`server` of recording 'one' has no place for the port."),
        ("requests = 4", "requests = 0", "`requests` of recording 'one' is 0."),
        ('"One worker"', f'"{"x" * 29}"', "the title of recording 'one' is empty or too long."),
        ('path = "/wait"', 'path = "wait"', "the path of recording 'one' is not sent."),
        ("requests = 4", "request = 4", "recording 'one' has an unknown field `request`."),
    ],
)
def test_a_declaration_that_cannot_be_recorded_is_refused(topic: Path, old: str, new: str, message: str):
    file = topic / "topic.toml"
    file.write_text(file.read_text().replace(old, new, 1))
    run = invoke("record", "waits", "--content", topic.parent.parent)
    assert run.returncode == 1
    assert message in run.stderr
    assert run.stderr.startswith("content/topics/waits/topic.toml:")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('path = "/wait"', 'path = "/nope"', "GET /nope was answered with 'HTTP/1.1 404 NOT FOUND'"),
        ('"gunicorn ', '"no-such-server ', "no-such-server cannot be started: No such file or directory. Install it."),
        (" app:app", " nothing:app", "No module named 'nothing'"),
    ],
)
def test_a_server_that_cannot_be_recorded_leaves_the_file_alone(topic: Path, old: str, new: str, message: str):
    before = (topic / "timeline.json").read_bytes()
    file = topic / "topic.toml"
    file.write_text(file.read_text().replace(old, new, 1))
    run = invoke("record", "waits", "--runs", "1", "--content", topic.parent.parent)
    assert run.returncode == 1
    assert message in run.stderr
    assert "Traceback (most recent call last)" not in run.stderr.partition("The server wrote")[0]
    assert (topic / "timeline.json").read_bytes() == before


def test_a_topic_without_recordings_is_refused(topic: Path):
    file = topic / "topic.toml"
    file.write_text(re.sub(r"\[\[recordings\]\].*?\n\n", "", file.read_text(), flags=re.S))
    run = invoke("record", "waits", "--content", topic.parent.parent)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("The topic waits declares no [[recordings]] in ")
    run = invoke("record", "others", "--content", topic.parent.parent)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("The topic others does not exist in ")


def drawn(html: str) -> dict[str, list[tuple[float, float]]]:
    """The lanes of each figure: where each starts and how long it is, in percent of the scale."""
    figures = re.findall(r'<figure class="track">(.*?)</figure>', html, re.S)
    lanes = re.compile(r'<rect class="lane" x="([\d.]+)%" y="\d+" width="([\d.]+)%"')
    titles = [re.search(r'aria-label="(\d+ requests? to \S+): ', figure) for figure in figures]
    return {
        f"{number} {title[1]}": [(float(x), float(width)) for x, width in lanes.findall(figure)]
        for number, (title, figure) in enumerate(zip(titles, figures, strict=True))
        if title
    }


def shown(html: str) -> list[list[str]]:
    """The rows of the table of all times, as text."""
    table = re.search(r'<table class="nums">(.*?)</table>', html, re.S)
    assert table
    rows = re.findall(r"<tr>(.*?)</tr>", table[1], re.S)
    return [[re.sub(r"<.*?>", "", cell) for cell in re.findall(r"<t[dh].*?>(.*?)</t[dh]>", row, re.S)] for row in rows]


def expected_rows(recordings: list[dict[str, Any]]) -> list[list[str]]:
    most = max(len(recording["flights"]) for recording in recordings)
    rows = [["Path", *(f"GET {recording['target']}" for recording in recordings)]]
    for number in range(most):
        flights = [r["flights"][number] if number < len(r["flights"]) else None for r in recordings]
        rows.append([str(number + 1), *(f"{f['sent']:,.1f} to {f['answered']:,.1f}" if f else "" for f in flights)])
    return rows


def test_the_page_shows_what_the_file_says(make_site: MakeSite, topic: Path):
    found = read(topic)
    found["recordings"][1]["flights"][3] |= {"sent": 1234.5, "answered": 2345.6}
    found["recordings"][1]["durations"] = [1.0, 9999.9, 2345.6]
    found["recordings"][1]["shown"] = 3
    found["machine"] = "Some <machine>"
    (topic / "timeline.json").write_text(json.dumps(found))
    html = make_site(content=topic.parent.parent).get("/topics/waits").text
    rows = shown(html)
    assert rows[1:-1] == expected_rows(found["recordings"])
    assert rows[-1][2] == "1.0, 9,999.9, 2,345.6 (shown)"
    assert "Some &lt;machine&gt;" in html
    lanes = drawn(html)
    assert list(lanes) == ["0 4 requests to /wait", "1 5 requests to /wait?ms=50"]
    assert lanes["1 5 requests to /wait?ms=50"][3] == (49.38, 44.44)  # of 2,500 ms
    assert [len(bars) for bars in lanes.values()] == [4, 5]
    last = max(flight["answered"] for flight in found["recordings"][0]["flights"])
    assert f"<b>{last:,.1f} ms</b>" in html
    assert "<b>2,345.6 ms</b>" in html


def test_a_recording_that_was_changed_since_is_not_shown(make_site: MakeSite, topic: Path):
    file = topic / "topic.toml"
    file.write_text(file.read_text().replace("requests = 4", "requests = 3"))
    html = make_site(content=topic.parent.parent).get("/topics/waits").text
    assert list(drawn(html)) == ["0 5 requests to /wait?ms=50"]
    assert "gunicorn" not in re.search(r'<pre class="code plain".*?</pre>', html, re.S)[0]


def test_a_topic_that_is_not_recorded_has_no_such_section(make_site: MakeSite, topic: Path):
    (topic / "timeline.json").unlink()
    html = make_site(content=topic.parent.parent).get("/topics/waits").text
    assert 'id="recorded"' not in html
    assert "#recorded" not in html
    assert "timeline.css" not in html


RECORDED = [slug for slug in SLUGS if (ROOT / "content" / "topics" / slug / "timeline.json").is_file()]


@pytest.fixture(scope="module")
def shipped() -> dict[str, Timeline]:
    """What is recorded of the shipped topics."""
    return {topic.slug: topic.timeline for topic in load_content(ROOT / "content").topics if topic.timeline}


def test_some_topic_is_recorded():
    assert RECORDED


@pytest.mark.parametrize("slug", RECORDED)
def test_a_shipped_recording_is_as_the_recorder_wrote_it(shipped: dict[str, Timeline], slug: str):
    text = (ROOT / "content" / "topics" / slug / "timeline.json").read_text()
    assert timeline_text(shipped[slug]) == text


@pytest.mark.parametrize("slug", RECORDED)
def test_a_shipped_recording_fits_what_is_declared(shipped: dict[str, Timeline], slug: str):
    topic = next(t for t in load_content(ROOT / "content").topics if t.slug == slug)
    assert [recorded.id for _, recorded in shipped[slug].of(topic.recordings)] == [r.id for r in topic.recordings]
    assert len(shipped[slug].recordings) == len(topic.recordings)
    assert all(len(recorded.durations) >= 5 for recorded in shipped[slug].recordings)


@pytest.mark.parametrize("slug", RECORDED)
def test_a_shipped_recording_is_on_its_page(site: Site, slug: str):
    html = site.get(f"/topics/{slug}").text
    found = json.loads((ROOT / "content" / "topics" / slug / "timeline.json").read_text())
    sides = list(dict.fromkeys(r["variant"].partition("+")[0] for r in found["recordings"]))
    ordered = [r for side in sides for r in found["recordings"] if r["variant"].partition("+")[0] == side]
    assert shown(html)[1:-1] == expected_rows(ordered)
    assert all(f"{recording['command']}\n" in html for recording in ordered)
    assert '<li><a href="#recorded">Recorded</a></li>' in html
    section = re.search(r'<section class="block" id="recorded".*?</section>', html, re.S)
    assert section
    assert "style=" not in section[0]

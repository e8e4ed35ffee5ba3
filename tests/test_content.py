"""What the site makes of content that is incomplete, broken or different: sides are data, a fault costs its topic."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from sites import Site

TOPIC = "query-parameters"
MakeSite = Callable[..., Site]


def titles(site: Site, path: str) -> list[str]:
    return re.findall(r'aria-label="Answer of ([^"]+)"', site.get(path).text)


@pytest.fixture
def content(content: Path) -> Path:
    """Three topics: each site that is started runs all there are."""
    for path in (content / "topics").iterdir():
        if path.name not in (TOPIC, "hello-world", "url-parameters"):
            shutil.rmtree(path)
    for name in ("shims.toml", "matrix.toml", "errata.toml", "checklist.toml"):
        (content / name).unlink(missing_ok=True)
    return content


@pytest.fixture
def topic(content: Path) -> Path:
    return content / "topics" / TOPIC


def test_a_topic_that_cannot_be_read_is_left_out_and_told(make_site: MakeSite, content: Path, topic: Path):
    (topic / "topic.toml").write_text("[[[")
    site = make_site(content=content)
    assert site.get(f"/topics/{TOPIC}").status_code == 404
    assert site.get("/topics/hello-world").status_code == 200
    assert titles(site, "/") == ["Flask", "FastAPI"]
    report = site.get("/readyz").json()
    assert (report["ready"], report["degraded"], len(report["content"])) == (True, True, 1)
    assert report["content"][0].startswith(f"content/topics/{TOPIC}/topic.toml:1: not valid TOML")
    assert len(site.get("/api/topics").json()["topics"]) == report["topics"]


@pytest.mark.parametrize("name", ["topic.md", "flask/notes.md", "flask/app.py"])
def test_a_file_in_another_encoding_costs_its_topic(make_site: MakeSite, content: Path, topic: Path, name: str):
    (topic / name).write_bytes(b"# caf\xe9\n")
    site = make_site(content=content)
    assert site.get(f"/topics/{TOPIC}").status_code == 404
    assert "the file is not UTF-8" in site.get("/readyz").json()["content"][0]


def test_a_front_page_that_names_no_scenario_shows_others(make_site: MakeSite, content: Path):
    home = content / "home.toml"
    home.write_text(re.sub(r"scenarios = \[.+\]", 'scenarios = ["no"]', home.read_text()))
    assert titles(make_site(content=content), "/") == ["Flask", "FastAPI"]


def test_a_missing_side_says_so(make_site: MakeSite, content: Path, topic: Path):
    shutil.rmtree(topic / "fastapi")
    site = make_site(content=content)
    page = site.get(f"/topics/{TOPIC}")
    assert page.status_code == 200
    assert "No direct equivalent" in page.text
    answer = site.post(f"/topics/{TOPIC}/try", data={"path": "/employees"})
    assert (answer.status_code, re.findall(r'aria-label="Answer of ([^"]+)"', answer.text)) == (200, ["Flask"])


def test_a_topic_without_demos_is_words(make_site: MakeSite, content: Path, topic: Path):
    shutil.rmtree(topic / "fastapi")
    shutil.rmtree(topic / "flask")
    site = make_site(content=content)
    page = site.get(f"/topics/{TOPIC}")
    assert page.status_code == 200
    assert page.text.count("No direct equivalent") >= 2
    assert titles(site, "/") == ["Flask", "FastAPI"]
    assert site.post(f"/topics/{TOPIC}/try", data={"path": "/"}).status_code == 422
    assert site.post(f"/topics/{TOPIC}/run").status_code == 200
    assert site.post(f"/api/topics/{TOPIC}/try", json={"request": {}}).json() == {"exchanges": []}


def test_a_topic_without_scenarios_has_a_form_all_the_same(make_site: MakeSite, content: Path, topic: Path):
    table = topic / "topic.toml"
    table.write_text(table.read_text().partition("[[scenarios]]")[0])
    site = make_site(content=content)
    assert titles(site, f"/topics/{TOPIC}") == []
    answer = site.post(f"/topics/{TOPIC}/try", data={"path": "/employees", "query": "department=a"})
    assert re.findall(r'aria-label="Answer of ([^"]+)"', answer.text) == ["Flask", "FastAPI"]


def test_a_third_side_is_a_row_and_a_folder(make_site: MakeSite, content: Path, topic: Path):
    with (content / "sides.toml").open("a") as sides:
        sides.write(
            '\n[[sides]]\nid = "third"\ntitle = "Third"\nabbreviation = "Th"\ninterface = "asgi"\n'
            'package = "starlette"\ndocumentation = "https://starlette.dev/"\n'
        )
    shutil.copytree(topic / "fastapi", topic / "third")
    site = make_site(content=content)
    assert [side["id"] for side in site.get("/api/topics").json()["sides"]] == ["flask", "fastapi", "third"]
    call = site.post(f"/api/topics/{TOPIC}/try", json={"scenario": "missing"}).json()
    assert [exchange["side"] for exchange in call["exchanges"]] == ["flask", "fastapi", "third"]
    assert titles(site, f"/topics/{TOPIC}") == ["Flask", "FastAPI", "Third"]
    assert "No direct equivalent" in site.get("/topics/hello-world").text
    assert site.get(f"/demos/{TOPIC}/third/employees?department=a").json() == {"department": "a", "limit": 10}


def test_a_further_variant_is_a_folder_and_a_title(make_site: MakeSite, content: Path, topic: Path):
    shutil.copytree(topic / "flask", topic / "flask+other")
    table = topic / "topic.toml"
    table.write_text(table.read_text().replace("[idioms]", '[variants."flask+other"]\ntitle = "Other"\n\n[idioms]', 1))
    site = make_site(content=content)
    demos = site.get(f"/api/topics/{TOPIC}").json()["demos"]
    assert [(demo["id"], demo["title"]) for demo in demos][:2] == [("flask", "Flask"), ("flask+other", "Other")]
    plain = site.post(f"/api/topics/{TOPIC}/try", json={"scenario": "valid"}).json()["exchanges"]
    assert [exchange["variant"] for exchange in plain] == ["flask", "fastapi"]
    asked = {"scenario": "valid", "variants": ["flask+other"]}
    (exchange,) = site.post(f"/api/topics/{TOPIC}/try", json=asked).json()["exchanges"]
    assert (exchange["side"], exchange["response"]["status"]) == ("flask", 200)
    for address in (f"/demos/{TOPIC}/flask+other/employees", f"/demos/{TOPIC}/flask%2Bother/employees"):
        assert site.get(address, params={"department": "a"}).json() == {"department": "a", "limit": 10}


def test_a_demo_gets_its_own_modules_where_another_of_the_same_name_is_loaded(
    make_site: MakeSite, content: Path, topic: Path, monkeypatch: pytest.MonkeyPatch
):
    foreign = ModuleType("words")
    monkeypatch.setitem(sys.modules, "words", foreign)
    (topic / "flask" / "words.py").write_text('NAME = "ours"\n')
    app = topic / "flask" / "app.py"
    app.write_text(
        f"from words import NAME\n{app.read_text()}\n\n@app.get('/name')\ndef name() -> str:\n    return NAME\n"
    )
    site = make_site(content=content)
    assert site.get(f"/demos/{TOPIC}/flask/name").text == "ours"
    assert sys.modules["words"] is foreign

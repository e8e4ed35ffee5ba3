"""What the demos answered is kept for the next start, and only as long as nothing changed that could change it."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sites import ROOT, SLUGS, Site
from typer.testing import CliRunner

from explorer import cli, fingerprints, results
from explorer.content import KnownTopics, load_content
from explorer.demos import Demos
from explorer.evidence import ScenarioRun
from explorer.kept import Shelf
from explorer.topics import Topic
from explorer.whole_files import keep_whole

MakeSite = Callable[..., Site]


def test_what_cannot_be_kept_leaves_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / "kept" / "in the way").mkdir(parents=True)
    assert keep_whole(tmp_path / "kept", b"whole", "results") is False
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert caplog.messages == [f"results cannot be kept in {tmp_path}: Is a directory"]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The topics whose scenarios were run, by any start of this test."""
    slugs: list[str] = []
    run_topic = results.run_topic

    async def noting(demos: Demos, topic: Topic) -> tuple[ScenarioRun, ...]:
        slugs.append(topic.slug)
        return await run_topic(demos, topic)

    monkeypatch.setattr(results, "run_topic", noting)
    return slugs


def pages(site: Site) -> dict[str, str]:
    return {path: site.get(path).text for path in ("/", "/topics/hello-world", "/claims", "/differences")}


def test_a_second_start_runs_nothing_and_shows_the_same(
    make_site: MakeSite, calm: Path, ran: list[str], tmp_path: Path
):
    first = pages(make_site(content=calm, cache=tmp_path / "answers"))
    assert ran == ["hello-world"]
    assert pages(make_site(content=calm, cache=tmp_path / "answers")) == first
    assert ran == ["hello-world"]


def test_it_does_not_matter_where_the_files_lie(make_site: MakeSite, calm: Path, ran: list[str], tmp_path: Path):
    make_site(content=calm, cache=tmp_path / "answers")
    make_site(content=shutil.copytree(calm, tmp_path / "elsewhere"), cache=tmp_path / "answers")
    assert ran == ["hello-world"]


@pytest.mark.parametrize("name", ["flask/app.py", "checks.py", "topic.toml"])
def test_a_changed_file_is_run_again(make_site: MakeSite, calm: Path, ran: list[str], tmp_path: Path, name: str):
    make_site(content=calm, cache=tmp_path / "answers")
    with (calm / "topics" / "hello-world" / name).open("a") as file:
        file.write("# a comment\n")
    make_site(content=calm, cache=tmp_path / "answers")
    assert ran == ["hello-world", "hello-world"]


def test_another_version_of_a_package_is_run_again(
    make_site: MakeSite, calm: Path, ran: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    make_site(content=calm, cache=tmp_path / "answers")
    (tmp_path / "flask-99.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("explorer.kept.versions", fingerprints.versions.__wrapped__)
    make_site(content=calm, cache=tmp_path / "answers")
    assert ran == ["hello-world", "hello-world"]


def test_what_check_keeps_is_found_by_a_start(make_site: MakeSite, calm: Path, ran: list[str], tmp_path: Path):
    shipped = tmp_path / "shipped"
    done = CliRunner().invoke(cli.app, ["check", "--content", str(calm), "--keep", str(shipped), "hello-world"])
    assert done.exit_code == 0, done.output
    assert ran == ["hello-world"]
    topic = load_content(calm).topics[0]
    assert Shelf(None, shipped).summary(topic) is not None
    assert Shelf(tmp_path / "nothing", shipped).find(topic) is not None
    assert make_site(content=calm, cache=shipped).get("/topics/hello-world").status_code == 200
    assert ran == ["hello-world"]


def test_a_topic_is_the_same_when_it_was_read_before(tmp_path: Path):
    read = load_content(ROOT / "content", KnownTopics(tmp_path))
    assert {file.stem for file in tmp_path.iterdir()} == set(SLUGS)
    assert load_content(ROOT / "content", KnownTopics(tmp_path)) == read


def test_topics_that_are_known_are_not_read_again(calm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    known = KnownTopics(tmp_path / "topics")
    read = load_content(calm, known)
    monkeypatch.setattr("explorer.content.load_topic", None)
    assert load_content(calm, known) == read
    with (calm / "topics" / "hello-world" / "flask" / "app.py").open("a") as file:
        file.write("# a comment\n")
    with pytest.raises(TypeError):
        load_content(calm, known)


def test_what_is_not_as_declared_is_not_kept(make_site: MakeSite, calm: Path, ran: list[str], tmp_path: Path):
    app = calm / "topics" / "hello-world" / "flask" / "app.py"
    app.write_text(app.read_text().replace("Hello", "Goodbye"))
    for _ in range(2):
        claims = make_site(content=calm, cache=tmp_path / "answers").get("/claims").text
        assert 'data-holds="no"' in claims
    assert ran == ["hello-world", "hello-world"]


def test_half_a_file_is_as_good_as_none(make_site: MakeSite, calm: Path, ran: list[str], tmp_path: Path):
    first = pages(make_site(content=calm, cache=tmp_path / "answers"))
    [file] = (tmp_path / "answers").glob("*.json")
    file.write_bytes(file.read_bytes()[:1000])
    [file] = (tmp_path / "answers" / "topics").iterdir()
    file.write_bytes(file.read_bytes()[:1000])
    assert pages(make_site(content=calm, cache=tmp_path / "answers")) == first
    assert ran == ["hello-world", "hello-world"]


def test_a_folder_that_cannot_be_made_costs_time_only(
    make_site: MakeSite, calm: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "file").touch()
    with caplog.at_level(logging.WARNING, "explorer"):
        site = make_site(content=calm, cache=tmp_path / "file" / "answers")
    assert site.get("/topics/hello-world").status_code == 200
    assert "results cannot be kept" in caplog.text


def test_few_files_are_kept_of_a_topic(make_site: MakeSite, calm: Path, tmp_path: Path):
    for number in range(5):
        (calm / "topics" / "hello-world" / "another.txt").write_text(str(number))
        make_site(content=calm, cache=tmp_path / "answers")
    assert len(list((tmp_path / "answers").glob("*.json"))) == 3

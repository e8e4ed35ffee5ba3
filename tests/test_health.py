"""/readyz: each thing that can be wrong is named with its mend, until it is mended. /healthz asks nothing."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from admins import FEW, desk_of, few_topics, in_database
from sites import Site, site_with

from explorer import revisions
from explorer.database import Database
from explorer.disk import folder_problem
from explorer.web import health

MENDS = {
    "database": "Pages are served meanwhile. Check EXPLORER_DATABASE_URL, the folder EXPLORER_DATA and the database.",
    "disk": "Make room there, or name a folder on a local disk that can be written to in EXPLORER_DATA.",
}


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return few_topics(tmp_path_factory.mktemp("few"))


@pytest.fixture(scope="module")
def site(content: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_with(content=content, data=tmp_path_factory.mktemp("data")) as site:
        yield site


@pytest.fixture(autouse=True)
def a_look_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "KEPT", 0)


def problems(site: Site) -> list[dict[str, str]]:
    report = site.get("/readyz").json()
    assert report["degraded"] is bool(report["problems"])
    assert set(report["parts"]) == {problem["part"] for problem in report["problems"]}
    found: list[dict[str, str]] = report["problems"]
    return found


@contextmanager
def small_disk(folder: Path, size: str, *options: str) -> Iterator[None]:
    """A disk of its own at a folder; skips where it cannot be mounted."""
    command = ["mount", "-t", "tmpfs", "-o", ",".join((f"size={size}", *options)), "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_nothing_is_wrong(site: Site):
    assert problems(site) == []


def test_health_asks_nothing(site: Site, monkeypatch: pytest.MonkeyPatch):
    def away() -> Any:
        raise AssertionError("it asked")

    monkeypatch.setattr(site.state, "database_problem", away)
    monkeypatch.setattr("explorer.web.health.folder_problem", away)
    assert (site.get("/healthz").status_code, site.get("/healthz").text) == (200, "ok\n")


def from_elsewhere(site: Site, calls: int) -> list[httpx2.Response]:
    """What visitors of the site get who ask for /readyz at the same time."""

    async def ask() -> list[httpx2.Response]:
        clients = httpx2.ASGITransport(site.app, client=("203.0.113.9", 50000))
        async with httpx2.AsyncClient(transport=clients, base_url="http://testserver") as client:
            return await asyncio.gather(*(client.get("/readyz") for _ in range(calls)))

    assert site.portal
    return site.portal.call(ask)


def test_visitors_share_one_look_and_are_told_which_part_only(site: Site, monkeypatch: pytest.MonkeyPatch):
    looks: list[str] = []

    async def away() -> str:
        looks.append("database")
        await asyncio.sleep(0.05)
        return "The folder /srv/secret cannot be used."

    def full(folder: Path) -> str:
        looks.append("disk")
        return f"{folder} is full."

    monkeypatch.setattr(site.state, "database_problem", away)
    monkeypatch.setattr(health, "folder_problem", full)
    told = {"ready": True, "degraded": True, "parts": ["database", "disk"]}
    assert [answer.json() for answer in from_elsewhere(site, 20)] == [told] * 20
    assert looks == ["database", "disk"]
    assert next(problem["what"] for problem in problems(site)) == "The folder /srv/secret cannot be used."
    monkeypatch.setattr(health, "KEPT", 60)
    from_elsewhere(site, 20)
    assert looks == ["database", "disk"] * 2


def test_a_newer_schema_is_named(site: Site):
    file = desk_of(site).database.file
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        (schema,) = other.execute("SELECT version_num FROM alembic_version").fetchone()
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        what = f"The database has schema 9999, newer than {schema} of this program: run the newer Explorer."
        assert problems(site) == [{"part": "database", "what": what, "mend": MENDS["database"]}]
        other.execute("UPDATE alembic_version SET version_num = ?", (schema,))
    assert problems(site) == []


def test_a_loop_that_stood_still_is_named(site: Site):
    site.state.lag.take(0.9)
    assert problems(site) == []
    site.state.lag.take(2.34)
    (problem,) = problems(site)
    assert problem["part"] == "event loop"
    assert problem["what"] == "The event loop stood still for 2.3 seconds within the last minute."
    assert "EXPLORER_WORKERS" in problem["mend"]
    site.state.lag._long.clear()
    assert problems(site) == []


def test_published_words_that_cannot_be_shown_are_named(site: Site):
    publisher = desk_of(site).publisher
    words = publisher.wordings[FEW[0]]

    async def save(database: Database, section: str, based_on: int) -> None:
        await revisions.save(
            *(database, FEW[0], replace(words, section=section)),
            author="ada",
            why="Why not.",
            based_on=based_on,
            state="published",
            shipped=words,
        )

    in_database(site, lambda database: save(database, "cellar", 0))
    assert site.portal
    site.portal.call(publisher.refresh)
    (problem,) = problems(site)
    assert problem["part"] == "words"
    assert problem["what"].startswith(f"What was published of {FEW[0]} cannot be shown, the shipped words are: ")
    assert "section 'cellar' does not exist" in problem["what"]
    in_database(site, lambda database: save(database, words.section, 1))
    site.portal.call(publisher.refresh)
    assert problems(site) == []


def test_files_that_are_missing_or_wrong_are_named(content: Path, tmp_path: Path):
    broken = Path(shutil.copytree(content, tmp_path / "content"))
    (broken / "topics" / FEW[0] / "topic.toml").write_text("[[[")
    (broken / "topics" / FEW[1] / "flask" / "app.py").write_text("import nowhere\n")
    with site_with(content=broken, metrics_port=65535, metrics_host="192.0.2.1") as site:
        site.state.assets = replace(site.state.assets, missing=("vendor/htmx/htmx.min.js",))
        found = {problem["part"]: problem for problem in problems(site)}
    assert list(found) == ["content", "demo", "static files", "metrics"]
    assert found["content"]["what"].startswith(f"content/topics/{FEW[0]}/topic.toml:1: not valid TOML")
    assert found["demo"]["what"].startswith(f"{FEW[1]}/flask does not run: app.py")
    assert found["demo"]["mend"] == f"Correct the demo until `explorer check {FEW[1]}` passes, and start again."
    assert found["static files"]["what"] == "static/vendor/htmx/htmx.min.js is missing."
    assert found["metrics"]["what"] == "No port is free for the metrics."
    assert all(problem["mend"] for problem in found.values())


def test_a_disk_that_is_full_small_or_read_only_is_named(tmp_path: Path):
    folder = tmp_path / "data"
    folder.mkdir()
    with small_disk(folder, "1m"):
        assert folder_problem(folder) == f"The disk of the folder {folder} has 1 MiB left."
        with (folder / "filler").open("wb") as filler, pytest.raises(OSError, match="No space"):
            filler.write(b"\0" * 2 * 1024 * 1024)
        assert folder_problem(folder) == f"The folder {folder} cannot be written to: its disk is full."
    with small_disk(folder, "80m", "ro"):
        assert folder_problem(folder) == f"The folder {folder} cannot be written to: it is read-only."
    with small_disk(folder, "80m"):
        assert folder_problem(folder) is None


def test_a_folder_that_is_none_is_named_and_one_that_is_not_there_is_not(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    assert (
        folder_problem(tmp_path / "file") == f"The folder {tmp_path / 'file'} cannot be written to: it is not a folder."
    )
    assert folder_problem(tmp_path / "nowhere") is None


def test_a_full_disk_shows_in_readyz(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("explorer.web.health.folder_problem", lambda folder: f"{folder.name} is full.")
    what = f"{site.state.settings.data.name} is full."
    assert problems(site) == [{"part": "disk", "what": what, "mend": MENDS["disk"]}]

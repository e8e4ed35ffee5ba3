"""The dashboard tells what needs work and what changed last, and nothing when there is nothing."""

from __future__ import annotations

import asyncio
import html
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from admins import FEW, add_editor, admin_with, few_topics, person, sign_in, visitor
from sites import Site
from sqlalchemy import update

from explorer import revisions
from explorer.database import Database
from explorer.migrations import upgrade
from explorer.models import Revision
from explorer.wording import Wording

BROKEN, FAILING, HALF, SOUND = "http-methods", "hello-world", "middleware", "url-parameters"
UNREADABLE = "templates"
OLD = datetime.now(UTC) - timedelta(days=8)
MEND = "Mend: start with # Title , an empty line and one paragraph."
NO_MODULE = "ModuleNotFoundError: No module named 'no_module_of_this_name'"
MADE = Wording("# Made here\n\nA summary.\n", "", "start", 900)


def text(fragment: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", fragment)).split())


def groups(page: str) -> dict[str, list[tuple[str, str, str]]]:
    """By the title of a group, its items: title, address, detail. A mark before the title: readers see it."""
    found = {}
    for part in re.findall(r'<section class="work".*?</section>', page, re.S):
        title = re.search(r"<h3[^>]*>(.*?) <span", part, re.S)
        assert title
        items = re.findall(r"<li>(.*?)<span class=\"muted\">(.*?)</span></li>", part, re.S)
        rows = [
            (text(name), (re.search(r'href="([^"]+)"', name) or ["", ""])[1], text(detail)) for name, detail in items
        ]
        found[("! " if "data-urgent" in part else "") + title[1]] = rows
    return found


def changes(page: str) -> list[str]:
    part = re.search(r'<ol class="changes">(.*?)</ol>', page, re.S)
    assert part
    return [re.sub(r" [\d-]+ [\d:]+$", "", text(row)) for row in re.findall(r"<li>(.*?)</li>", part[1], re.S)]


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site where everything that a dashboard tells is the case, once."""
    folder = tmp_path_factory.mktemp("troubled")
    content = few_topics(folder, (BROKEN, FAILING, HALF, SOUND, UNREADABLE))
    topics = content / "topics"
    (topics / BROKEN / "flask" / "app.py").write_text("import no_module_of_this_name\n")
    table = topics / FAILING / "topic.toml"
    table.write_text(table.read_text().replace('Content-Length = "13"', 'Content-Length = "14"', 1))
    leave_out_a_side(topics / HALF)
    (topics / UNREADABLE / "topic.md").write_text("No heading.\n")
    (folder / "data").mkdir()
    asyncio.run(fill(f"sqlite+aiosqlite:///{folder / 'data' / 'explorer.db'}"))
    with admin_with(folder, content=content) as site:
        add_editor(site, "ada", "owner")
        yield site


def leave_out_a_side(topic: Path) -> None:
    """Remove a side's demo and what topic.toml says of it."""
    shutil.rmtree(topic / "fastapi")
    table = re.sub(r"\[scenarios\.expect\.fastapi\]\n(?:.+\n)*", "", (topic / "topic.toml").read_text())
    (topic / "topic.toml").write_text(re.sub(r"^fastapi = .*\n", "", table, flags=re.M))


async def fill(address: str) -> None:
    database = Database(address)
    await upgrade(database)

    async def save(topic: str, words: Wording, state: str, shipped: Wording | None) -> None:
        await revisions.save(
            database, topic, words, author="grace", why=f"Why {topic}", based_on=0, state=state, shipped=shipped
        )

    await save(SOUND, MADE, "published", replace(MADE, takeaway="What was shipped then."))
    await save("made-here", MADE, "published", None)
    await save("nobody-s", replace(MADE, text="No heading."), "published", None)
    await save("forgotten", MADE, "draft", None)
    await save("recent", MADE, "draft", None)
    async with database.writing() as session:
        await session.execute(update(Revision).where(Revision.topic == "forgotten").values(saved_at=OLD))
        recent = OLD + timedelta(days=2)
        await session.execute(update(Revision).where(Revision.topic == "recent").values(saved_at=recent))
    await database.close()


def test_each_kind_of_work_is_told_with_the_place_where_it_is_done(troubled: Site):
    page = sign_in(visitor(troubled), "ada").get("/admin/").text
    assert groups(page) == {
        "! Topics that cannot be read from the files": [
            ("content/topics/templates/topic.md:1", "", f"title or summary is missing. {MEND}")
        ],
        "! Demos that do not run": [("http-methods, flask", "", f"app.py fails to import: {NO_MODULE}")],
        "! Scenarios and checks that fail": [
            (
                "Hello World, scenario string",
                "/topics/hello-world#scenario-string",
                "flask: the header Content-Length is '13', declared is '14'.",
            )
        ],
        "Topics without a side": [
            ("Made here", "/admin/topics/made-here", "There is no demo for Flask and FastAPI."),
            ("Middleware", "/admin/topics/middleware", "There is no demo for FastAPI."),
        ],
        "! Published words that this version cannot show": [
            (
                "nobody-s",
                "/admin/topics/nobody-s",
                f"content/topics/nobody-s/topic.md:1: title or summary is missing. {MEND}",
            )
        ],
        "Shipped texts that changed": [
            ("url-parameters", "/admin/topics/url-parameters/upgrade", "The shipped text changed after the edit.")
        ],
        "Drafts older than a week": [("forgotten", "/admin/topics/forgotten", f"grace, {OLD:%Y-%m-%d}: Why forgotten")],
    }


def test_where_the_work_is_done_there_is_a_page(troubled: Site):
    owner = sign_in(visitor(troubled), "ada")
    addresses = {url.partition("#")[0] for items in groups(owner.get("/admin/").text).values() for _, url, _ in items}
    assert {url: owner.get(url).status_code for url in addresses if url} == dict.fromkeys(addresses - {""}, 200)


def test_the_last_changes_are_told_and_signing_in_is_none(troubled: Site):
    owner = sign_in(visitor(troubled), "ada")
    told = ["test add editor ada", "grace save draft recent", "grace save draft forgotten"]
    told += [f"grace publish {slug}" for slug in ("nobody-s", "made-here", SOUND)]
    assert changes(owner.get("/admin/").text) == told


def test_drafts_are_listed_the_newest_first(troubled: Site):
    page = sign_in(visitor(troubled), "ada").get("/admin/").text
    assert re.findall(r'<th scope="row"><a href="(/admin/topics/[^"]+)">', page) == [
        "/admin/topics/recent",
        "/admin/topics/forgotten",
    ]


def test_a_whole_site_needs_no_work(tmp_path: Path):
    with admin_with(tmp_path, content=few_topics(tmp_path, FEW)) as site:
        page = person(site, "ada", "editor").get("/admin/").text
        assert groups(page) == {}
        assert "Nothing. Every scenario is answered as declared" in page
        assert changes(page) == ["test add editor ada"]

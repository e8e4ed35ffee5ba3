"""History, comparison, upgrades and shared drafts in a browser: the stories from the list of versions to the page."""

from __future__ import annotations

import asyncio
import re
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("playwright")
from admins import PASSWORD
from histories import QUOTE, ship, words
from looking import COLOURS, focus, height, look_over, top, until, violations, wider
from playwright.sync_api import Page, expect
from sites import Run, Server, Serving

from explorer import editors, revisions
from explorer.database import Database
from explorer.migrations import upgrade

if TYPE_CHECKING:
    from conftest import Opening

SLUGS = ["front", "restored", "shared", "exported", "upgraded", "looked-at", "plain"]
WIDTHS = [390, 1440]
PAGES = {
    "history": "/admin/topics/looked-at/history",
    "compare": "/admin/topics/looked-at/compare",
    "restore": "/admin/topics/looked-at/restore?of=1",
    "archive": "/admin/topics/looked-at/archive",
    "upgrade": "/admin/topics/upgraded/upgrade",
    "settled": "/admin/topics/front/upgrade",
    "missing": "/admin/topics/front/restore?of=7",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with content under git, and a database with two editors and some history."""
    folder = tmp_path_factory.mktemp("history")
    ship(folder / "content", SLUGS)
    (folder / "data").mkdir()
    git(folder, "init", "-q")
    git(folder, "add", "content")
    git(folder, "commit", "-qm", "As shipped")
    thread = threading.Thread(target=lambda: asyncio.run(fill(f"sqlite+aiosqlite:///{folder}/data/explorer.db")))
    thread.start()
    thread.join()
    return folder


async def fill(address: str) -> None:
    database = Database(address)
    await upgrade(database)
    for name in ("ada", "grace"):
        await editors.add(database, name, "publisher", by="test", password=PASSWORD)
    for slug, first in (("restored", "The first way."), ("looked-at", "A takeaway."), ("plain", "A takeaway.")):
        unquoted = words(slug).text.replace(f"```python left\n{QUOTE}\n```\n", "")
        versions = (
            (
                replace(words(slug), takeaway=first, text=words(slug).text if slug == "restored" else unquoted),
                "published",
            ),
            (replace(words(slug), takeaway="The second way."), "published"),
            (replace(words(slug), text=words(slug).text.replace("Second sentence", "Another sentence")), "draft"),
        )
        for before, (wording, state) in enumerate(versions):
            how = {"author": "ada", "why": f"Version {before + 1} of it.", "based_on": before, "state": state}
            await revisions.save(database, slug, wording, shipped=words(slug), **how)  # type: ignore[arg-type]
    edited = replace(words("upgraded"), text=words("upgraded").text.replace("First sentence", "Our sentence"))
    how = {"author": "ada", "why": "Ours.", "based_on": 0}
    await revisions.save(database, "upgraded", edited, state="published", shipped=words("upgraded"), **how)  # type: ignore[arg-type]
    await database.close()


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def admin(serving: Serving, folder: Path) -> Iterator[Server]:
    """The server before another deployment."""
    with serving(content=folder / "content", data=folder / "data") as server:
        yield server


@pytest.fixture(scope="module")
def deployed(serving: Serving, folder: Path) -> Iterator[Server]:
    """The server after a deployment whose files have other words for one topic."""
    file = folder / "content" / "topics" / "upgraded" / "topic.md"
    file.write_text(file.read_text().replace("Third sentence.", "Third sentence, as shipped now."))
    with serving(content=folder / "content", data=folder / "data") as server:
        yield server


def signed_in(opening: Opening, server: Server, to: str = "/admin/account", **options: object) -> Page:
    page = opening("status of 404", base_url=server.url, **{"viewport": {"width": 1280, "height": 900}} | options)
    page.goto(to)
    page.get_by_label("Name", exact=True).fill("grace")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on what has this name."""
    for _ in range(80):
        page.keyboard.press("Tab")
        named = "document.activeElement.ariaLabel ?? document.activeElement.textContent.trim()"
        if page.evaluate(named).startswith(name):
            assert focus(page) == ""
            return
    pytest.fail(f"Tab never comes to {name!r}")


def inside(page: Page, script: str) -> Any:
    """Look into the right frame from the page around it: no script runs in the frame itself."""
    return page.evaluate(
        f"() => {{ const root = document.querySelectorAll('iframe')[1].contentDocument.documentElement; "
        f"return {script}; }}"
    )


def done(page: Page, sentence: str) -> None:
    expect(page.get_by_role("status").filter(has_text=sentence)).to_be_visible()


def test_an_old_version_is_restored_by_keyboard(opening: Opening, admin: Server) -> None:
    reader = opening(base_url=admin.url)
    reader.goto("/topics/restored")
    expect(reader.locator(".takeaway")).to_have_text("In short. The second way.")
    page = signed_in(opening, admin, "/admin/topics/restored/history")
    expect(page.get_by_role("row").filter(has_text="live").filter(has_text="Version 2")).to_have_count(1)
    tab_to(page, "Publish again: number 1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Publish number 1 again: Restored")
    expect(page.locator("del").first).to_have_text("second")
    expect(page.locator("ins").first).to_have_text("first")
    tab_to(page, "Publish again")
    page.keyboard.press("Enter")
    done(page, "It is published again: readers see these words now.")
    expect(page.get_by_role("row").nth(1)).to_contain_text("live")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Back to number 1.")
    reader.reload()
    expect(reader.locator(".takeaway")).to_have_text("In short. The first way.")

    # off the site and back, also by keyboard
    tab_to(page, "Archive")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Archive Restored")
    page.get_by_label("Why").focus()
    page.keyboard.type("Not now.")
    page.keyboard.press("Enter")
    done(page, "It is archived")
    assert reader.request.get("/topics/restored").status == 404
    tab_to(page, "Bring back")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bring back: Restored")
    tab_to(page, "Bring it back")
    page.keyboard.press("Enter")
    done(page, "It is published again")
    reader.reload()
    expect(reader.locator(".takeaway")).to_have_text("In short. The first way.")


def test_two_versions_stand_beside_each_other(opening: Opening, admin: Server) -> None:
    page = signed_in(opening, admin, "/admin/topics", color_scheme="light")
    page.get_by_role("link", name="Compare with live: Looked at").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare: Looked at")
    expect(page.locator(".diff del").first).to_have_text("Second")
    left = page.frame_locator('iframe[title^="Left"]')
    right = page.frame_locator('iframe[title^="Right"]')
    expect(left.get_by_text("Second sentence.")).to_be_attached()
    expect(right.get_by_text("Another sentence.")).to_be_attached()
    frames = page.locator("iframe")
    assert top(frames.nth(0)) == top(frames.nth(1))

    # the frames wear the theme of the page, run nothing, and their links open in a tab of their own
    light = inside(page, "getComputedStyle(root).backgroundColor")
    page.get_by_role("button", name="Theme").click()
    page.get_by_role("button", name="Theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert inside(page, "getComputedStyle(root).backgroundColor") == dark != light
    with page.expect_popup() as popup:
        right.get_by_role("link", name="Two Routes").click()
    expect(popup.value).to_have_url(f"{admin.url}/")
    right.get_by_role("link", name="Try it").click()
    until(lambda: inside(page, "root.scrollTop") > 200)

    # any two others
    page.get_by_label("Left").select_option("1")
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile(r"compare\?left=1&right=3"))
    page.get_by_role("link", name="Swap").click()
    expect(page).to_have_url(re.compile(r"compare\?left=3&right=1"))
    page.get_by_role("link", name="History").click()
    page.get_by_label("Number 1 on the left").check()
    page.get_by_label("Number 2 on the right").check()
    page.get_by_role("button", name="Compare the two that are chosen").click()
    expect(page).to_have_url(re.compile(r"compare\?right=2&left=1$"))

    # on a phone one below the other
    page.set_viewport_size({"width": 390, "height": 844})
    assert top(frames.nth(1)) >= top(frames.nth(0)) + height(frames.nth(0))


def test_a_draft_is_shown_to_somebody_without_a_session(opening: Opening, admin: Server, axe: str) -> None:
    page = signed_in(opening, admin, "/admin/topics/shared")
    page.get_by_label("Takeaway").fill("Nobody has read this yet.")
    page.get_by_label("Why").fill("For a look.")
    page.get_by_role("button", name="Save draft").click()
    done(page, "The draft is saved.")
    page.get_by_role("link", name="History").click()
    page.get_by_label("Good for").select_option("1")
    page.get_by_role("button", name="Make a link").click()
    shown = page.get_by_label("Link", exact=True)
    expect(shown).to_have_value(re.compile(re.escape(admin.url) + r"/preview/[A-Za-z0-9_-]{43}"))
    assert violations(page, axe) == []
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()

    stranger = opening("status of 404", base_url=admin.url)
    stranger.goto(shown.input_value())
    expect(stranger.get_by_role("note")).to_contain_text(
        "This is a draft, not what readers see. Number 1, saved by grace"
    )
    expect(stranger.locator(".takeaway")).to_have_text("In short. Nobody has read this yet.")
    expect(stranger.get_by_role("button", name="Sign out")).to_have_count(0)
    assert wider(stranger) == []
    assert violations(stranger, axe) == []
    stranger.emulate_media(color_scheme="dark")
    assert violations(stranger, axe, COLOURS) == []
    assert stranger.context.cookies() == []

    # it is the real page: what can be tried can be tried
    stranger.locator("#request [name=path]").fill("/calm?by=a-stranger")
    stranger.get_by_role("button", name="Send to both apps").click()
    expect(stranger.locator("#answers [data-sent]")).to_contain_text("GET /calm?by=a-stranger")
    stranger.goto("/topics/shared")
    expect(stranger.get_by_text("Nobody has read this yet.")).to_have_count(0)

    link = shown.input_value()
    page.get_by_role("link", name="Done").click()
    page.get_by_role("button", name="End this link").click()
    done(page, "All links to drafts of this topic are over.")
    assert stranger.request.get(link).status == 404
    stranger.goto(link)
    expect(stranger.get_by_text("This link was ended, is too old")).to_be_visible()


def test_an_export_is_exactly_the_edit(opening: Opening, admin: Server, folder: Path, explorer: Run) -> None:
    page = signed_in(opening, admin, "/admin/topics/exported")
    text = page.get_by_label("Text", exact=True)
    text.fill(words("exported").text.replace("Second sentence.", "Second sentence, by Grace."))
    page.get_by_label("Why").fill("By me.")
    expect(page.locator(".verdict")).to_have_text(re.compile("Nothing is wrong"))
    page.get_by_role("button", name="Publish").click()
    done(page, "It is published: readers see it now.")

    git(folder, "checkout", "-q", "content")
    said = explorer("export", content=folder / "content", data=folder / "data")
    assert said.returncode == 0, said.stderr
    changed = git(folder, "diff", "--name-only").split()
    mine = git(folder, "diff", "--unified=0", "content/topics/exported").splitlines()
    assert [line for line in mine if line[0] in "+-" and line[:3] not in ("+++", "---")] == [
        "-Second sentence.",
        "+Second sentence, by Grace.",
    ]
    published = {"exported", "restored", "looked-at", "plain", "upgraded"}
    assert {path.split("/")[2] for path in changed} == published, "the files of what is live, and no others"
    git(folder, "checkout", "-q", "content")


def test_a_shipped_text_that_changed_is_merged(opening: Opening, deployed: Server) -> None:
    reader = opening(base_url=deployed.url)
    reader.goto("/topics/upgraded")
    expect(reader.get_by_text("Our sentence.")).to_be_visible()
    page = signed_in(opening, deployed, "/admin/")
    page.get_by_role("region", name="Shipped texts that changed").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Shipped text: Upgraded")
    files = page.get_by_role("region", name="What changed in the files")
    expect(files.locator("ins")).to_have_text(", as shipped now")
    expect(page.get_by_role("region", name="What was edited here").locator("ins")).to_have_text("Our")
    tab_to(page, "Decide")
    page.keyboard.press("Enter")
    text = page.get_by_role("textbox", name="Text", exact=True)
    expect(text).to_have_value(re.compile(r"Our sentence\.\n\nSecond sentence\.\n\nThird sentence, as shipped now\."))
    tab_to(page, "Publish what is merged")
    page.keyboard.press("Enter")
    done(page, "The merged words are published: readers see them now.")
    reader.reload()
    expect(reader.get_by_text("Our sentence.")).to_be_visible()
    expect(reader.get_by_text("Third sentence, as shipped now.")).to_be_visible()
    page.goto("/admin/")
    expect(page.get_by_text("Shipped texts that changed")).to_have_count(0)


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_and_is_accessible(opening: Opening, admin: Server, axe: str, width: int) -> None:
    page = signed_in(opening, admin, viewport={"width": width, "height": 844})
    for path in PAGES.values():
        page.goto(path)
        page.wait_for_load_state("networkidle")
        look_over(page, axe, width)


def test_without_script_everything_works(opening: Opening, admin: Server) -> None:
    page = signed_in(opening, admin, "/admin/topics/plain/history", java_script_enabled=False)
    page.get_by_role("link", name="Compare draft with live").click()
    expect(page.frame_locator('iframe[title^="Right"]').get_by_text("Another sentence.")).to_be_attached()
    page.get_by_role("link", name="Publish number 3").click()
    page.get_by_role("button", name="Publish").click()
    done(page, "It is published again")
    page.get_by_label("Draft", exact=True).select_option("3")
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("Link", exact=True).input_value()
    stranger = opening(base_url=admin.url, java_script_enabled=False)
    stranger.goto(link)
    expect(stranger.get_by_role("note")).to_contain_text("Something newer was saved since.")

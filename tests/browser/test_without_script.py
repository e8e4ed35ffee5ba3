"""The site with JavaScript off: it reads, switches, sends and searches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

pytest.importorskip("playwright")
from looking import height, top
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from conftest import Opening

TOPIC = "/topics/data-validation"
FILES = "/topics/templates"


@pytest.fixture
def plain(opening: Opening) -> Page:
    """A tab without script, as wide as a desktop."""
    return opening("status of 422", java_script_enabled=False, viewport={"width": 1280, "height": 900})


def choose(page: Page, group: str, name: str) -> None:
    page.get_by_role("radiogroup", name=group).get_by_text(name, exact=True).click()


@pytest.mark.parametrize("path", ["/", TOPIC, "/search", "/differences", "/claims", "/matrix", "/errata", "/checklist"])
def test_nothing_is_offered_that_needs_script(plain: Page, path: str) -> None:
    plain.goto(path)
    expect(plain.locator("h1")).to_be_visible()
    for name in (re.compile("^Copy"), re.compile("^Theme"), "Print"):
        expect(plain.get_by_role("button", name=name)).to_have_count(0)
    expect(plain.get_by_text("Single-key shortcuts")).to_be_hidden()
    expect(plain.get_by_text("Tried on this page")).to_be_hidden()
    expect(plain.get_by_text("Copy as curl")).to_be_hidden()


def test_a_topic_reads_from_top_to_bottom(plain: Page) -> None:
    plain.goto("/")
    plain.get_by_role("region", name="Topics", exact=True).get_by_role("link", name="Data validation").click()
    expect(plain.locator("h1")).to_have_text("Data validation")
    for side in ("Flask", "FastAPI"):
        expect(plain.get_by_role("group", name=f"{side}, app.py")).to_be_visible()
        expect(plain.get_by_role("group", name=f"Answer of {side}", exact=True)).to_be_visible()
    for heading in ("What differs", "Try it", "Gotchas"):
        expect(plain.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    following = plain.get_by_role("link", name=re.compile("^Next"))
    title = following.locator("b").inner_text()
    following.click()
    expect(plain.locator("h1")).to_have_text(title)


def test_layouts_and_files_are_switched(plain: Page) -> None:
    plain.goto(FILES)
    flask, fastapi = plain.locator('#code figure[data-side="1"]'), plain.locator('#code figure[data-side="2"]')
    assert top(flask) == top(fastapi)
    choose(plain, "Layout", "Stacked")
    assert top(fastapi) >= top(flask) + height(flask) - 1
    choose(plain, "Layout", "FastAPI")
    expect(flask).to_be_hidden()
    choose(plain, "FastAPI file", "templates/index.html")
    expect(plain.get_by_role("group", name="FastAPI, templates/index.html")).to_be_visible()
    expect(plain.get_by_role("group", name="FastAPI, app.py")).to_be_hidden()


def test_the_sides_of_a_phone_are_switched_and_the_drawer_opens(opening: Opening) -> None:
    phone = opening(java_script_enabled=False, viewport={"width": 390, "height": 844})
    phone.goto(TOPIC)
    expect(phone.get_by_role("group", name="FastAPI, app.py")).to_be_hidden()
    choose(phone, "Side", "FastAPI")
    expect(phone.get_by_role("group", name="FastAPI, app.py")).to_be_visible()
    expect(phone.get_by_role("group", name="Flask, app.py")).to_be_hidden()
    phone.get_by_role("button", name="Topics menu").click()
    phone.get_by_role("navigation", name="All topics").get_by_role("link", name=re.compile("^Templates")).click()
    expect(phone.locator("h1")).to_have_text("Templates")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_link_to_a_line_of_a_hidden_file_shows_it(opening: Opening, width: int) -> None:
    page = opening(java_script_enabled=False, viewport={"width": width, "height": 900})
    page.goto(FILES)
    page.locator('.refs a[href^="#fastapi-templates-index"]').first.click()
    expect(page.locator(":target")).to_be_visible()
    expect(page.locator(":target")).to_be_in_viewport()
    page.locator(":target").click(trial=True)  # nothing lies over it
    expect(page.locator('#code figure[data-side="2"] .pane-head')).to_be_visible()


def test_a_preset_is_sent_and_the_whole_page_comes_back(plain: Page) -> None:
    plain.goto(TOPIC)
    plain.get_by_role("button", name="A missing field").click()
    expect(plain.locator("h1")).to_have_text("Data validation")
    expect(plain.get_by_role("button", name="A missing field")).to_have_attribute("aria-current", "true")
    expect(plain.get_by_role("group", name="Answer of FastAPI", exact=True)).to_contain_text("Field required")
    expect(plain.locator("#answers [data-sent]")).to_have_text("POST /items")
    expect(plain.locator("#answers")).to_be_in_viewport()
    # the form holds what was sent, ready to be edited
    expect(plain.get_by_role("textbox", name="Body")).to_have_value('{"name": "bolt"}')
    # the raw view needs no script
    choose(plain, "FastAPI body", "Raw")
    expect(plain.get_by_role("group", name="FastAPI body, unchanged")).to_be_visible()


def test_a_preset_of_the_front_page_leads_to_its_topic(plain: Page) -> None:
    plain.goto("/")
    chip = plain.locator("[data-presets] .chip").last
    title = chip.inner_text()
    chip.click()
    expect(plain.get_by_role("textbox", name="Path")).to_be_visible()
    expect(plain.locator(".chip[aria-current]")).to_contain_text(title.split("\n")[-1])
    expect(plain.locator("#answers .pane")).to_have_count(2)


def test_a_request_is_edited_and_sent_again_and_again(plain: Page) -> None:
    plain.goto("/topics/query-parameters")
    for department in ("research", "it's <ü> &amp; more"):
        plain.get_by_role("textbox", name="Query").fill(f"department={department.replace('&', '%26')}")
        plain.get_by_role("button", name="Send to both apps").click()
        for side in ("Flask", "FastAPI"):
            raw = plain.get_by_role("group", name=f"Answer of {side}", exact=True).locator("pre.raw")
            expect(raw).to_contain_text(department.split()[0])
    # the form shows what was sent, encoded
    assert unquote(plain.get_by_role("textbox", name="Query").input_value()) == f"department={department}"


def test_a_problem_stands_beside_its_field_with_what_was_typed(plain: Page) -> None:
    plain.goto(TOPIC)  # its first request has headers and a body: both folds are open
    plain.get_by_role("textbox", name="Headers").fill("no colon here")
    plain.get_by_role("textbox", name="Body").fill("\n two lines\n")
    plain.get_by_role("textbox", name="Path").fill("/mine")
    plain.get_by_role("button", name="Send to both apps").click()
    headers = plain.get_by_role("textbox", name="Headers")
    expect(headers).to_be_visible()
    expect(headers).to_have_value("no colon here")
    expect(headers).to_have_attribute("aria-invalid", "true")
    expect(headers).to_have_accessible_description(re.compile("no colon"))
    expect(plain.locator("#problem-headers")).to_be_in_viewport()
    expect(plain.get_by_role("textbox", name="Path")).to_have_value("/mine")
    expect(plain.get_by_role("textbox", name="Body")).to_have_value("\n two lines\n")
    headers.fill("X-Fine: 1")
    plain.get_by_role("button", name="Send to both apps").click()
    expect(plain.locator("#answers [data-sent]")).to_contain_text("/mine")
    expect(plain.locator("#request [aria-invalid]")).to_have_count(0)


def test_search_and_the_filter_lead_to_the_search_page(plain: Page) -> None:
    plain.goto(TOPIC)
    plain.get_by_role("link", name="Search topics and code").click()
    field = plain.get_by_role("searchbox")
    expect(field).to_be_focused()
    field.fill("serialization")
    plain.get_by_role("button", name="Search").click()
    plain.get_by_role("main").get_by_role("link", name="Serialization", exact=True).first.click()
    expect(plain.locator("h1")).to_have_text("Serialization")
    plain.goto("/")
    plain.get_by_role("searchbox", name="Filter topics").fill("xyzzy")
    plain.keyboard.press("Enter")
    expect(plain.get_by_text("Nothing matches “xyzzy”.")).to_be_visible()

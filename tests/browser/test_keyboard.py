"""The whole story by keyboard only; the focus is always seen and never lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")
from looking import focus, tab_through, top
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from conftest import Opening

TOPIC = "/topics/data-validation"


INSIDE = "[document.body, ...document.querySelectorAll('dialog *')].includes(document.activeElement)"


def tab_to(page: Page, target: Locator, key: str = "Tab", limit: int = 150) -> None:
    """Press Tab until the target has the focus, and look at each stop."""
    for _ in range(limit):
        page.keyboard.press(key)
        assert focus(page) == ""
        if target.evaluate("(node) => node === document.activeElement"):
            return
    pytest.fail(f"{target} was not reached")


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", ["/", TOPIC, "/topics/templates", "/matrix", "/topics/hello-wrold"])
def test_every_stop_of_the_focus_is_seen(opening: Opening, path: str, width: int) -> None:
    page = opening("status of 404", viewport={"width": width, "height": 844})
    page.goto(path)
    stops = tab_through(page)
    focusable = page.locator("a[href], button, input, select, textarea, summary, pre[tabindex]").filter(visible=True)
    assert stops > 15
    assert stops > focusable.count() / 3, "the focus left the page early"


def test_the_whole_story(opening: Opening) -> None:
    page = opening("status of 422", viewport={"width": 1280, "height": 900})
    page.goto("/")
    skip = page.get_by_role("link", name="Skip to content")
    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()

    # open a topic
    topics = page.get_by_role("region", name="Topics", exact=True)
    tab_to(page, topics.get_by_role("link", name="Data validation"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Data validation")

    # switch the layout
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skip the menu
    tab_to(page, page.get_by_role("radio", name="Side by side"))
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Stacked")).to_be_checked()
    flask, fastapi = page.locator('#code figure[data-side="1"]'), page.locator('#code figure[data-side="2"]')
    assert top(fastapi) > top(flask)
    assert focus(page) == ""
    page.keyboard.press("1")
    expect(page.get_by_role("radio", name="Side by side")).to_be_checked()

    # send a preset
    page.keyboard.press("t")
    chips = page.get_by_role("form", name="Prepared requests").get_by_role("button")
    expect(chips.first).to_be_focused()
    expect(page.get_by_role("heading", name="Try it")).to_be_in_viewport()
    chip = chips.filter(has_text="A missing field")
    tab_to(page, chip)
    page.keyboard.press("Enter")
    flask_answer = page.get_by_role("group", name="Answer of Flask", exact=True)
    expect(flask_answer.locator(".status")).to_contain_text("422")
    expect(chip).to_have_attribute("aria-current", "true")
    expect(chip).to_be_focused()

    # edit and send
    path = page.get_by_role("textbox", name="Path")
    tab_to(page, path)
    page.keyboard.press("Control+a")
    page.keyboard.type("items")
    page.keyboard.press("Enter")
    expect(path).to_have_attribute("aria-invalid", "true")
    expect(path).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.type("/")
    body = page.get_by_role("textbox", name="Body")
    tab_to(page, body)
    page.keyboard.press("Control+a")
    page.keyboard.type('{"name": "nut", "qty": 2}')
    page.keyboard.press("Control+Enter")
    expect(flask_answer.locator(".status")).to_contain_text("201")
    expect(flask_answer.locator("pre.pretty")).to_contain_text('"nut"')
    expect(body).to_be_focused()

    # read the answers: headers, raw body
    tab_to(page, flask_answer.locator("summary"))
    page.keyboard.press("Enter")
    expect(flask_answer.locator("dl.heads")).to_be_visible()
    tab_to(page, flask_answer.get_by_role("radio", name="Pretty"))
    page.keyboard.press("ArrowRight")
    expect(flask_answer.locator("pre.raw")).to_be_visible()
    tab_to(page, flask_answer.locator("pre.raw"))

    # back to Send
    send = page.get_by_role("button", name="Send to both apps")
    tab_to(page, send, "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#answers")).not_to_have_attribute("aria-busy", "true")
    expect(send).to_be_focused()

    # and on to the next topic
    following = page.get_by_role("link", name=re.compile("^Next"))
    title = following.locator("b").inner_text()
    tab_to(page, following)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(title)


def test_files_are_switched_by_arrows(page: Page) -> None:
    page.goto("/topics/templates")
    tab_to(page, page.get_by_role("radiogroup", name="Flask file").get_by_role("radio", name="app.py"))
    page.keyboard.press("ArrowLeft")  # round to the last
    expect(page.get_by_role("group", name="Flask, templates/index.html")).to_be_visible()
    tab_to(page, page.get_by_role("group", name="Flask, templates/index.html"))


def test_the_drawer_of_a_phone(phone: Page) -> None:
    phone.goto(TOPIC)
    button = phone.get_by_role("button", name="Topics menu")
    tab_to(phone, button)
    phone.keyboard.press("Enter")
    drawer = phone.get_by_role("navigation", name="All topics")
    expect(drawer).to_be_visible()
    phone.keyboard.press("Tab")
    expect(drawer.get_by_role("link").first).to_be_focused()
    phone.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(button).to_be_focused()


def test_the_search_dialog_keeps_the_focus_inside(page: Page) -> None:
    page.goto(TOPIC)
    link = page.get_by_role("link", name="Search topics and code")
    tab_to(page, link)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Search")
    expect(dialog).to_be_visible()
    for _ in range(4):
        assert page.evaluate(INSIDE)
        page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()

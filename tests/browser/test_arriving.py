"""Live answers in a browser: pieces appear one after another, Stop stops, leaving ends the work, sockets take messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from conftest import Opening

STREAMING = "/topics/streaming"
WEBSOCKETS = "/topics/websockets"
SIDES = ("Flask", "FastAPI")


def rows(page: Page, side: str, when: str = "piece") -> Locator:
    return page.get_by_role("group", name=f"Log of {side}", exact=True).locator(f'[data-when="{when}"]')


def state(page: Page, side: str) -> Locator:
    return page.get_by_role("group", name=f"Log of {side}", exact=True).locator("[data-state]")


def start_endless(page: Page) -> Locator:
    """Send a request whose answer has no end; return the button that ends it."""
    page.goto(STREAMING)
    page.locator('#request [name="query"]').fill("to=1000")
    page.locator('#request [name="leave"]').fill("")
    page.get_by_role("button", name="Send to both apps").press("Enter")
    return page.get_by_role("button", name="Stop")


def test_pieces_come_one_after_the_other_until_stop_is_pressed(page: Page) -> None:
    stop = start_endless(page)
    expect(stop).to_be_focused()
    for side in SIDES:
        expect(rows(page, side).nth(1)).to_contain_text("data: 2")
    seen = [rows(page, side).count() for side in SIDES]
    for side, before in zip(SIDES, seen, strict=True):
        expect(rows(page, side).nth(before + 1)).to_be_visible()
    stop.press("Enter")
    for side in SIDES:
        expect(state(page, side)).to_have_text("ended")
        expect(rows(page, side, "after")).to_have_text("log, afterwardsgenerator closed")
    expect(page.get_by_role("button", name="Send to both apps")).to_be_focused()
    expect(page.locator("#answers")).to_contain_text("You stopped it after")


def test_leaving_the_page_ends_the_work(page: Page) -> None:
    """A reader has two places: whoever left twice gets a third one only if the work of the others has ended."""
    for _ in range(3):
        start_endless(page)
        for side in SIDES:
            expect(rows(page, side).first).to_be_visible()
        expect(page.get_by_role("alert")).to_have_count(0)
        page.goto("about:blank")
        page.wait_for_timeout(1000)


def test_a_socket_takes_messages_of_the_reader(phone: Page, axe: str) -> None:
    phone.goto(WEBSOCKETS)
    expect(phone.get_by_label("Message to both sockets")).to_be_hidden()
    phone.locator("#scenario-valid").click()
    message = phone.get_by_label("Message to both sockets")
    message.fill("40")
    message.press("Enter")
    for side in SIDES:
        expect(rows(phone, side).last).to_contain_text("ada has 45")
        expect(rows(phone, side, "sent")).to_have_count(3)
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.evaluate(axe)
    found = phone.evaluate("axe.run('#try').then(({ violations }) => violations.map(({ id }) => id))")
    assert found == []
    message.fill("close")
    message.press("Enter")
    for side in SIDES:
        expect(rows(phone, side).last).to_contain_text("close 4000 bye ada")
    expect(message).to_be_hidden()
    expect(phone.locator("#answers [data-verdict]")).to_be_visible()


def test_without_script_the_prepared_exchange_is_on_the_page(opening: Opening) -> None:
    page = opening(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page.goto(WEBSOCKETS)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    expect(page.get_by_label("Message to both sockets")).to_be_hidden()
    page.get_by_role("button", name="The function returns").click()
    expect(rows(page, "Flask").last).to_contain_text("close 1000")
    expect(rows(page, "FastAPI").last).to_contain_text("close 1006")

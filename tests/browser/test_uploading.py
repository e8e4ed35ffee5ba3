"""Files and parts in the request form: chosen, refused, forgotten, and left out of links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from conftest import Opening

TOPIC = "/topics/uploads"


def chosen(page: Page) -> Locator:
    return page.get_by_label("A file of yours")


def send(page: Page) -> None:
    page.get_by_role("button", name="Send to both apps").click()


def test_a_file_is_sent_to_both_and_forgotten_by_the_next_preset(page: Page) -> None:
    page.goto(TOPIC)
    page.get_by_text("Copy as curl, HTTPie or Python").click()
    chosen(page).set_input_files({"name": "dog.gif", "mimeType": "image/gif", "buffer": b"\xff\x00" * 150})
    expect(page.locator(".chip[aria-current]")).to_have_count(0)
    command = page.locator("[data-snippet]").first
    expect(command).to_contain_text('photo=@"dog.gif";filename="dog.gif";type=image/gif')
    send(page)
    for raw in page.locator("#answers pre.raw").all():
        expect(raw).to_contain_text('"dog.gif"')
        expect(raw).to_contain_text("300")
    page.locator("#scenario-valid").click()
    for raw in page.locator("#answers pre.raw").all():
        expect(raw).to_contain_text('"cat.png"')
    expect(chosen(page)).to_have_value("")
    expect(command).not_to_contain_text("dog.gif")


def test_a_file_that_is_too_large_is_refused_at_once_and_by_the_server(opening: Opening) -> None:
    page = opening("status of 413")
    page.goto(TOPIC)
    chosen(page).set_input_files({"name": "a.bin", "mimeType": "", "buffer": b"x" * 65_537})
    problem = page.locator("#problem-file")
    expect(problem).to_have_text("The file has 65,537 bytes; at most 65,536 are sent. Choose a smaller one.")
    expect(chosen(page)).to_have_attribute("aria-invalid", "true")
    send(page)
    expect(page.locator("#answers")).to_have_class(re.compile("stale"))
    expect(problem).to_contain_text("65,537 bytes")
    chosen(page).set_input_files([])
    expect(problem).to_be_empty()
    send(page)
    expect(page.locator("#answers")).not_to_have_class(re.compile("stale"))


def test_a_link_holds_the_parts_and_no_file(opening: Opening) -> None:
    page = opening(permissions=["clipboard-read", "clipboard-write"])
    page.goto(TOPIC)
    page.get_by_label("Parts", exact=True).fill("photo=@ö.png; type=image/png; zeros=7\ntag=a&b")
    chosen(page).set_input_files({"name": "secret.gif", "mimeType": "image/gif", "buffer": b"secret"})
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#said")).to_have_text("Copied")
    link = page.evaluate("navigator.clipboard.readText()")
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_label("Parts", exact=True)).to_have_value("photo=@ö.png; type=image/png; zeros=7\ntag=a&b")
    expect(chosen(page)).to_have_value("")
    send(page)
    for raw in page.locator("#answers pre.raw").all():
        expect(raw).to_contain_text(re.compile(r'"size": ?7'))

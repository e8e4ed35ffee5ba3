"""Ticks on the checklist: counted, kept by the browser, cleared."""

from __future__ import annotations

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import Page, expect


def test_ticks_are_counted_kept_and_cleared(page: Page) -> None:
    page.goto("/checklist")
    done = page.locator("[data-progress] [data-done]")
    first, third = page.locator("[data-step]").nth(0), page.locator("[data-step]").nth(2)
    expect(done).to_have_text("0")
    first.focus()
    page.keyboard.press("Space")
    third.check()
    expect(done).to_have_text("2")
    expect(page.locator("[data-phase] [data-done]").first).to_have_text("2")
    assert page.locator("progress").evaluate("(bar) => bar.value") == 2
    page.reload()
    expect(first).to_be_checked()
    expect(third).to_be_checked()
    expect(done).to_have_text("2")
    third.uncheck()
    expect(page.locator("#said")).to_contain_text("1 of ")
    page.get_by_role("button", name="Clear all ticks").click()
    expect(page.locator("[data-step]:checked")).to_have_count(0)
    page.reload()
    expect(done).to_have_text("0")


def test_on_paper_each_step_has_a_box(page: Page) -> None:
    page.goto("/checklist")
    page.locator("[data-step]").first.check()
    page.emulate_media(media="print")
    expect(page.locator(".checklist li .box").first).to_be_visible()
    expect(page.locator("[data-step]").first).to_be_hidden()
    expect(page.get_by_role("button", name="Print")).to_be_hidden()

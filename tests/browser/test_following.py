"""What happens while a reader watches: lines of a log before and after the answer, stopping, and running tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import Locator, Page, Route, expect

if TYPE_CHECKING:
    from conftest import Opening

BACKGROUND = "/topics/background-tasks"
FOLLOW = re.compile(r"/topics/[^/]+/follow$")
MAIL = "task: mail sent"


def rows(page: Page, side: str) -> Locator:
    return page.get_by_role("group", name=f"Log of {side}", exact=True).get_by_role("listitem")


def state(page: Page, side: str) -> Locator:
    return page.get_by_role("group", name=f"Log of {side}", exact=True).locator("[data-state]")


def test_a_preset_is_followed_and_its_lines_stand_around_the_answer(page: Page) -> None:
    page.goto(BACKGROUND)
    page.get_by_role("button", name="A task that fails").click()
    expect(state(page, "Flask")).to_have_text("ended")
    expect(rows(page, "Flask")).to_contain_text(
        ["before the answerendpoint: starts the tasks", "the answer200 OK", f"after the answer{MAIL}"]
    )
    expect(rows(page, "FastAPI")).to_contain_text(["before the answer", "the answer200 OK"])
    expect(page.locator("#answers [data-verdict]")).to_contain_text("README")
    expect(page.locator("#history summary")).to_contain_text("1")
    expect(page.get_by_role("button", name="A task that fails")).to_have_attribute("aria-current", "true")


def test_the_answers_are_there_before_the_last_line(page: Page) -> None:
    """Answers come while the work still goes on. One observer sees all changes in their order, two see one place each."""
    page.goto(BACKGROUND)
    page.evaluate(
        """() => {
          window.seen = [];
          const answers = document.getElementById("answers");
          const textsOf = ({ target, addedNodes }) => (target === answers ? ["answers"] : [...addedNodes].map((row) => row.innerText));
          const observer = new MutationObserver((all) => seen.push(...all.flatMap(textsOf)));
          for (const place of [answers, document.querySelector('[data-log="flask"] .log')]) observer.observe(place, { childList: true });
        }"""
    )
    page.locator("#scenario-valid").click()
    expect(rows(page, "Flask")).to_have_count(4)
    expect(state(page, "Flask")).to_have_text("ended")
    seen: list[str] = page.evaluate("seen")
    places = {word: next(i for i, text in enumerate(seen) if word in text) for word in ("200 OK", "answers", MAIL)}
    assert sorted(places, key=places.__getitem__) == ["200 OK", "answers", MAIL]


def test_a_variant_that_is_chosen_is_the_one_that_is_followed(page: Page) -> None:
    page.goto(BACKGROUND)
    page.get_by_label("FastAPI answers as").select_option("fastapi+function")
    page.locator("#scenario-valid").click()
    log = page.locator('[data-log="fastapi"]')
    expect(log.locator("[data-title]")).to_have_text('FastAPI, scope="function"')
    expect(log.get_by_role("listitem")).to_contain_text(["endpoint", "dependency: file closed", "200 OK"])


def test_stop_ends_it_and_what_came_stays(page: Page) -> None:
    page.goto(BACKGROUND)
    stop = page.get_by_role("button", name="Stop")
    expect(stop).to_have_attribute("aria-disabled", "true")
    page.route(FOLLOW, lambda route: None)  # the answer never comes
    page.locator("#scenario-valid").click()
    expect(state(page, "Flask")).to_have_text("running")
    expect(stop).to_have_attribute("aria-disabled", "false")
    stop.press("Enter")
    expect(state(page, "Flask")).to_have_text("stopped")
    expect(stop).to_have_attribute("aria-disabled", "true")
    expect(page.locator("#answers [data-variant]")).to_have_count(2)


def test_a_refused_request_is_explained_beside_its_field(opening: Opening) -> None:
    page = opening("status of 422", viewport={"width": 1280, "height": 900})
    page.goto(BACKGROUND)
    page.locator('#request [name="path"]').fill("//elsewhere")
    page.get_by_role("button", name="Send to both apps").click()
    expect(page.locator("#problem-path")).to_contain_text("two slashes")
    expect(page.locator('#request [name="path"]')).to_be_focused()


def test_a_site_that_is_away_is_explained(opening: Opening) -> None:
    page = opening("ERR_FAILED", viewport={"width": 1280, "height": 900})
    page.goto(BACKGROUND)

    def away(route: Route) -> None:
        route.abort()

    page.route(FOLLOW, away)
    page.locator("#scenario-valid").click()
    expect(page.get_by_role("alert")).to_contain_text("could not be reached")
    expect(state(page, "Flask")).to_have_text("stopped")


def test_without_script_the_page_comes_with_both_logs(opening: Opening) -> None:
    page = opening(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page.goto(BACKGROUND)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    page.get_by_role("button", name="A task that fails").click()
    expect(rows(page, "Flask").last).to_contain_text(MAIL)
    expect(rows(page, "FastAPI")).to_have_count(2)


def test_nothing_moves_when_lines_arrive(phone: Page) -> None:
    phone.goto(BACKGROUND)
    below = phone.locator("#follow .caption")
    phone.locator("#scenario-valid").click()
    expect(state(phone, "Flask")).to_have_text("ended")
    first = below.evaluate("node => node.offsetTop - document.getElementById('follow').offsetTop")
    phone.locator("#scenario-valid").click()
    expect(state(phone, "Flask")).to_have_text("ended")
    assert below.evaluate("node => node.offsetTop - document.getElementById('follow').offsetTop") == first


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_shown_tests_run_at_the_button(opening: Opening, axe: str, scheme: str) -> None:
    page = opening(color_scheme=scheme, viewport={"width": 1280, "height": 900})
    page.goto("/topics/testing")
    page.get_by_role("button", name="Run the tests").press("Enter")
    for side in ("Flask", "FastAPI"):
        pane = page.get_by_role("group", name=f"Tests of {side}", exact=True)
        expect(pane.locator(".status")).to_have_text("5 passed", timeout=40_000)
        expect(pane.locator("pre")).to_contain_text("5 passed")
    expect(page.locator("#said")).to_contain_text("5 passed")
    page.evaluate(axe)
    found = page.evaluate("axe.run('#tests').then(({ violations }) => violations.map(({ id }) => id))")
    assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_logs_read_for_everybody(opening: Opening, axe: str, scheme: str) -> None:
    page = opening(color_scheme=scheme, viewport={"width": 390, "height": 844})
    page.goto(BACKGROUND)
    page.evaluate(axe)
    found = page.evaluate("axe.run('#follow').then(({ violations }) => violations.map(({ id }) => id))")
    assert found == []

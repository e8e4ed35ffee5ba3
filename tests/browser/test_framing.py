"""The user interfaces of demos, used in their frames as a reader uses them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import Frame, FrameLocator, Locator, Page, expect

if TYPE_CHECKING:
    from conftest import Opening

TOPIC = "/topics/automatic-documentation"


def panel(page: Page, title: str) -> Locator:
    """A frame's panel, opened."""
    found = page.locator("details.frame", has=page.get_by_text(title, exact=True))
    if found.get_attribute("open") is None:
        found.locator("summary").click()
    found.scroll_into_view_if_needed()
    return found


def inside(found: Locator) -> FrameLocator:
    return found.frame_locator("iframe")


def frame_of(found: Locator) -> Frame:
    """The frame itself: its address, its scripts. It may still be empty."""
    frame = found.locator("iframe").element_handle().content_frame()
    assert frame is not None
    return frame


def execute(ui: FrameLocator, body: str) -> Locator:
    """Send a body to POST /items from Swagger UI and return the row of what was answered."""
    operation = ui.locator(".opblock-post")
    if operation.locator(".try-out__btn").count() == 0:
        operation.locator(".opblock-summary-control").click()
        operation.get_by_role("button", name="Try it out").click()
    operation.locator("textarea.body-param__text").fill(body)
    operation.get_by_role("button", name="Execute").click()
    return operation.locator(".live-responses-table tbody tr").first


@pytest.mark.parametrize(
    ("title", "wrong"),
    [("Swagger UI", "int_parsing"), ("APIFlask's Swagger UI", "Validation error"), ("flask-smorest's UI", "errors")],
)
def test_swagger_ui_sends_a_request_and_shows_the_answer(opening: Opening, title: str, wrong: str) -> None:
    page = opening("status of 422")
    page.goto(TOPIC)
    ui = inside(panel(page, title))
    answer = execute(ui, '{"name": "ink", "qty": 3}')
    expect(answer.locator(".response-col_status")).to_contain_text("201")
    expect(answer.locator(".highlight-code")).to_contain_text('"ink"')
    answer = execute(ui, '{"name": "ink", "qty": "many"}')
    expect(answer.locator(".response-col_status")).to_contain_text("422")
    expect(answer.locator(".highlight-code")).to_contain_text(wrong)


def test_redoc_shows_the_document(page: Page) -> None:
    page.goto(TOPIC)
    ui = inside(panel(page, "ReDoc"))
    expect(ui.get_by_role("heading", name="Shop (1.0)")).to_be_visible()
    expect(ui.get_by_text("Store an item.")).to_be_visible()


def test_a_frame_is_an_origin_of_its_own(page: Page) -> None:
    page.goto(TOPIC)
    found = panel(page, "Swagger UI")
    expect(inside(found).locator(".opblock-post")).to_be_visible()
    frame = frame_of(found)
    assert frame.evaluate("() => self.origin") == "null"
    for reach in ("parent.document.title", "document.cookie", "localStorage.length", "top.location.href"):
        assert "SecurityError" in frame.evaluate(f"() => {{ try {{ return {reach} }} catch (e) {{ return e.name }} }}")


def test_a_frame_reaches_nothing_outside_of_its_demo(opening: Opening) -> None:
    page = opening("Content Security Policy")
    page.goto(TOPIC)
    found = panel(page, "Swagger UI")
    expect(inside(found).locator(".opblock-post")).to_be_visible()
    frame = frame_of(found)
    fetched = "(url) => fetch(url).then((answer) => answer.status, (error) => error.name)"
    start = re.sub(r"/docs$", "", frame.url)
    assert frame.evaluate(fetched, f"{start}/openapi.json") == 200
    site = re.sub(r"/demos/.*", "", frame.url)
    for path in ("/", "/healthz", "/api/topics", "/demos/automatic-documentation/flask/health"):
        assert frame.evaluate(fetched, f"{site}{path}") == "TypeError", path


def test_start_over_begins_another_visit_without_script(opening: Opening) -> None:
    page = opening(java_script_enabled=False)
    page.goto(TOPIC)
    found = panel(page, "Swagger UI")
    frame = frame_of(found)
    visit = re.compile(r"/~[\w-]{22}/docs$")
    frame.wait_for_url(visit)
    before = frame.url
    found.get_by_role("link", name="Start over").click()
    frame.wait_for_url(lambda url: url != before and visit.search(url) is not None)


def test_a_page_opened_alone_runs_and_is_still_apart(page: Page) -> None:
    page.goto(TOPIC)
    found = panel(page, "Swagger UI")
    with page.context.expect_page() as opened:
        found.get_by_role("link", name="Open alone").click()
    alone = opened.value
    expect(alone.locator(".opblock-post")).to_be_visible()
    assert alone.evaluate("() => self.origin") == "null"


ADMINS = "/topics/admin-interfaces"


def shown(ui: FrameLocator, name: str) -> Locator:
    """The rows of an admin's list that hold a name."""
    return ui.locator("table tbody tr", has_text=name)


def test_flask_admin_creates_edits_and_deletes_a_row(opening: Opening) -> None:
    page = opening(viewport={"width": 1280, "height": 900})
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(ADMINS)
    found = panel(page, "Flask-Admin")
    ui = inside(found)
    frame = frame_of(found)
    frame.wait_for_function("() => self.bootstrap")
    ui.locator(".navbar-toggler").click()
    expect(ui.locator(".navbar-collapse.show")).to_be_visible()  # while it opens, its links move away from a click
    ui.get_by_role("link", name="Employee").click()
    ui.get_by_role("link", name="Create").click()
    ui.get_by_label("Name").fill("Zoe")
    ui.get_by_label("Desk").fill("77")
    ui.get_by_role("button", name="Save", exact=True).click()
    expect(shown(ui, "Zoe")).to_have_count(1)
    shown(ui, "Zoe").locator("a[href*='/edit/']").click()
    ui.get_by_label("Name").fill("Zora")
    ui.get_by_role("button", name="Save", exact=True).click()
    expect(shown(ui, "Zora")).to_have_count(1)
    expect(shown(ui, "Zoe")).to_have_count(0)
    frame.wait_for_load_state()  # its scripts come last, and fonts move its buttons
    shown(ui, "Zora").locator("form[action*='/delete/'] button").click()
    expect(ui.get_by_text("Record was successfully deleted.")).to_be_visible()
    expect(shown(ui, "Zora")).to_have_count(0)


@pytest.mark.parametrize("title", ["SQLAdmin", "SQLAdmin, login"])
def test_sqladmin_creates_edits_and_deletes_a_row(page: Page, title: str) -> None:
    page.goto(ADMINS)
    found = panel(page, title)
    ui = inside(found)
    if "login" in title:
        ui.locator("input[name=username]").fill("ada")
        ui.locator("input[name=password]").fill("lovelace")
        ui.locator("[type=submit]").click()
    ui.get_by_role("link", name="Employees").first.click()
    ui.get_by_role("link", name="New Employee").click()
    ui.locator("input[name=name]").fill("Zoe")
    ui.locator("input[name=desk]").fill("77")
    ui.get_by_role("button", name="Save", exact=True).click()
    expect(shown(ui, "Zoe")).to_have_count(1)
    shown(ui, "Zoe").locator("a[href*='/edit/']").click()
    ui.locator("input[name=name]").fill("Zora")
    ui.get_by_role("button", name="Save", exact=True).click()
    expect(shown(ui, "Zora")).to_have_count(1)
    expect(shown(ui, "Zoe")).to_have_count(0)
    frame_of(found).wait_for_load_state()  # its scripts come last
    shown(ui, "Zora").locator("[data-bs-target='#modal-delete']").click()
    button = ui.locator("#modal-delete-button")
    expect(button).to_have_attribute("data-url", re.compile("delete"))  # set once the dialog stands
    button.click()
    expect(shown(ui, "Zora")).to_have_count(0)

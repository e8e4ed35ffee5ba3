"""The admin from the first start on: set-up link, dashboard, a second editor, signing out; how its pages look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")
from admins import PASSWORD, few_topics
from looking import look_over, violations
from playwright.sync_api import Page, expect
from sites import Server, Serving

if TYPE_CHECKING:
    from conftest import Opening

NAME = "katherine.johnson+a.long.name@example.org"
PAGES = ["/admin/", "/admin/editors", f"/admin/editors/{NAME}", "/admin/account", "/admin/revisions", "/admin/audit"]
PAGES += ["/admin/sessions", "/admin/no-such-page"]


@pytest.fixture(scope="module")
def admin(serving: Serving, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that was never started before; the story makes its editors, the other tests go on from there."""
    folder = tmp_path_factory.mktemp("admin")
    with serving(content=few_topics(folder), data=folder / "data") as server:
        yield server


def choose(page: Page, name: str = "") -> None:
    """Fill the form behind a set-up link by keyboard, and send it."""
    if name:
        expect(page.get_by_label("Name", exact=True)).to_be_focused()
        page.keyboard.type(name)
    page.get_by_label("Password", exact=True).focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_have_text("Your password is set, and you are signed in.")


def signed_in(opening: Opening, admin: Server, **options: object) -> Page:
    page = opening("status of 404", base_url=admin.url, **options)
    page.goto("/admin/audit")
    page.get_by_label("Name", exact=True).fill("ada")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit")
    return page


def test_from_the_first_start_to_signing_out(opening: Opening, admin: Server, axe: str) -> None:
    page = opening(base_url=admin.url, viewport={"width": 1280, "height": 900})
    page.goto("/admin/")
    expect(page.get_by_text("There is no editor yet.")).to_be_visible()
    assert violations(page, axe) == []
    link = admin.said().split()[-1]
    page.goto(link)
    assert violations(page, axe) == []
    choose(page, "Ada")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
    expect(page.get_by_text("Nothing. Every scenario is answered as declared")).to_be_visible()
    assert violations(page, axe) == []

    # a second editor
    page.get_by_role("link", name="Editors").click()
    page.get_by_label("Name", exact=True).fill(NAME)
    page.get_by_label("Role").select_option("publisher")
    page.get_by_role("button", name="Add and make a link").click()
    shown = page.get_by_label("One-time link")
    expect(shown).to_have_value(re.compile(re.escape(admin.url) + r"/admin/setup/[A-Za-z0-9_-]{43}"))
    assert violations(page, axe) == []
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    other = opening(base_url=admin.url)
    other.goto(shown.input_value())
    choose(other)
    expect(other.get_by_role("link", name="Revisions")).to_be_visible()
    expect(other.get_by_role("link", name="Editors")).to_have_count(0)
    page.get_by_role("link", name="Done").click()
    page.get_by_role("button", name="End it").click()
    expect(page.get_by_role("status").first).to_have_text("Their sessions are over.")
    other.reload()
    expect(other.get_by_role("heading", level=1)).to_have_text("Sign in")

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status").first).to_have_text("You are signed out.")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.mark.parametrize("width", [390, pytest.param(1440, marks=pytest.mark.slow)])
def test_every_page_fits_and_is_accessible(opening: Opening, admin: Server, axe: str, width: int) -> None:
    page = signed_in(opening, admin, viewport={"width": width, "height": 844})
    for path in PAGES:
        page.goto(path)
        look_over(page, axe, width)


def test_the_menu_of_a_phone_leads_everywhere(opening: Opening, admin: Server) -> None:
    page = signed_in(opening, admin, viewport={"width": 390, "height": 844}, has_touch=True)
    for name, title in (("Dashboard", "Dashboard"), ("Editors", "Editors"), ("Your account", "Your account")):
        page.get_by_role("button", name="Menu").click()
        page.get_by_role("navigation", name="Menu").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_the_theme_is_the_reader_s(opening: Opening, admin: Server) -> None:
    page = signed_in(opening, admin, color_scheme="light")
    background = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(background)
    for _ in range(2):
        page.get_by_role("button", name="Theme").click()
    assert page.evaluate(background) != light
    page.reload()
    assert page.evaluate(background) != light


def test_without_script_everything_works(opening: Opening, admin: Server) -> None:
    page = signed_in(opening, admin, java_script_enabled=False)
    page.get_by_role("link", name="Editors").click()
    page.get_by_label("Name", exact=True).fill("grace")
    page.get_by_role("button", name="Add and make a link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A link for grace")
    page.get_by_role("link", name="Done").click()
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("status").first).to_have_text("They can no longer sign in, and their sessions are over.")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")

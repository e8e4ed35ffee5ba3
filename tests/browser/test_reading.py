"""Reading a topic: layouts, themes, files, notes tied to lines, copying, and the ways around."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sites import ROOT

pytest.importorskip("playwright")
from looking import height, held, painted, shifts, top, until
from playwright.sync_api import Locator, Page, Route, expect

if TYPE_CHECKING:
    from conftest import Opening

TOPIC = "/topics/data-validation"
FILES = "/topics/templates"
"""A topic of several files a side."""
LATE_SCRIPTS = re.compile(r"/js/(?!early)|/htmx/")


def choose(page: Page, group: str, name: str) -> None:
    """Click one of several choices that look like buttons."""
    page.get_by_role("radiogroup", name=group).get_by_text(name, exact=True).click()


def pane(page: Page, side: str) -> Locator:
    """The code of one side."""
    return page.locator("#code figure", has=page.get_by_role("button", name=f"Copy the {side} code"))


def code(page: Page, side: str, file: str = "app.py") -> Locator:
    return page.locator(f'#code [aria-label="{side}, {file}"]')


# Layout


def test_the_layout_switch_changes_the_panes(page: Page) -> None:
    page.goto(TOPIC)
    flask, fastapi = pane(page, "Flask"), pane(page, "FastAPI")
    assert top(flask) == top(fastapi)
    choose(page, "Layout", "Stacked")
    assert top(fastapi) >= top(flask) + height(flask) - 1
    choose(page, "Layout", "FastAPI")
    expect(flask).to_be_hidden()
    expect(fastapi).to_be_visible()
    choose(page, "Layout", "Flask")
    expect(flask).to_be_visible()
    expect(fastapi).to_be_hidden()
    choose(page, "Layout", "Side by side")
    assert top(flask) == top(fastapi)


def test_the_layout_stays_over_a_reload_and_on_other_topics_from_the_first_paint(page: Page) -> None:
    page.goto(TOPIC)
    choose(page, "Layout", "Stacked")
    for path in (TOPIC, "/topics/hello-world"):
        with held(page, LATE_SCRIPTS):
            page.goto(path, wait_until="commit")
            painted(page)
            assert top(pane(page, "FastAPI")) > top(pane(page, "Flask"))
        page.wait_for_load_state()
        assert top(pane(page, "FastAPI")) > top(pane(page, "Flask"))
        assert shifts(page) == []


def test_the_first_keys_switch_the_layout_until_they_are_switched_off(page: Page) -> None:
    page.goto(TOPIC)
    page.keyboard.press("2")
    expect(page.get_by_role("radio", name="Stacked")).to_be_checked()
    page.get_by_role("checkbox", name="Single-key shortcuts").uncheck()
    page.locator("h1").click()
    page.keyboard.press("1")
    expect(page.get_by_role("radio", name="Stacked")).to_be_checked()
    page.reload()
    expect(page.get_by_role("checkbox", name="Single-key shortcuts")).not_to_be_checked()
    page.get_by_role("textbox", name="Path").press("d")
    expect(page.get_by_role("button", name="Theme: system")).to_be_visible()


def test_a_phone_shows_one_side_at_a_time_and_keeps_its_place(phone: Page) -> None:
    phone.goto(TOPIC)
    expect(phone.get_by_role("radiogroup", name="Layout")).to_be_hidden()
    expect(code(phone, "Flask")).to_be_visible()
    expect(code(phone, "FastAPI")).to_be_hidden()
    below = top(phone.locator("#differs"))
    choose(phone, "Side", "FastAPI")
    expect(code(phone, "Flask")).to_be_hidden()
    expect(code(phone, "FastAPI")).to_be_visible()
    assert top(phone.locator("#differs")) == below
    phone.reload()
    expect(code(phone, "FastAPI")).to_be_visible()
    choose(phone, "Side", "Both")
    assert top(code(phone, "FastAPI")) > top(code(phone, "Flask"))
    # the switch stays in reach below the header
    phone.mouse.wheel(0, 500)
    expect(phone.get_by_role("radiogroup", name="Side")).to_be_in_viewport()


# Theme


def test_the_theme_goes_round_and_stays_from_the_first_paint(opening: Opening) -> None:
    page = opening(color_scheme="light")
    page.goto(TOPIC)
    scheme = "getComputedStyle(document.documentElement).colorScheme"
    button = page.get_by_role("button", name=re.compile("^Theme"))
    expect(button).to_have_accessible_name("Theme: system")
    light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    button.click()
    expect(button).to_have_accessible_name("Theme: light")
    button.click()
    expect(button).to_have_accessible_name("Theme: dark")
    expect(page.locator("#said")).to_have_text("Theme: dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != light
    for path in (TOPIC, "/"):
        with held(page, LATE_SCRIPTS):
            page.goto(path, wait_until="commit")
            painted(page)
            assert page.evaluate(scheme) == "dark"
        page.wait_for_load_state()
        expect(button).to_have_accessible_name("Theme: dark")
    page.keyboard.press("d")
    expect(button).to_have_accessible_name("Theme: system")
    assert page.evaluate("localStorage.theme") is None
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != light


# Files


def test_a_file_tab_changes_the_code_and_keeps_the_height(page: Page) -> None:
    page.goto(FILES)
    files = page.get_by_role("radiogroup", name="Flask file")
    names = [label.strip() for label in files.locator("label").all_inner_texts()]
    assert len(names) > 1
    below = top(page.locator("#differs"))
    for name in names:
        files.get_by_text(name, exact=True).click()
        expect(code(page, "Flask", name)).to_be_visible()
        for other in names:
            if other != name:
                expect(code(page, "Flask", other)).to_be_hidden()
        assert top(page.locator("#differs")) == below
        text = (ROOT / "content" / FILES.strip("/") / "flask" / name).read_text()
        assert text.splitlines()[0] in code(page, "Flask", name).inner_text()
    # the other side has its own choice
    expect(code(page, "FastAPI")).to_be_visible()


# Notes


@pytest.mark.parametrize("width", [390, 1280])
def test_a_note_its_pin_and_its_lines_light_up_together(opening: Opening, width: int) -> None:
    page = opening(viewport={"width": width, "height": 900})
    page.goto(TOPIC)
    lit = page.locator(".on")
    note = page.locator("#note-1")
    parts = page.locator('[data-n~="1"]').count()
    assert parts > 2
    note.scroll_into_view_if_needed()
    note.hover()
    expect(page.locator('.on[data-n~="1"]')).to_have_count(parts)
    expect(lit).to_have_count(parts)
    page.mouse.move(0, 0)
    page.locator("h1").hover()
    expect(lit).to_have_count(0)
    line = code(page, "Flask").locator('.l[data-n~="1"]').first
    colour = "(line) => getComputedStyle(line).backgroundColor"
    plain = line.evaluate(colour)
    line.hover()
    expect(page.locator('.on[data-n~="1"]')).to_have_count(parts)
    assert line.evaluate(colour) != plain


def test_notes_are_tied_to_lines_by_keyboard_too(page: Page) -> None:
    page.goto(TOPIC)
    pin = page.get_by_role("link", name=re.compile("^Note 1:"))
    pin.focus()
    expect(page.locator("#note-1")).to_have_class(re.compile(r"\bon\b"))
    expect(code(page, "FastAPI").locator(".on").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#note-1")).to_be_in_viewport()
    link = page.locator("#note-1 .refs a").first
    link.focus()
    expect(page.locator("#note-1")).to_have_class(re.compile(r"\bon\b"))
    page.keyboard.press("Enter")
    line = page.locator(":target")
    expect(line).to_be_in_viewport()
    assert "l" in (line.get_attribute("class") or "").split()
    # the skip link is reached without losing the way: the next Tab goes on from the line
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement !== document.body")


def test_a_link_to_a_line_shows_the_file_and_the_side_that_hold_it(page: Page) -> None:
    page.goto(FILES)
    choose(page, "Layout", "FastAPI")
    ref = page.locator('.refs a[href^="#flask-templates-"]').first
    ref.click()
    line = page.locator(":target")
    expect(line).to_be_visible()
    expect(line).to_be_in_viewport()
    expect(page.get_by_role("radio", name="Flask", exact=True).first).to_be_checked()
    # the same link again, after the file was changed by hand
    page.get_by_role("radiogroup", name="Flask file").get_by_text("app.py").click()
    expect(line).to_be_hidden()
    ref.click()
    expect(line).to_be_visible()


def test_a_page_opened_at_a_line_of_a_hidden_file_shows_it(phone: Page) -> None:
    phone.goto(f"{FILES}#fastapi-templates-index-html-4")
    expect(phone.locator(":target")).to_be_visible()
    expect(phone.locator(":target")).to_be_in_viewport()


def test_panes_scroll_sideways_together(page: Page) -> None:
    page.set_viewport_size({"width": 860, "height": 800})
    page.goto("/topics/url-parameters")
    flask, fastapi = code(page, "Flask"), code(page, "FastAPI")
    room = "(node) => node.scrollWidth - node.clientWidth"
    way = min(flask.evaluate(room), fastapi.evaluate(room), 40)
    flask.evaluate(f"(node) => {{ node.scrollLeft = {way}; }}")
    until(lambda: abs(fastapi.evaluate("(node) => node.scrollLeft") - way) < 2)


# Copying


@pytest.mark.parametrize("layout", ["Side by side", "Stacked"])
def test_the_copied_code_is_the_file_to_the_letter(opening: Opening, layout: str) -> None:
    page = opening(permissions=["clipboard-read", "clipboard-write"], viewport={"width": 1280, "height": 900})
    page.goto(FILES)
    choose(page, "Layout", layout)
    folder = ROOT / "content" / FILES.strip("/")
    for side, name in [("Flask", "app.py"), ("Flask", "templates/index.html"), ("FastAPI", "app.py")]:
        if side == "Flask":
            page.get_by_role("radiogroup", name="Flask file").get_by_text(name, exact=True).click()
        # a button says "Copied" for a while and copies nothing then
        page.evaluate("navigator.clipboard.writeText('old')")
        button = pane(page, side).locator("[data-copy]")
        until(lambda button=button: button.get_attribute("data-busy") is None)
        button.click()
        expect(button).to_have_text("Copied")
        expect(page.locator("#said")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == (folder / side.lower() / name).read_text()
    until(lambda: button.inner_text() == "Copy")


# Ways around


def test_on_this_page_marks_what_is_read_and_leads_there(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(TOPIC)
    toc = page.get_by_role("navigation", name="On this page")
    links = toc.get_by_role("link")
    expect(links.first).to_have_attribute("aria-current", "true")
    for link in links.all():
        target = page.locator(link.get_attribute("href") or "")
        link.click()
        expect(target).to_be_in_viewport()
        head = page.get_by_role("banner").bounding_box()
        assert head
        assert top(target) >= head["height"] - 1, "it hides below the header"
    expect(links.last).to_have_attribute("aria-current", "true")
    page.evaluate("scrollTo(0, 0)")
    expect(links.first).to_have_attribute("aria-current", "true")
    expect(toc.locator("[aria-current]")).to_have_count(1)


def test_every_section_of_the_page_is_listed_once(page: Page) -> None:
    page.goto(TOPIC)
    listed = page.locator(".toc a").evaluate_all("(links) => links.map((link) => link.hash)")
    sections = page.locator("main > section[id]").evaluate_all("(all) => all.map(({ id }) => `#${id}`)")
    assert listed == ["#code", *sections]


def test_previous_and_next_lead_along_the_topics(page: Page) -> None:
    """Three steps on, two back, and nothing beyond the ends; that all topics are in line is asked without a browser."""
    topics = page.request.get("/api/topics").json()
    topics = topics.get("topics", topics) if isinstance(topics, dict) else topics
    order = [topic["url"] for topic in topics]
    page.goto(order[0])
    pager = page.get_by_role("navigation", name="Previous and next topic")
    assert pager.locator("[rel=prev]").count() == 0
    for number, rel in ((1, "next"), (2, "next"), (3, "next"), (2, "prev"), (1, "prev")):
        pager.locator(f"[rel={rel}]").click()
        expect(page).to_have_url(re.compile(f"{order[number]}$"))
        assert pager.locator("[rel=prev]").get_attribute("href") == order[number - 1]
        assert pager.locator("[rel=next]").get_attribute("href") == order[number + 1]
        current = page.get_by_role("navigation", name="All topics").locator("[aria-current]")
        assert current.get_attribute("href") == order[number]
    page.goto(order[-1])
    assert pager.locator("[rel=prev]").get_attribute("href") == order[-2]
    assert pager.locator("[rel=next]").count() == 0


def test_a_phone_has_the_topics_in_a_drawer(phone: Page) -> None:
    phone.goto(TOPIC)
    drawer = phone.get_by_role("navigation", name="All topics")
    button = phone.get_by_role("button", name="Topics menu")
    expect(drawer).to_be_hidden()
    button.click()
    expect(drawer).to_be_visible()
    phone.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    expect(drawer.get_by_role("link", name="Matrix")).to_be_visible()
    drawer.get_by_role("link", name=re.compile("^Serialization")).click()
    expect(phone.locator("h1")).to_have_text("Serialization")
    expect(drawer).to_be_hidden()


def test_the_map_of_topics_is_filtered(page: Page) -> None:
    page.goto("/")
    rows = page.locator(".index li")
    total = rows.count()
    field = page.get_by_role("searchbox", name="Filter topics")
    field.fill("TEMPLATES")
    expect(page.locator(".index li:visible")).to_have_count(
        sum("templates" in text.lower() for text in rows.all_text_contents())
    )
    expect(page.locator("#said")).to_have_text(re.compile(r"^\d+ topics?$"))
    field.fill("xyzzy")
    expect(page.get_by_text("No topic has that word.")).to_be_visible()
    field.fill("")
    expect(page.locator(".index li:visible")).to_have_count(total)
    field.fill("depends")
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=depends$"))


# Search


def test_search_by_keyboard(page: Page) -> None:
    page.goto(TOPIC)
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Search topics and code")
    expect(field).to_be_focused()
    page.keyboard.insert_text("json")  # in one piece: a new search would begin at the first hit again
    hits = page.request.get("/api/search?q=json").json()["hits"]
    options = page.get_by_role("listbox", name="Results").get_by_role("option")
    expect(options).to_have_count(len(hits))
    expect(field).to_have_attribute("aria-expanded", "true")
    chosen = page.locator('#palette-hits [aria-selected="true"]')
    first = chosen.get_attribute("id")  # two hits may read the same
    expect(field).to_have_attribute("aria-activedescendant", chosen.get_attribute("id") or "?")
    page.keyboard.press("ArrowDown")
    assert chosen.get_attribute("id") != first
    expect(field).to_have_attribute("aria-activedescendant", chosen.get_attribute("id") or "?")
    page.keyboard.press("ArrowUp")
    assert chosen.get_attribute("id") == first
    page.keyboard.press("ArrowUp")  # round to the last
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(re.escape(hits[0]["url"]) + "$"))


def test_search_closes_and_gives_the_focus_back(page: Page) -> None:
    page.goto(TOPIC)
    link = page.get_by_role("link", name="Search topics and code")
    dialog = page.get_by_role("dialog", name="Search")
    link.focus()
    page.keyboard.press("/")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()
    link.click()
    expect(dialog).to_be_visible()
    page.mouse.click(5, 5)
    expect(dialog).to_be_hidden()


def test_search_without_hits_says_so_and_enter_leads_to_the_page(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("xyzzy")
    expect(page.get_by_text("Nothing matches. Try one word")).to_be_visible()
    expect(page.locator("#said")).to_have_text("0 results")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=xyzzy"))
    expect(page.get_by_text("Nothing matches “xyzzy”.")).to_be_visible()


def test_a_hit_opens_in_a_new_tab_on_demand(page: Page) -> None:
    page.goto(TOPIC)
    page.keyboard.press("Control+k")
    page.keyboard.type("serialization")
    expect(page.locator('#palette-hits [aria-selected="true"]')).to_contain_text("Serialization")
    with page.context.expect_page() as other:
        page.keyboard.press("Control+Enter")
    expect(other.value.locator("h1")).to_have_text("Serialization")
    expect(page).to_have_url(re.compile(f"{TOPIC}$"))


def test_search_offers_what_was_read_and_what_can_be_done(page: Page) -> None:
    page.goto("/topics/serialization")
    page.goto(TOPIC)
    page.keyboard.press("Control+k")
    results = page.get_by_role("listbox", name="Results")
    expect(results.get_by_role("option", name="Serialization")).to_be_visible()
    results.get_by_role("option", name=re.compile("Next theme")).click()
    expect(page.get_by_role("button", name="Theme: light")).to_be_visible()
    expect(page.get_by_role("dialog", name="Search")).to_be_hidden()


def test_a_late_answer_of_search_does_not_replace_a_newer_one(page: Page) -> None:
    page.goto(TOPIC)
    waiting: list[Route] = []
    page.route("**/api/search?q=json", lambda route: waiting.append(route))
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Search topics and code")
    field.fill("json")
    until(lambda: page.evaluate("0") or waiting)
    field.fill("serialization")
    options = page.get_by_role("listbox", name="Results").get_by_role("option")
    expect(options.first).to_contain_text("Serialization")
    waiting[0].continue_()
    page.wait_for_timeout(300)
    expect(options.first).to_contain_text("Serialization")


def test_search_that_fails_leads_to_the_page(opening: Opening) -> None:
    page = opening("ERR_FAILED")
    page.route("**/api/search*", lambda route: route.abort())
    page.goto(TOPIC)
    page.keyboard.press("Control+k")
    page.keyboard.type("serial")
    expect(page.get_by_text("Search did not answer. Press Enter for the search page.")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=serial"))

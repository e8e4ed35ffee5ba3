"""Editing in a browser: from typing to the public page, and nothing that is typed is ever lost."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest

pytest.importorskip("playwright")
from admins import FEW, PASSWORD, few_topics
from looking import COLOURS, focus, tab_through, until, violations, wider
from playwright.sync_api import FrameLocator, Locator, Page, Route, expect
from sites import Server, Serving

from explorer import editors, revisions
from explorer.database import Database
from explorer.migrations import upgrade
from explorer.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Opening
    from playwright._impl._api_structures import SetCookieParam

    SignedIn = Callable[..., Page]

WORDS = "# Topic {number}\n\nA summary of it.\n\n## What differs\n\n### A line\n\nWords.\n\n## Sources\n\n- None.\n"
POOL = [f"topic-{number}" for number in range(1, 21)]
TOPIC = FEW[2]
"""A shipped topic, with demos; tests change a draft of it at most."""
REFUSED = "status of 4|status of 503|ERR_FAILED"


@pytest.fixture(scope="module")
def admin(serving: Serving, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two editors, and a topic for each test beside the shipped ones."""
    folder = tmp_path_factory.mktemp("editing")
    (folder / "data").mkdir()
    thread = threading.Thread(
        target=lambda: asyncio.run(fill(f"sqlite+aiosqlite:///{folder / 'data' / 'explorer.db'}"))
    )
    thread.start()
    thread.join()
    with serving(content=few_topics(folder), data=folder / "data") as server:
        yield server


async def fill(address: str) -> None:
    database = Database(address)
    await upgrade(database)
    for name in ("ada", "grace"):
        await editors.add(database, name, "publisher", by="test", password=PASSWORD)
    for number, slug in enumerate(POOL, 1):
        words = Wording(WORDS.format(number=number), "", "ship", 10 * number, {})
        how = {"author": "test", "why": "First", "based_on": 0}
        await revisions.save(database, slug, words, state="published", shipped=None, **how)
    await database.close()


@pytest.fixture(scope="module")
def cookies() -> dict[str, list[SetCookieParam]]:
    """Each editor signs in once."""
    return {}


@pytest.fixture
def signed_in(opening: Opening, admin: Server, cookies: dict[str, list[SetCookieParam]]) -> SignedIn:
    """Open the browser of an editor."""

    def signed_in(name: str = "ada", tolerated: str = "(?!)", **options: object) -> Page:
        page = opening(tolerated, base_url=admin.url, **{"viewport": {"width": 1280, "height": 900}} | options)
        if name in cookies:
            page.context.add_cookies(cookies[name])
        else:
            sign_in(page, name)
            cookies[name] = cast("list[SetCookieParam]", page.context.cookies())
        return page

    return signed_in


def sign_in(page: Page, name: str = "ada") -> None:
    page.goto("/admin/login?next=/admin/account")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def edit(page: Page, slug: str) -> Locator:
    """Open the editor and return its text."""
    page.goto(f"/admin/topics/{slug}")
    if page.evaluate("document.documentElement.classList.contains('js')"):
        expect(page.locator(".verdict")).to_be_attached()
    return page.get_by_label("Text", exact=True)


def preview(page: Page) -> FrameLocator:
    return page.frame_locator('iframe[title="The page as it would be"]')


def why(page: Page, reason: str) -> None:
    page.get_by_label("Why").fill(reason)


def press(page: Page, name: str) -> None:
    page.locator(".edit-save").get_by_role("button", name=name).click()


def said(page: Page) -> Locator:
    """What became of a save, in the bar at the foot of the editor."""
    return page.locator("[data-saved-said]")


def wrong(page: Page) -> Locator:
    return page.locator(".edit-save [role=alert]")


def kept(page: Page) -> list[str]:
    """The texts that the browser keeps."""
    found: list[str] = page.evaluate(
        "() => Object.keys(localStorage).filter((key) => key.startsWith('words:'))"
        ".map((key) => JSON.parse(localStorage.getItem(key)).words.text)"
    )
    return found


def type_at_end(page: Page, text: Locator, words: str) -> None:
    text.focus()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(words)


# From typing to the public page


def test_from_typing_to_the_public_page(opening: Opening, admin: Server, signed_in: SignedIn, slug: str) -> None:
    page = signed_in(tolerated=REFUSED)
    text = edit(page, slug)
    expect(preview(page).locator("h1")).to_have_text(slug.replace("topic-", "Topic "))
    type_at_end(page, text, "\n## Advice\n\nMeasure [twice](../nowhere/topic.md).\n")
    expect(preview(page).get_by_role("heading", name="Advice")).to_be_visible()

    # what is wrong is listed, and a click leads to its line
    remark = page.locator(".remarks li", has_text="leads to no topic")
    expect(remark).to_contain_text("Error Text, line 17")
    expect(page.locator(".numbers > div").nth(16)).to_have_attribute("data-level", "error")
    remark.get_by_role("link").click()
    expect(text).to_be_focused()
    assert selected(text) == "Measure [twice](../nowhere/topic.md)."
    why(page, "Advice")
    press(page, "Publish")
    expect(wrong(page)).to_contain_text("Not published: mend what is listed as an error.")
    remark.get_by_role("link").click()
    page.keyboard.insert_text("Measure twice.")
    expect(remark).to_have_count(0)

    # a draft, without leaving the page or losing the place
    page.keyboard.press("Control+s")
    expect(said(page)).to_have_text("The draft is saved. Readers see nothing of it until it is published.")
    expect(page.locator("[data-state]")).to_have_text("draft")
    expect(text).to_be_focused()
    assert kept(page) == []
    reader = opening(base_url=admin.url)
    reader.goto(f"/topics/{slug}")
    expect(reader.get_by_text("Measure twice.")).to_have_count(0)

    # the warning asks, then it is live
    press(page, "Publish")
    expect(wrong(page)).to_contain_text("Not published yet: look at the warnings.")
    press(page, "Publish with 1 warning")
    expect(page.get_by_role("status").filter(has_text="It is published: readers see it now.")).to_be_visible()
    reader.reload()
    expect(reader.get_by_text("Measure twice.")).to_be_visible()
    assert kept(page) == []


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, and look at each stop."""
    for _ in range(120):
        page.keyboard.press("Tab")
        assert focus(page) == ""
        if target.evaluate("(node) => node === document.activeElement"):
            return
    pytest.fail(f"{target} was not reached")


def test_by_keyboard_alone(signed_in: SignedIn, slug: str) -> None:
    page = signed_in(tolerated=REFUSED)
    page.goto("/admin/topics")
    link = row(page, slug).get_by_role("link")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".verdict")).to_be_attached()
    tab_to(page, page.get_by_label("Text", exact=True))
    page.keyboard.press("Control+End")
    page.keyboard.type("\nOnly keys.\n")
    expect(preview(page).get_by_text("Only keys.")).to_be_attached()
    page.get_by_label("Position in it").focus()
    tab_to(page, page.get_by_label("Why"))
    page.keyboard.type("Keys")
    tab_to(page, page.locator("[data-publish]"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Publish with 1 warning")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="It is published: readers see it now.")).to_be_visible()


def selected(text: Locator) -> str:
    found: str = text.evaluate("(node) => node.value.slice(node.selectionStart, node.selectionEnd)")
    return found


def test_typing_after_the_warnings_asks_again(signed_in: SignedIn, slug: str) -> None:
    page = signed_in(tolerated=REFUSED)
    text = edit(page, slug)
    type_at_end(page, text, "\nMore.\n")
    why(page, "More")
    press(page, "Publish")
    again = page.get_by_role("button", name="Publish with 1 warning")
    expect(again).to_be_visible()
    type_at_end(page, text, "And more.\n")
    expect(again).to_have_count(0)
    expect(page.get_by_role("button", name="Publish", exact=True)).to_be_visible()


def test_each_number_stands_at_its_line(signed_in: SignedIn) -> None:
    page = signed_in()
    text = edit(page, TOPIC)
    numbers = page.locator(".lines").first.locator(".numbers > div")
    box = page.locator(".lines").first
    type_at_end(page, text, "\n[The last line](../nowhere/topic.md)")
    last = text.input_value().count("\n") + 1
    expect(numbers).to_have_count(last)
    assert text.evaluate("(node) => [node.scrollTop, node.scrollHeight - node.clientHeight]") == [0, 0]
    expect(numbers.last).to_be_in_viewport()
    box.evaluate("(node) => node.scrollTo(0, 0)")
    page.locator(".remarks a", has_text=f"line {last}").click()
    expect(numbers.last).to_be_in_viewport()
    assert selected(text) == "[The last line](../nowhere/topic.md)"

    # lines are taken away and put in anywhere
    for edit_, lines in (("Control+Home", 0), ("Control+End", last)):
        page.keyboard.press(edit_)
        page.keyboard.press("Shift+ArrowUp" if lines else "Shift+ArrowDown")
        page.keyboard.insert_text("one\ntwo\nthree\n")
        shown = numbers.evaluate_all("(rows) => rows.map((row) => row.textContent)")
        assert shown == text.input_value().split("\n")


# The preview


def test_the_preview_is_in_a_sandbox_in_both_themes(signed_in: SignedIn, slug: str) -> None:
    page = signed_in()
    text = edit(page, TOPIC)
    frame = page.locator("iframe")
    assert frame.get_attribute("sandbox") == "allow-same-origin", "no script runs in it, and it leads nowhere"
    shown = preview(page)
    colours = []
    for theme in ("Light", "Dark"):
        page.get_by_role("radiogroup", name="Theme of the preview").get_by_text(theme).click()
        colours.append(inside(page, "getComputedStyle(root).backgroundColor"))
    assert len(set(colours)) == 2
    own = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert own == colours[0], "the editor's own theme stays"

    # it neither scrolls nor loses the reader's choices while somebody types
    shown.get_by_text("Both", exact=True).click()
    inside(page, "root.scrollTo(0, 700)")
    type_at_end(page, text, "\n- More of it.\n")
    expect(shown.get_by_text("More of it.")).to_be_attached()
    assert inside(page, "root.scrollTop") == 700
    expect(shown.locator('[name="tab"][value="both"]')).to_be_checked()
    expect(shown.locator("html")).to_have_attribute("data-theme", "dark")

    # links scroll inside, or open beside; forms send nothing
    shown.get_by_role("link", name="Try it").click()
    until(lambda: inside(page, "root.scrollTop") > 700)
    shown.get_by_role("button", name="Send").click()
    with page.context.expect_page() as opened:
        shown.get_by_role("link", name=re.compile("Claims")).click()
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("laims")
    assert page.url.endswith(f"/admin/topics/{TOPIC}")
    expect(shown.locator("h1")).to_have_text("Middleware")


def inside(page: Page, script: str) -> object:
    """Look into the frame from the editor's page: no script runs in the frame itself."""
    return page.evaluate(
        f"() => {{ const root = document.querySelector('iframe').contentDocument.documentElement; return {script}; }}"
    )


def test_a_preview_that_cannot_be_made_says_so_and_keeps_the_last_page(signed_in: SignedIn, slug: str) -> None:
    page = signed_in()
    text = edit(page, slug)
    text.fill("no heading")
    expect(page.locator("[data-look-said]")).to_have_text(
        "The page cannot be made of these words; this is the last one."
    )
    expect(page.locator(".remarks li")).to_contain_text("Title or summary is missing.")
    expect(preview(page).locator("h1")).to_be_visible()


# Nothing is lost


def test_a_session_that_expires_while_typing_loses_nothing(signed_in: SignedIn, slug: str) -> None:
    page = signed_in(tolerated="status of 401")
    text = edit(page, slug)
    page.context.clear_cookies()
    type_at_end(page, text, "\nTyped for an hour.\n")
    page.keyboard.press("Control+s")
    expect(wrong(page)).to_contain_text("Your session is over. What you typed is still here and kept in this browser.")
    with page.context.expect_page() as opened:
        wrong(page).get_by_role("link", name="Sign in, in another tab").click()
    other = opened.value
    other.get_by_label("Name", exact=True).fill("ada")
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.keyboard.press("Enter")
    expect(other.get_by_role("heading", level=1)).to_have_text(slug.replace("topic-", "Topic "))
    other.close()
    page.keyboard.press("Control+s")
    expect(said(page)).to_contain_text("The draft is saved.")
    page.reload()
    expect(text).to_have_value(re.compile(r"Typed for an hour\.\n$"))
    expect(page.get_by_text("it was not saved")).to_have_count(0)


def test_a_tab_that_was_closed_is_offered_back(signed_in: SignedIn, slug: str) -> None:
    page = signed_in()
    text = edit(page, slug)
    type_at_end(page, text, "\nNot saved yet.\n")
    context = page.context
    page.close(run_before_unload=True)
    page = context.new_page()
    text = edit(page, slug)
    offer = page.locator("[data-offers] .notice")
    expect(offer).to_contain_text("and it was not saved: text.")
    expect(text).not_to_have_value(re.compile("Not saved yet"))

    # what is typed now does not write over what is offered
    type_at_end(page, text, "\nSomething else.\n")
    until(lambda: len(kept(page)) == 2)
    offer.get_by_role("button", name="Put it back").click()
    expect(text).to_have_value(re.compile(r"Not saved yet\.\n$"))
    expect(text).to_be_focused()
    expect(preview(page).get_by_text("Not saved yet.")).to_be_attached()
    expect(offer).to_have_count(1)  # what was typed meanwhile

    # thrown away, and back
    offer.get_by_role("button", name="Throw it away").click()
    assert len(kept(page)) == 1
    offer.get_by_role("button", name="Undo").click()
    expect(offer).to_contain_text("and it was not saved: text.")
    offer.get_by_text("Show it").click()
    expect(offer.locator("pre")).to_contain_text("Something else.")
    offer.get_by_role("button", name="Throw it away").click()
    page.keyboard.press("Control+s")
    expect(said(page)).to_contain_text("The draft is saved.")
    assert kept(page) == []


def test_kept_words_never_write_over_newer_ones(signed_in: SignedIn, slug: str) -> None:
    page = signed_in(tolerated="status of 409")
    type_at_end(page, edit(page, slug), "\nOf ada.\n")
    until(lambda: len(kept(page)) == 1)
    other = signed_in("grace")
    type_at_end(other, edit(other, slug), "\nOf grace.\n")
    other.keyboard.press("Control+s")
    expect(said(other)).to_contain_text("The draft is saved.")
    page.goto("/admin/topics")
    text = edit(page, slug)
    expect(text).to_have_value(re.compile(r"Of grace\.\n$"))
    offer = page.locator("[data-offers] .notice")
    expect(offer).to_contain_text("Meanwhile number 2 was saved: if you put yours back, saving shows you both.")
    offer.get_by_role("button", name="Put it back").click()
    page.keyboard.press("Control+s")
    expect(page.get_by_role("heading", level=1)).to_have_text("Two texts")
    expect(page.locator("legend")).to_have_text("Both changed this")


def test_another_editor_of_the_same_browser_sees_no_kept_words(opening: Opening, admin: Server, slug: str) -> None:
    page = opening(base_url=admin.url)
    sign_in(page)
    type_at_end(page, edit(page, slug), "\nOf ada.\n")
    until(lambda: len(kept(page)) == 1)
    expect(preview(page).locator("main")).to_contain_text("Of ada.")  # none is asked for after the session's end
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, "grace")
    edit(page, slug)
    expect(page.locator("[data-offers] .notice")).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    sign_in(page)
    edit(page, slug)
    expect(page.locator("[data-offers] .notice")).to_have_count(1)


def test_no_answer_of_the_server_loses_what_is_typed(signed_in: SignedIn) -> None:
    page = signed_in(tolerated="status of [45]|ERR_FAILED")
    text = edit(page, TOPIC)
    type_at_end(page, text, "\nStill here.\n")
    answers = {
        0: "The server does not answer. What you typed is still here and kept in this browser.",
        503: "The database is away.",
        429: "Too many requests. Try again in a moment; what you typed is kept in this browser.",
        413: "This is more than the server reads. Shorten the text; it is kept in this browser.",
        500: "The server could not do it. What you typed is still here and kept in this browser.",
    }
    for status, sentence in answers.items():
        page.route(re.compile(rf"/admin/topics/{TOPIC}$"), answering(status))
        page.keyboard.press("Control+s")
        expect(wrong(page)).to_contain_text(sentence)
        expect(text).to_have_value(re.compile(r"Still here\.\n$"))
        assert [words.endswith("\nStill here.\n") for words in kept(page)] == [True]


def answering(status: int) -> Callable[[Route], None]:
    """A server that has no other answer, or none at all."""
    body = '{"detail": "The database is away."}' if status == 503 else "<h1>Error</h1>"
    return lambda route: route.fulfill(status=status, body=body) if status else route.abort()


def test_too_much_is_said_before_it_is_sent(signed_in: SignedIn, slug: str) -> None:
    page = signed_in()
    text = edit(page, slug)
    page.route(re.compile(r"/preview$"), lambda route: route.fulfill(status=200, json={"html": None, "remarks": ""}))
    text.evaluate(
        "(node) => { node.value = 'x'.repeat(262145); node.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    with_requests = []
    page.on("request", lambda request: with_requests.append(request.url) if request.url.endswith(slug) else None)
    page.keyboard.press("Control+s")
    expect(wrong(page)).to_have_text(
        "Text has 262,145 characters; 262,144 fit. Shorten it: it is kept in this browser."
    )
    assert with_requests == []


# Two editors


def test_two_editors_in_conflict_merge_their_texts(signed_in: SignedIn, slug: str, axe: str) -> None:
    ada = signed_in(tolerated="status of 409")
    grace = signed_in("grace")
    mine, theirs = edit(ada, slug), edit(grace, slug)
    expect(grace.locator("[data-others]")).to_have_text("ada has this topic open, too.")
    theirs.fill(theirs.input_value().replace("A summary", "A better summary").replace("- None.", "- Theirs."))
    why(grace, "Better")
    grace.keyboard.press("Control+s")
    expect(said(grace)).to_contain_text("The draft is saved.")
    mine.fill(mine.input_value().replace("Words.", "My words.").replace("- None.", "- Mine."))
    ada.keyboard.press("Control+s")

    expect(ada.get_by_role("heading", level=1)).to_have_text("Two texts")
    expect(ada.locator(".lede")).to_contain_text("grace saved number 2 (draft)")
    expect(ada.locator(".lede")).to_contain_text("Their reason: Better")
    assert wider(ada) == []
    assert violations(ada, axe) == []
    stretches = ada.locator(".stretch")
    expect(stretches.locator("legend")).to_have_text(["grace changed this", "You changed this", "Both changed this"])
    expect(stretches.nth(0).get_by_label("Theirs").first.locator("ins")).to_have_text("better ")
    go = ada.get_by_role("button", name="Put together and go on editing")
    go.click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Two texts")  # one choice is missing
    stretches.nth(2).get_by_text("Both", exact=True).click()
    go.click()
    expect(ada.get_by_text("Both texts are put together here.")).to_be_visible()
    merged = ada.get_by_label("Text", exact=True)
    wanted = WORDS.format(number=slug.removeprefix("topic-"))
    for before, after in (
        ("A summary", "A better summary"),
        ("Words.", "My words."),
        ("- None.", "- Mine.\n- Theirs."),
    ):
        wanted = wanted.replace(before, after)
    expect(merged).to_have_value(wanted)
    expect(ada.get_by_text("it was not saved")).to_have_count(0)
    assert kept(ada) == [wanted], "kept until it is saved"
    ada.keyboard.press("Control+s")
    expect(said(ada)).to_contain_text("The draft is saved.")
    assert kept(ada) == []


def test_who_else_is_there_and_what_they_saved_is_told(signed_in: SignedIn, slug: str) -> None:
    grace = signed_in("grace")
    text = edit(grace, slug)
    ada = signed_in()
    with ada.expect_response(re.compile("/presence$")):
        edit(ada, slug)
    expect(ada.locator("[data-others]")).to_have_text("grace has this topic open, too.")
    type_at_end(grace, text, "\nMore.\n")
    grace.keyboard.press("Control+s")
    expect(said(grace)).to_contain_text("The draft is saved.")
    grace.goto("/admin/topics")  # leaves
    ada.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(ada.locator("[data-newer]")).to_have_text(
        "grace saved number 2 meanwhile. Your next save shows you both texts."
    )
    expect(ada.locator("[data-others]")).to_be_hidden()


# The toolbar


def test_the_toolbar_writes_what_belongs_into_these_words(signed_in: SignedIn) -> None:
    page = signed_in()
    text = edit(page, TOPIC)
    text.fill("# Title\n\nA summary.\n\nFlask calls it.")
    page.keyboard.press("Control+End")
    page.keyboard.press("Shift+Home")
    claim = page.get_by_role("button", name="Claim")
    claim.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Scenario or check").select_option("scenario:valid/flask")
    dialog.get_by_label("Scenario or check").focus()
    page.keyboard.press("Enter")
    expect(text).to_have_value("# Title\n\nA summary.\n\n[Flask calls it.](scenario:valid/flask)")
    expect(text).to_be_focused()

    # lines of a demo, chosen by keyboard
    page.keyboard.press("Control+End")
    page.get_by_role("button", name="Lines of a demo").click()
    dialog.get_by_label("File").select_option("fastapi/app.py")
    lines = dialog.get_by_label("Lines, from the first to the last that is chosen").locator("visible=true")
    lines.focus()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+ArrowDown")
    first = lines.locator("option").nth(0).get_attribute("value")
    second = lines.locator("option").nth(1).get_attribute("value")
    dialog.get_by_role("button", name="Insert the lines").click()
    expect(text).to_have_value(re.compile(re.escape(f"\n\n```python fastapi\n{first}\n{second}\n```\n")))

    page.get_by_role("button", name="Link").click()
    dialog.get_by_label("Topic").select_option("hello-world")
    dialog.get_by_role("button", name="Insert the link").click()
    expect(text).to_have_value(re.compile(r"\[Hello World\]\(\.\./hello-world/topic\.md\)"))
    assert selected(text) == "Hello World"
    page.keyboard.press("Control+b")
    assert selected(text) == "Hello World"
    expect(text).to_have_value(re.compile(r"\[\*\*Hello World\*\*\]"))
    page.keyboard.press("Control+z")
    expect(text).to_have_value(re.compile(r"\[Hello World\]"))

    # into the notes, when they were worked on last
    notes = page.get_by_label("Notes of Flask")
    notes.fill("A heading")
    page.get_by_role("button", name="Heading").click()
    expect(notes).to_have_value("### A heading")
    page.keyboard.press("Control+]")
    expect(notes).to_have_value("    ### A heading")
    page.keyboard.press("Control+[")
    expect(notes).to_have_value("### A heading")
    page.keyboard.press("Tab")
    expect(notes).not_to_be_focused()


# The list


def row(page: Page, slug: str) -> Locator:
    return page.locator(f"#topic-{slug}")


def section(page: Page, name: str) -> list[str]:
    found: list[str] = page.locator(f'[data-section="{name}"] li').evaluate_all(
        "(rows) => rows.map((row) => row.dataset.slug)"
    )
    return found


def test_topics_are_moved_by_keyboard(signed_in: SignedIn) -> None:
    page = signed_in()
    page.goto("/admin/topics")
    before = section(page, "ship")
    up = row(page, before[2]).get_by_role("button", name="up")
    up.focus()
    for place in (2, 1):
        with page.expect_response(re.compile("/order$")):
            page.keyboard.press("Enter")
        expect(page.locator("#said")).to_have_text(re.compile(f"is at place {place} of {len(POOL)} in Ship"))
        expect(up).to_be_focused()
        assert focus(page) == ""
    moved = [before[2], before[0], before[1], *before[3:]]
    assert section(page, "ship") == moved
    page.reload()
    assert section(page, "ship") == moved
    page.goto("/")
    links = page.locator('.index a[href^="/topics/topic-"]').evaluate_all(
        "(all) => all.map((one) => one.pathname.slice(8))"
    )
    assert links == moved

    # up over the head of the section into the one above, which is empty
    page.goto("/admin/topics")
    with page.expect_response(re.compile("/order$")):
        row(page, moved[0]).get_by_role("button", name="up").press("Enter")
    assert section(page, "tooling") == [moved[0]]
    page.reload()
    assert section(page, "tooling") == [moved[0]]
    with page.expect_response(re.compile("/order$")):
        row(page, moved[0]).get_by_role("button", name="down").press("Enter")
    assert section(page, "ship") == moved


def test_topics_are_moved_by_pointer(signed_in: SignedIn) -> None:
    page = signed_in()
    page.goto("/admin/topics")
    before = section(page, "ship")
    handle, target = row(page, before[0]).locator(".handle"), row(page, before[2])
    handle.scroll_into_view_if_needed()

    def drag() -> None:
        start, end = handle.bounding_box(), target.bounding_box()
        assert start
        assert end
        page.mouse.move(start["x"] + 8, start["y"] + 12)
        page.mouse.down()
        page.mouse.move(end["x"] + 8, end["y"] + end["height"] - 4, steps=8)

    drag()
    page.keyboard.press("Escape")
    page.mouse.up()
    assert section(page, "ship") == before, "given up"
    drag()
    with page.expect_response(re.compile("/order$")) as answer:
        page.mouse.up()
    assert answer.value.status == 200
    moved = [before[1], before[2], before[0], *before[3:]]
    assert section(page, "ship") == moved
    page.reload()
    assert section(page, "ship") == moved


def test_sections_are_moved_by_keyboard(signed_in: SignedIn, axe: str) -> None:
    page = signed_in(viewport={"width": 390, "height": 844})
    page.goto("/admin/topics")
    page.get_by_role("link", name="Sections", exact=True).click()
    assert wider(page) == []
    assert violations(page, axe) == []
    names = page.locator(".entries li b")
    before = names.all_text_contents()
    with page.expect_response(re.compile("/order$")):
        page.get_by_role("button", name=f"Move {before[1]} up").press("Enter")
    expect(page.locator("#said")).to_have_text(f"{before[1]} is at place 1 of {len(before)}.")
    page.reload()
    expect(names).to_have_text([before[1], before[0], *before[2:]])
    page.goto("/")
    expect(page.locator(".index h3").first).to_have_text(before[1])


def test_a_move_that_fails_is_said(signed_in: SignedIn) -> None:
    page = signed_in(tolerated="status of 401")
    page.goto("/admin/topics")
    page.context.clear_cookies()
    row(page, TOPIC).get_by_role("button", name="up").click()
    expect(page.get_by_role("alert")).to_contain_text("Your session is over: the topic was not moved.")


def test_the_list_is_filtered_while_typing(signed_in: SignedIn) -> None:
    page = signed_in()
    page.goto("/admin/topics")
    page.get_by_role("searchbox").fill("middle")
    expect(page.locator(".entries li:visible")).to_have_count(1)
    expect(row(page, TOPIC)).to_be_visible()
    expect(row(page, TOPIC).get_by_role("button")).to_have_count(0)  # its neighbours are not all there


def test_a_new_topic_gets_its_address_from_its_title(signed_in: SignedIn) -> None:
    page = signed_in(tolerated="status of 40[04]")
    page.goto("/admin/topics")
    page.get_by_role("link", name="New topic").click()
    page.get_by_label("Title").fill("Type hints, at last!")
    expect(page.get_by_label("Address")).to_have_value("type-hints-at-last")
    page.get_by_label("Summary").fill("What they are for.")
    page.get_by_role("button", name="Make it, as a draft").click()
    expect(page.get_by_role("status").first).to_have_text(
        "The topic is made, as a draft. Readers see it when it is published."
    )
    expect(preview(page).locator("h1")).to_have_text("Type hints, at last!")
    page.goto("/admin/topics/new")
    page.get_by_label("Title").fill("The same")
    page.get_by_label("Address").fill("type-hints-at-last")
    page.get_by_label("Summary").fill("Another.")
    page.get_by_role("button", name="Make it, as a draft").click()
    expect(page.get_by_text("There is a topic type-hints-at-last already.")).to_be_visible()
    expect(page.get_by_label("Summary")).to_have_value("Another.")


# Looks


def test_the_pages_fit_and_axe_finds_nothing_serious(signed_in: SignedIn, axe: str) -> None:
    page = signed_in(tolerated=REFUSED)
    for path in ("/admin/topics", "/admin/topics/new", f"/admin/topics/{TOPIC}"):
        page.goto(path)
        if path.endswith(TOPIC):
            page.get_by_label("Text", exact=True).fill("no heading")
            expect(page.locator(".remarks")).to_be_attached()
        for width in (390, 1024, 1440):
            page.set_viewport_size({"width": width, "height": 844})
            assert wider(page) == [], (path, width)
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                assert violations(page, axe, None if theme == "light" else COLOURS) == [], (path, width, theme)
    page.get_by_role("button", name="Lines of a demo").click()
    assert violations(page, axe) == []


@pytest.mark.parametrize(("path", "width"), [("/admin/topics", 1280), (f"/admin/topics/{TOPIC}", 390)])
def test_every_stop_of_the_focus_is_seen(signed_in: SignedIn, path: str, width: int) -> None:
    page = signed_in(viewport={"width": width, "height": 844})
    page.goto(path)
    assert tab_through(page) > 15


def test_on_a_phone_text_and_preview_take_turns(signed_in: SignedIn, slug: str) -> None:
    page = signed_in(viewport={"width": 390, "height": 844}, has_touch=True)
    text = edit(page, slug)
    frame = page.locator("iframe")
    expect(text).to_be_visible()
    expect(frame).to_be_hidden()
    text.fill("no heading")
    tab = page.get_by_role("radiogroup", name="Show").get_by_text("Preview")
    expect(tab).to_have_text("Preview (1)")
    tab.click()
    expect(text).to_be_hidden()
    expect(frame).to_be_visible()
    page.locator(".remarks a").click()
    expect(text).to_be_focused()
    expect(frame).to_be_hidden()


# Without script


def test_without_script_words_are_previewed_saved_merged_and_moved(signed_in: SignedIn, slug: str) -> None:
    page = signed_in(tolerated=REFUSED, java_script_enabled=False)
    text = edit(page, slug)
    text.fill(text.input_value() + "\nBy hand.\n")
    press(page, "Preview")
    expect(preview(page).get_by_text("By hand.")).to_be_visible()
    expect(page.locator(".remarks li")).to_have_count(1)
    expect(text).to_have_value(re.compile(r"By hand\.\n$"))
    why(page, "By hand")
    press(page, "Publish")
    expect(page.get_by_role("alert").first).to_have_text(
        "Not published yet: look at the warnings. Publish again if it is to be so."
    )
    press(page, "Publish with 1 warning")
    expect(page.get_by_role("status").first).to_have_text("It is published: readers see it now.")
    page.goto(f"/topics/{slug}")
    expect(page.get_by_text("By hand.")).to_be_visible()

    # an expired session gives the form back, and sends it again
    edit(page, slug)
    text.fill(text.input_value() + "\nAfter hours.\n")
    state = page.context.storage_state()
    page.context.clear_cookies()
    press(page, "Save draft")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your session is over")
    expect(page.get_by_label("text", exact=True)).to_have_value(re.compile(r"After hours\.\n$"))
    page.context.add_cookies(state["cookies"])
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_role("status").first).to_contain_text("The draft is saved.")

    # a stale save
    stale = page.context.new_page()
    stale.goto(f"/admin/topics/{slug}")
    text.fill(text.input_value().replace("Words.", "First words."))
    press(page, "Save draft")
    expect(page.get_by_role("status").first).to_contain_text("The draft is saved.")
    other = stale.get_by_label("Text", exact=True)
    other.fill(other.input_value().replace("Words.", "Second words."))
    press(stale, "Save draft")
    expect(stale.get_by_role("heading", level=1)).to_have_text("Two texts")
    stale.get_by_role("radiogroup").get_by_text("Mine", exact=True).click()
    stale.get_by_role("button", name="Put together and go on editing").click()
    expect(other).to_have_value(re.compile(r"Second words\."))
    press(stale, "Save draft")
    expect(stale.get_by_role("status").first).to_contain_text("The draft is saved.")

    page.goto("/admin/topics")
    row(page, slug).get_by_role("button", name="down").click()
    expect(page.get_by_role("status").first).to_have_text("The topic is moved.")
    assert page.url.endswith(f"#topic-{slug}")

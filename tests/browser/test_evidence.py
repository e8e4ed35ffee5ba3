"""The eight parts of the evidence, as a reader uses them."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sites import Serving

pytest.importorskip("playwright")
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

TOPIC = "/topics/query-parameters"


def sent(page: Page) -> list[str]:
    """Every request that a page sends to the demos from now on."""
    posts: list[str] = []
    page.on("request", lambda r: r.method == "POST" and posts.append(r.url))
    return posts


def module(page: Page, name: str, expression: str) -> object:
    """What an expression gives in which `it` is one of the site's modules, as it was written."""
    source = page.locator('script[src$="/js/topic.js"]').get_attribute("src") or ""
    address = f"{source.removesuffix('/js/topic.js').removesuffix('/vendor')}/js/{name}"
    return page.evaluate(f"import('{address}').then((it) => {expression})")


# Typed differences


def test_differences_are_named_by_kind_place_values_and_effect(page: Page) -> None:
    page.goto(TOPIC)
    page.get_by_role("button", name="Wrong type").click()
    found = page.locator("#answers .found")
    expect(found.get_by_text("5 differences")).to_be_visible()
    # the worst effect first
    assert found.locator("th.effect").all_inner_texts() == ["Leaks data 1", "Breaks clients 4"]
    row = found.locator("tr", has_text="/limit")
    assert row.locator("th, td").all_inner_texts() == ["only Flask", "Body /limit", "10", "nothing"]
    # marked in the pane, and not by colour alone: the line has a bar, the kind a sign and words
    expect(page.locator('#answers .pane[data-side="1"] .x', has_text='"limit"')).to_be_visible()
    assert row.locator(".kind use").get_attribute("href") == "#d-missing"


def test_suppressed_differences_are_counted_and_a_switch_brings_them_back(page: Page) -> None:
    page.goto(TOPIC)
    posts = sent(page)
    fold = page.locator(".noise > summary")
    fold.click()
    # nothing was sent from here yet: the switch only waits
    page.get_by_role("checkbox", name="Content-Length").uncheck()
    expect(page.locator(".noise [data-count]")).to_have_text("10 of 12 rules on")
    page.get_by_role("checkbox", name="Content-Length").check()
    assert posts == []
    page.get_by_role("button", name="Missing parameter").click()
    found = page.locator("#answers .found")
    expect(found.get_by_text("3 differences", exact=True)).to_be_visible()
    expect(found.get_by_text("3 not compared", exact=True)).to_be_visible()
    found.locator("summary").click()
    expect(found.locator("details tr", has_text="content-length").first).to_contain_text("Content-Length")
    # now it sends the same request again
    page.get_by_role("checkbox", name="Content-Length").uncheck()
    expect(found.get_by_text("4 differences", exact=True)).to_be_visible()
    expect(found.get_by_text("2 not compared", exact=True)).to_be_visible()
    assert len(posts) == 2


def test_a_switch_never_sends_what_was_typed_meanwhile(page: Page) -> None:
    page.goto(TOPIC)
    page.get_by_role("button", name="Missing parameter").click()
    expect(page.locator("#answers .found")).to_contain_text("3 differences")
    posts = sent(page)
    page.locator('[name="path"]').fill("/not-yet")
    page.locator(".noise > summary").click()
    page.get_by_role("checkbox", name="Content-Length").uncheck()
    page.wait_for_timeout(200)
    assert posts == []


# Run all


def test_run_all_shows_every_request_on_every_variant(page: Page) -> None:
    page.goto(TOPIC)
    page.get_by_role("button", name=re.compile("Run all")).click()
    board = page.locator("#scoreboard")
    expect(board.locator("[data-said]")).to_contain_text("answers as declared")
    expect(board.locator("tbody tr")).to_have_count(page.locator(".chip").count())
    row = board.locator("tbody tr", has_text="Missing parameter")
    assert row.locator(".status").all_inner_texts() == ["400", "422"]
    assert row.locator(".held").all_inner_texts() == ["as declared", "as declared"]
    expect(row).to_contain_text("breaks clients 3")
    posts = sent(page)
    row.get_by_role("link").click()
    expect(page.locator('[name="query"]')).to_have_value("limit=5")
    expect(page.locator("#hint")).to_have_text("Filled from a link. Press Send.")
    assert posts == []


def test_run_all_without_script_is_a_whole_page(opening: Callable[..., Page]) -> None:
    page = opening(java_script_enabled=False)
    page.goto(TOPIC)
    page.get_by_role("button", name=re.compile("Run all")).click()
    expect(page.locator("#scoreboard tbody tr").first).to_be_visible()
    expect(page.locator("h1")).to_have_text("Query parameters")


# The atlas


def test_the_atlas_is_filtered_and_sends_a_request_again_on_the_spot(page: Page) -> None:
    page.goto("/differences")
    everything = page.locator("[data-said]").inner_text()
    page.locator("[name='effect']").select_option("leaks data")
    expect(page.locator("[data-said]")).not_to_have_text(everything)
    expect(page).to_have_url(re.compile(r"/differences/filter\?effect=leaks(\+|%20)data$"))
    effects = page.locator("#differences td.effect").all_inner_texts()
    assert set(effects) == {"leaks data"}
    assert page.locator("[data-said]").inner_text().startswith(f"{len(effects)} of ")
    assert "Page" not in page.locator("[data-said]").inner_text()
    article = page.locator("article").first
    article.get_by_role("button", name=re.compile("Send again")).click()
    expect(article.locator(".again .pane")).to_have_count(2)
    expect(page).to_have_url(re.compile("/differences/filter"))
    article.get_by_text("Answers just now").click()
    expect(article.locator(".again .pane").first).to_be_hidden()
    page.go_back()
    expect(page.locator("[data-said]")).to_have_text(everything)
    expect(page.locator("[name='effect']")).to_have_value("")


def test_the_atlas_works_without_script(opening: Callable[..., Page]) -> None:
    page = opening(java_script_enabled=False)
    page.goto("/differences")
    page.locator("[name='area']").select_option("status")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("[name='area']")).to_have_value("status")
    assert {text.split()[0] for text in page.locator("#differences tbody th").all_inner_texts()} == {"Status"}
    page.get_by_role("button", name=re.compile("Send again")).first.click()
    expect(page.locator("#answers .pane")).to_have_count(2)


# Make them match


def test_a_shim_makes_a_difference_vanish_and_is_copied_to_the_letter(opening: Callable[..., Page]) -> None:
    page = opening(permissions=["clipboard-read", "clipboard-write"])
    page.goto(TOPIC)
    page.get_by_role("button", name="Missing parameter").click()
    found = page.locator("#answers .found")
    expect(found.locator("tr", has_text="Status")).to_have_count(1)
    page.locator(".match > summary").click()
    box = page.locator('[name="shims"][value="validation-400"]')
    box.check()
    expect(page.locator(".match [data-count]")).to_have_text(re.compile(r"1 of \d+ in use"))
    page.get_by_role("button", name="Send with these").click()
    expect(page.locator('#answers .pane[data-side="2"] .pane-head b')).to_have_text(re.compile("FastAPI with .+"))
    expect(found.locator("tr", has_text="Status")).to_have_count(0)
    page.get_by_role("button", name="Copy the shims in use").click()
    expect(page.get_by_role("button", name="Copied", exact=True)).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()").replace("\r\n", "\n")
    shims = Path(__file__).resolve().parents[2] / "content" / "shims"
    first, _, code = copied.partition("\n")
    assert first == "# fastapi/validation_400.py: call install(app) once, after the app is made."
    assert code.strip() == (shims / "fastapi" / "validation_400.py").read_text().strip()
    # a preset is sent with what is ticked
    page.get_by_role("button", name="Empty number").click()
    expect(page.locator('#answers .pane[data-side="2"] .status')).to_have_text(re.compile("400"))


# Claims


def test_the_tick_of_a_claim_leads_to_its_evidence(page: Page) -> None:
    page.goto(TOPIC)
    posts = sent(page)
    tick = page.locator('main .tick[href="#scenario-missing"]').first
    assert tick.get_attribute("data-holds") == "yes"
    expect(tick).to_have_accessible_name(re.compile("Evidence: scenario:missing.*, holds"))
    tick.click()
    expect(page.locator("#scenario-missing")).to_have_attribute("aria-current", "true")
    expect(page.locator('[name="query"]')).to_have_value("limit=5")
    expect(page.locator(".console")).to_be_in_viewport()
    check = page.locator('main .tick[href*="/claims/"]').first
    check.click()
    expect(page).to_have_url(re.compile("/claims/query-parameters#query-parameters-"))
    row = page.locator(":target")
    expect(row).to_be_in_viewport()
    expect(row).to_contain_text("holds")
    expect(row.locator("pre")).to_contain_text("def check_")
    assert posts == []


STRAYED = """() => [...document.querySelectorAll("main .tick")].filter((tick) => {
  const words = document.createTreeWalker(tick.previousElementSibling, NodeFilter.SHOW_TEXT);
  while (words.nextNode());
  const end = document.createRange();
  end.setStart(words.currentNode, words.currentNode.length - 1);
  end.setEnd(words.currentNode, words.currentNode.length);
  const middle = ({top, bottom}) => (top + bottom) / 2;
  return Math.abs(middle(end.getBoundingClientRect()) - middle(tick.getBoundingClientRect())) > 12;
}).length"""
"""How many ticks are not on the line of their sentence's last letter."""
WIDTHS = range(390, 470, 10)


def test_a_tick_stays_on_the_line_of_its_last_word(page: Page) -> None:
    page.goto("/topics/admin-interfaces")

    def strayed() -> int:
        found = 0
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found += int(page.evaluate(STRAYED))
        return found

    assert page.locator("main .tick").count() > 40
    assert strayed() == 0
    page.evaluate("() => document.styleSheets[0].insertRule('.tick { display: inline-block !important }')")
    assert strayed() > 0, "it would not be seen"


@pytest.mark.slow
def test_wrong_demos_break_claims_scoreboard_and_ledger(
    opening: Callable[..., Page], serving: Serving, content: Path
) -> None:
    """A negative control: what is green elsewhere is not green by habit."""
    app = content / "topics" / "query-parameters" / "flask" / "app.py"
    app.write_text(app.read_text().replace('request.args["department"]', '"sales"  # department'))
    with serving(content=content) as server:
        page = opening(base_url=server.url)
        page.goto(TOPIC)
        assert page.locator('main .tick[data-holds="no"]').count() > 0
        page.get_by_role("button", name=re.compile("Run all")).click()
        expect(page.locator("#scoreboard .held[data-holds='no']").first).to_have_text("not as declared")
        page.goto("/claims")
        expect(page.locator(".lede")).to_contain_text("broken")
        page.get_by_label(re.compile("Broken")).check(force=True)
        assert page.locator(".ledger li:visible").count() == page.locator(".ledger li[data-holds='no']").count() > 0


# History and permalinks


def test_history_survives_a_reload_and_shows_kept_answers_without_sending(page: Page) -> None:
    page.goto(TOPIC)
    page.locator('[name="query"]').fill("department=qa&limit=7")
    page.get_by_role("button", name="Send to both apps").click()
    expect(page.locator("#answers")).to_contain_text('"qa"')
    page.get_by_role("button", name="Valid").click()
    expect(page.locator("#history [data-count]")).to_have_text("2")
    page.get_by_role("button", name="Send to both apps").click()  # the same again is one entry
    page.wait_for_timeout(300)
    page.reload()
    expect(page.locator("#history [data-count]")).to_have_text("2")
    posts = sent(page)
    page.locator("#history > summary").click()
    entry = page.locator("#history li").nth(1)
    expect(entry).to_contain_text("GET /employees?department=qa&limit=7")
    assert entry.locator(".status").all_inner_texts() == ["200", "200"]
    entry.get_by_role("button").click()
    expect(page.locator('[name="query"]')).to_have_value("department=qa&limit=7")
    expect(page.locator("#answers .body").first).to_contain_text('"qa"')
    expect(page.locator("#hint")).to_have_text(re.compile(r"From history, answered .*\. Press Send to ask again\."))
    expect(page.locator("#answers")).to_have_class(re.compile("kept"))
    page.get_by_role("button", name="Clear the history").click()
    page.reload()
    expect(page.locator("#history [data-count]")).to_have_text("")
    assert posts == []


def test_a_permalink_fills_form_switches_and_layout_and_sends_nothing(opening: Callable[..., Page], site: str) -> None:
    page = opening(permissions=["clipboard-read", "clipboard-write"], viewport={"width": 1280, "height": 900})
    page.goto(TOPIC)
    page.locator('[name="query"]').fill("department=ünï&limit=5")
    page.locator(".match > summary").click()
    page.locator('[name="shims"][value="validation-400"]').check()
    page.locator(".noise > summary").click()
    page.get_by_role("checkbox", name="Content-Length").uncheck()
    page.locator('[name="view"][value="stacked"]').check(force=True)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied", exact=True)).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{site}{TOPIC}#r=1.")
    assert len(link) < 500

    other = opening(viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"])
    posts = sent(other)
    other.goto(link)
    expect(other.locator("#hint")).to_have_text("Filled from a link. Press Send.")
    expect(other.locator('[name="query"]')).to_have_value("department=ünï&limit=5")
    expect(other.locator('[name="shims"][value="validation-400"]')).to_be_checked()
    expect(other.locator('.noise [value="content-length"]')).not_to_be_checked()
    expect(other.locator('[name="view"][value="stacked"]')).to_be_checked()
    expect(other.locator("#answers")).to_have_class(re.compile("stale"))
    # the same content gives the same link
    other.get_by_role("button", name="Copy link").click()
    expect(other.get_by_role("button", name="Copied", exact=True)).to_be_visible()
    assert other.evaluate("navigator.clipboard.readText()") == link
    other.wait_for_timeout(300)
    assert posts == []
    other.get_by_role("button", name="Send to both apps").click()
    expect(other.locator("#answers [data-sent]")).to_contain_text("limit=5")
    assert len(posts) == 1


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("#r=2.e30", "another version"),
        ("#r=", "another version"),
        ("#r=1.", "damaged"),
        ("#r=1.%%%", "damaged"),
        ("#r=1.W10xx", "damaged"),
        ("#r=1.eyJtIjo1fQ", "damaged"),  # {"m":5}
        ("#r=1.bnVsbA", "damaged"),  # null
    ],
)
def test_a_link_that_cannot_be_read_says_so(page: Page, link: str, words: str) -> None:
    page.goto(TOPIC + link)
    expect(page.locator("#hint")).to_contain_text(words)
    expect(page.locator('[name="path"]')).to_have_value("/employees")


def test_a_link_with_a_shim_that_is_gone_fills_the_rest(page: Page) -> None:
    page.goto(TOPIC)
    state = json.dumps({"path": "/x", "noise": [], "shims": ["gone"], "variants": []})
    link = module(page, "permalink.js", f"it.encode({state}, [])")
    page.goto(f"{TOPIC}?again{link}")
    expect(page.locator("#hint")).to_contain_text("Not known here any more: gone.")
    expect(page.locator('[name="path"]')).to_have_value("/x")


def test_history_is_bounded_and_keeps_the_newest(page: Page) -> None:
    page.goto(TOPIC)
    entry = "{page: '/a', link: `#${n}`, html: 'x'.repeat(%d)}"
    fill = f"[...Array(60).keys()].reduce((all, n) => it.withEntry(all, {entry}), [])"
    assert module(page, "history.js", f"{fill % 9}.map((one) => one.link)") == [f"#{n}" for n in range(59, 39, -1)]
    assert module(page, "history.js", f"{fill % 100_000}.map((one) => one.link)") == ["#59", "#58", "#57", "#56"]


def test_kept_html_can_neither_run_nor_load_nor_send(page: Page) -> None:
    page.goto(TOPIC)
    page.get_by_role("button", name="Valid").click()
    expect(page.locator("#history [data-count]")).to_have_text("1")
    poison = (
        '<div class="poison">kept<img src="https://elsewhere.example/x"><script src="https://elsewhere.example/s"></script>'
        '<svg><use href="https://elsewhere.example/y"/></svg><iframe src="/"></iframe><form action="/z"></form>'
        '<b hx-get="/" hx-trigger="load" data-hx-get="/">b</b><button formaction="/z">go</button></div>'
    )
    page.evaluate(
        """(html) => {
            const all = JSON.parse(localStorage.tried);
            all[0].html = html;
            localStorage.tried = JSON.stringify(all);
        }""",
        poison,
    )
    page.reload()
    page.locator("#history > summary").click()
    page.locator("#history li button").click()
    kept = page.locator("#answers .poison")
    expect(kept).to_be_visible()
    assert kept.evaluate("(node) => node.outerHTML") == (
        '<div class="poison">kept<svg><use></use></svg><b>b</b><button>go</button></div>'
    )


def test_the_page_works_where_the_storage_is_refused(page: Page) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    page.goto(TOPIC)
    page.get_by_role("button", name="Missing parameter").click()
    expect(page.locator("#answers .found")).to_contain_text("3 differences")
    expect(page.locator("#history [data-count]")).to_have_text("1")


# Take it with you


def test_the_ticked_requests_are_downloaded_as_a_pytest_file(page: Page) -> None:
    page.goto(TOPIC)
    for box in page.locator('.take [name="scenario"]:not([value="missing"])').all():
        box.uncheck()
    page.locator(".noise > summary").click()
    page.get_by_role("checkbox", name="Content-Length").uncheck()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as pytest").click()
    assert download.value.suggested_filename == "test_query_parameters_parity.py"
    assert "noise=content-length" not in download.value.url
    text = Path(download.value.path()).read_text()
    compile(text, "parity.py", "exec")
    assert "limit=5" in text
    assert "limit=ten" not in text


def test_a_topic_is_downloaded_as_a_project(page: Page) -> None:
    page.goto(TOPIC)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as a project").click()
    assert download.value.suggested_filename == "query-parameters.zip"
    assert zipfile.ZipFile(download.value.path()).testzip() is None


# The matrix


def test_the_matrix_is_filtered_and_each_cell_leads_to_evidence(page: Page) -> None:
    page.goto("/matrix")
    rows = page.locator(".matrix tbody tr:not(.group)")
    total = rows.count()
    page.get_by_label(re.compile("Only what differs")).check(force=True)
    differing = page.locator(".matrix tr[data-differs]").count()
    assert 0 < differing < total
    expect(page.locator(".matrix tbody tr:not(.group):visible")).to_have_count(differing)
    page.get_by_label("Filter features").fill("websocket")
    expect(page.locator(".matrix tbody tr:not(.group):visible")).to_have_count(1)
    page.get_by_label("Filter features").fill("nothing like this")
    expect(page.get_by_text("No feature has that word.")).to_be_visible()
    page.get_by_label("Filter features").fill("")
    page.locator('[name="rows"][value="all"]').check(force=True)
    assert page.locator(".matrix td[data-side]:not(:has(.proof))").count() == 0
    page.locator('.proof[href*="#scenario-"]').first.click()
    expect(page.locator("#hint")).to_have_text("Filled from a link. Press Send.")


def test_the_matrix_keeps_its_head_in_view_and_prints_on_two_sheets(page: Page) -> None:
    page.goto("/matrix")
    page.mouse.wheel(0, 1200)
    page.wait_for_timeout(200)
    expect(page.locator(".matrix thead th").last).to_be_in_viewport()
    page.emulate_media(media="print")
    expect(page.locator(".top")).to_be_hidden()
    expect(page.locator(".proof").first).to_be_hidden()
    expect(page.locator(".matrix tbody tr").last).to_be_visible()
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) <= 2


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/differences", "/claims", "/matrix", TOPIC])
@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_no_page_scrolls_sideways(opening: Callable[..., Page], path: str, width: int) -> None:
    page = opening(viewport={"width": width, "height": 900})
    page.goto(path)
    if path == TOPIC:
        page.get_by_role("button", name=re.compile("Run all")).click()
        expect(page.locator("#scoreboard tbody tr").first).to_be_visible()
        page.evaluate("document.querySelectorAll('main details').forEach((fold) => { fold.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width

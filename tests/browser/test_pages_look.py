"""Every kind of page at three widths, light and dark: nothing moves, overflows, hinders or is asked elsewhere."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import httpx2
import pytest

pytest.importorskip("playwright")
from looking import COLOURS, held, painted, read_through, shifts, thin_out, violations, wider
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from conftest import Opening

PAGES = {
    "home": "/",
    "topic": "/topics/data-validation",
    "topic-with-files": "/topics/templates",
    "topic-with-variants": "/topics/authentication",
    "topic-with-frames": "/topics/automatic-documentation",
    "search": "/search?q=request",
    "search-without-hits": "/search?q=xyzzy",
    "not-found": "/topics/hello-wrold",
    "differences": "/differences",
    "claims": "/claims",
    "matrix": "/matrix",
    "checklist": "/checklist",
    "errata": "/errata",
}
FIRST = ("home", "topic", "not-found", "differences", "matrix")
"""The kinds of pages that are looked at in each run; the others are slow."""
SIZES = {390: 844, 1024: 768, 1440: 900}
"""Heights of windows by their width."""
CORE_FONTS = "[...document.fonts].filter((one) => /^U\\+20-7E/i.test(one.unicodeRange)).map(({ status }) => status)"
REPEATED = ".atlas, .atlas article, .ledger section, .ledger li"


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=name, marks=() if name in FIRST else pytest.mark.slow) for name, path in PAGES.items()],
)
def test_a_page_looks_right(opening: Opening, axe: str, path: str) -> None:
    page = opening("status of 404" if path == PAGES["not-found"] else "(?!)", color_scheme="light")
    without_cache(page)
    for width, height in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(path)
        page.evaluate("document.fonts.ready.then(() => null)")
        assert page.evaluate(CORE_FONTS) == ["loaded", "loaded"], width
        read_through(page)
        assert shifts(page) == [], width
        assert wider(page) == [], width
        # now what a reader can open, too
        thin_out(page, REPEATED)
        page.evaluate("document.querySelectorAll('main details').forEach((fold) => { fold.open = true; })")
        assert wider(page) == [], width
        if width != 1024:  # has the layout of one of the others in each part
            assert in_both_themes(page, axe) == [], width


def without_cache(page: Page) -> None:
    """Fetch everything again with every page, as a first visitor does."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})


def in_both_themes(page: Page, axe: str) -> list[str]:
    """What axe finds in the light theme, and in the dark one by the rules that can differ there."""
    found = violations(page, axe)
    page.emulate_media(color_scheme="dark")
    found += violations(page, axe, COLOURS)
    page.emulate_media(color_scheme="light")
    return found


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", ["/", "/topics/hello-world"])
def test_nothing_moves_when_fonts_and_scripts_come_late(opening: Opening, path: str, width: int) -> None:
    page = opening(viewport={"width": width, "height": SIZES[width]})
    with held(page, re.compile(r"/vendor/(?!css/)|/js/(?!early)")):
        page.goto(path, wait_until="commit")
        painted(page)
    page.wait_for_load_state()
    page.evaluate("document.fonts.ready.then(() => null)")
    assert page.get_by_role("button", name="Theme: system").get_attribute("title")  # the scripts have run
    assert shifts(page) == []


@pytest.mark.parametrize("width", [390, pytest.param(1440, marks=pytest.mark.slow)])
def test_what_opens_over_a_page_looks_right(opening: Opening, axe: str, width: int) -> None:
    page = opening(viewport={"width": width, "height": SIZES[width]}, color_scheme="light")
    page.goto("/topics/hello-world")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search").fill("route")
    expect(page.get_by_role("listbox", name="Results").get_by_role("option").nth(1)).to_be_visible()
    assert wider(page) == []
    assert in_both_themes(page, axe) == []
    page.keyboard.press("Escape")
    if width == 390:
        page.get_by_role("button", name="Topics menu").click()
        expect(page.get_by_role("navigation", name="All topics")).to_be_visible()
        assert wider(page) == []
        assert in_both_themes(page, axe) == []


@pytest.mark.parametrize("width", [390, pytest.param(1440, marks=pytest.mark.slow)])
def test_answers_and_problems_look_right(opening: Opening, axe: str, width: int) -> None:
    failures = "status of 422|Failed to fetch|ERR_FAILED"
    page = opening(failures, viewport={"width": width, "height": SIZES[width]}, color_scheme="light")
    page.goto("/topics/data-validation")
    path = page.get_by_role("textbox", name="Path")
    send = page.get_by_role("button", name="Send to both apps")
    path.fill("items")
    send.click()
    expect(path).to_have_attribute("aria-invalid", "true")
    assert wider(page) == []
    assert in_both_themes(page, axe) == []
    page.route("**/try", lambda route: route.abort())
    path.fill("/" + "long" * 200)
    send.click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert wider(page) == []
    assert in_both_themes(page, axe) == []
    page.unroute("**/try")
    send.click()
    expect(page.locator("[data-sent]")).to_contain_text("longlong")
    assert wider(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_is_what_the_reader_chose_not_what_the_system_says(opening: Opening, axe: str, scheme: str) -> None:
    other = {"light": "dark", "dark": "light"}[scheme]
    page = opening(color_scheme=other)
    page.add_init_script(f"localStorage.theme = '{scheme}'")
    page.goto("/topics/hello-world")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == scheme
    assert violations(page, axe, COLOURS) == []


def test_the_checks_would_notice(opening: Opening, axe: str) -> None:
    """A negative control of everything above."""
    page = opening()
    page.goto("/")
    page.evaluate(
        """() => {
          const box = document.createElement("p");
          box.innerHTML = 'faint <button></button>';
          Object.assign(box.style, { width: "3000px", height: "300px", color: "#777", background: "#888" });
          document.querySelector("main").prepend(box);
        }"""
    )
    assert any(line.startswith("0.") for line in shifts(page))
    assert "faint" in wider(page)[0]
    assert {line.partition(":")[0] for line in violations(page, axe)} >= {"button-name", "color-contrast"}


@pytest.fixture
def in_pieces(site: str) -> Iterator[str]:
    """The address of a slow line to the site: each page comes in pieces, with pauses between them."""

    class Line(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = httpx2.get(f"{site}{self.path}", headers={"Host": self.headers["Host"]})
            self.send_response(answer.status_code)
            for name in ("content-type", "content-security-policy"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.end_headers()
            count = 8 if answer.headers["content-type"].startswith("text/html") else 1
            size = -(-len(answer.content) // count)
            for begin in range(0, len(answer.content), size):
                self.wfile.write(answer.content[begin : begin + size])
                self.wfile.flush()
                time.sleep(0.08 if count > 1 else 0)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Line) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", ["/", "/topics/data-validation", "/topics/hello-wrold"])
def test_nothing_moves_while_a_page_comes_in_pieces(opening: Opening, in_pieces: str, path: str, width: int) -> None:
    page = opening("status of 404", base_url=in_pieces, viewport={"width": width, "height": SIZES[width]})
    page.goto(path)
    painted(page)
    assert shifts(page) == []

"""A real browser against a real `explorer serve`: any installed Chromium, driven by Playwright.

A page fails its test by a console error (also a breach of the content security policy), an exception or a request
to another host.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from sites import ROOT, Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Request

    Opening = Callable[..., Page]

REQUIRED = "EXPLORER_REQUIRE_BROWSER"
AXE = ROOT / "build" / "axe" / "axe.min.js"
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The first is the same browser without windows: it takes a third less time."""
PATIENCE = 20_000
"""How many milliseconds something may take before it counts as missing; a loaded machine is slow."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def missing(message: str) -> None:
    """Skip; fail where a browser is required, as in CI."""
    (pytest.fail if os.environ.get(REQUIRED) else pytest.skip)(message)


@pytest.fixture(scope="session")
def site(serving: Serving) -> Iterator[str]:
    """The address of the site with the content that is shipped."""
    with serving() as server:
        yield server.url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium for one file: while playwright runs, no other test of this process can run an event loop."""
    program = os.environ.get("EXPLORER_CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        missing(f"no Chromium found (looked for {', '.join(PROGRAMS)}; EXPLORER_CHROMIUM names another)")
    try:
        from playwright.sync_api import expect, sync_playwright
    except ImportError:
        missing("playwright is not installed")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which the build hook brings."""
    if not AXE.is_file():
        missing(f"{AXE} is missing: install again, online")
    return AXE.read_text()


@pytest.fixture
def opening(browser: Browser, site: str) -> Iterator[Opening]:
    """Open tabs, each in a browser context of its own with an empty cache; keywords are the context's options.

    `tolerated` is a pattern of the console errors that belong to the test, such as that of a page with status 404.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def opening(tolerated: str = "(?!)", **options: object) -> Page:
        address = str(options.setdefault("base_url", site))
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)

        def complain(problem: str) -> None:
            if not re.search(tolerated, problem):
                problems.append(problem)

        def watch(tab: Page) -> None:
            tab.on("console", lambda message: message.type == "error" and complain(f"console: {message.text}"))
            tab.on("pageerror", lambda error: problems.append(f"error: {error}"))

        def see(request: Request) -> None:
            if not request.url.startswith((f"{address}/", "data:", "blob:")):
                problems.append(f"asked {request.url}")

        context.on("page", watch)
        context.on("request", see)
        return context.new_page()

    yield opening
    for context in contexts:
        context.close()
    assert not problems, "\n".join(problems)


@pytest.fixture
def page(opening: Opening) -> Page:
    """A fresh tab of the width of a desktop."""
    return opening(viewport={"width": 1280, "height": 900})


@pytest.fixture
def phone(opening: Opening) -> Page:
    """A fresh tab of the width of a phone."""
    return opening(viewport={"width": 390, "height": 844}, has_touch=True)

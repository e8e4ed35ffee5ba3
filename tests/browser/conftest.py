"""A real browser against a real `explorer serve`: any installed Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from sites import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    Opening = Callable[..., Page]

REQUIRED = "EXPLORER_REQUIRE_BROWSER"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = os.environ.get("EXPLORER_CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        missing(f"no Chromium found (looked for {', '.join(PROGRAMS)}; EXPLORER_CHROMIUM names another)")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def opening(browser: Browser, site: str) -> Iterator[Opening]:
    """Open tabs with options of a browser context; a console or page error or another host fails the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def opening(**options: object) -> Page:
        address = str(options.setdefault("base_url", site))
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(5000)
        tab = context.new_page()
        tab.on("console", lambda m: m.type == "error" and problems.append(f"console: {m.text}"))
        tab.on("pageerror", lambda e: problems.append(f"error: {e}"))
        tab.on("request", lambda r: r.url.startswith((address, "data:", "blob:")) or problems.append(f"asked {r.url}"))
        return tab

    yield opening
    for context in contexts:
        context.close()
    assert not problems, "\n".join(problems)


@pytest.fixture
def page(opening: Opening) -> Page:
    """A fresh tab of the width of a desktop."""
    return opening(viewport={"width": 1280, "height": 900})

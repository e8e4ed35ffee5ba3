"""Looks at a page: what moved, what is wider than the window, what axe finds, what held it up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route

SHIFTS = """() => new Promise((resolve) => {
  const found = [];
  const box = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join();
  const moved = ({ node, previousRect, currentRect }) =>
    `${node?.nodeName ?? "gone"}.${node?.className ?? ""} ${box(previousRect)} > ${box(currentRect)}`;
  const add = (entries) => found.push(...entries.filter((entry) => !entry.hadRecentInput));
  const observer = new PerformanceObserver((list) => add(list.getEntries()));
  observer.observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => {
    add(observer.takeRecords());
    resolve(found.map(({ value, sources }) => `${value.toFixed(4)}: ${sources.map(moved).join("; ")}`));
  })));
})"""

WIDER = """() => {
  const { clientWidth, scrollWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const far = (node) => node.getBoundingClientRect().right > clientWidth + 1;
  const nodes = [...document.querySelectorAll("body *")].filter(far);
  return [...nodes.slice(0, 5).map((node) => node.outerHTML.slice(0, 120)), `the page is ${scrollWidth} wide`];
}"""

AUDIT = """async (options) => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...options });
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical").flatMap(({ id, nodes }) =>
    nodes.slice(0, 3).map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary}`));
}"""

READ = """async () => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight * 0.9) {
    scrollTo(0, y);
    await frame();
    await frame();
  }
  scrollTo(0, 0);
  await frame();
}"""

FOCUS = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) return "the focus is lost";
  const name = node.outerHTML.slice(0, 120);
  const shows = (one) => {
    const { outlineStyle, outlineWidth, strokeWidth } = getComputedStyle(one);
    if (one.getBoundingClientRect().width < 2) return false;
    if (one.localName === "circle") return parseFloat(strokeWidth) >= 2;
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  };
  const around = [node, node.closest("label"), node.closest(".find, .lines"), node.querySelector("circle")];
  const mark = around.find((one) => one && shows(one));
  if (!mark) return `nothing shows the focus on ${name}`;
  const { left, top, right, bottom } = mark.getBoundingClientRect();
  const between = (low, high) => [0.1, 0.5, 0.9].map((part) => low + (high - low) * part);
  for (const x of between(Math.max(left, 0), Math.min(right, innerWidth))) {
    for (const y of between(Math.max(top, 0), Math.min(bottom, innerHeight))) {
      const hit = document.elementFromPoint(x, y);
      if (hit && (mark.contains(hit) || hit.contains(mark)) && x < right && y < bottom) return "";
    }
  }
  return `it is covered or out of view: ${name}`;
}"""

FIRST_TIME = """() => {
  const seen = (window.seen ??= new Set([document.body])), node = document.activeElement;
  return seen.size < seen.add(node).size;
}"""
"""Whether the focus is where it has not been yet."""

COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules of axe that a theme decides."""


def shifts(page: Page) -> list[str]:
    """Each layout shift since the page began to load that followed no input, with what moved."""
    found: list[str] = page.evaluate(SHIFTS)
    return found


def wider(page: Page) -> list[str]:
    """What makes the page scroll sideways."""
    found: list[str] = page.evaluate(WIDER)
    return found


def violations(page: Page, axe: str, rules: list[str] | None = None) -> list[str]:
    """What axe finds that is serious or worse, in the page as it is now: by all rules or by some."""
    page.evaluate(axe)
    found: list[str] = page.evaluate(AUDIT, {"runOnly": rules} if rules else {})
    return found


def thin_out(page: Page, selector: str) -> None:
    """Leave three of what repeats in each place: a page may have hundreds, made by one template."""
    page.evaluate(
        """(selector) => {
          const parents = new Set([...document.querySelectorAll(selector)].map((node) => node.parentElement));
          for (const parent of parents) {
            for (const node of [...parent.children].filter((child) => child.matches(selector)).slice(3)) node.remove();
          }
        }""",
        selector,
    )


def until(found: Callable[[], Any], seconds: float = 10) -> Any:
    """Ask again until the answer is true, and return it."""
    deadline = time.monotonic() + seconds
    while not (answer := found()):
        if time.monotonic() > deadline:
            pytest.fail(f"still {answer!r} after {seconds} s")
        time.sleep(0.02)
    return answer


def read_through(page: Page) -> None:
    """Scroll to the end and back, as a reader does."""
    page.evaluate(READ)


@contextmanager
def held(page: Page, pattern: str) -> Iterator[None]:
    """Keep requests waiting inside the block; they go on at its end."""
    waiting: list[Route] = []
    over = False
    page.route(pattern, lambda route: route.continue_() if over else waiting.append(route))
    yield
    over = True
    for route in waiting:
        route.continue_()


def painted(page: Page) -> None:
    """Wait until something is on screen."""
    until(lambda: page.evaluate("performance.getEntriesByName('first-contentful-paint').length"))


def top(part: Locator) -> float:
    """Where an element begins, in pixels from the top of the window."""
    box = part.bounding_box()
    assert box
    return box["y"]


def height(part: Locator) -> float:
    box = part.bounding_box()
    assert box
    return box["height"]


def focus(page: Page) -> str:
    """What is wrong with the focus: it is lost, not shown, or out of view. Empty if it is fine."""
    answer: str = page.evaluate(FOCUS)
    return answer


def tab_through(page: Page) -> int:
    """Press Tab until the focus was everywhere or enters a frame, look at each stop, and return how many there are."""
    stops = 0
    page.keyboard.press("Tab")
    while page.evaluate(FIRST_TIME) and not page.evaluate("document.activeElement.localName === 'iframe'"):
        assert focus(page) == "", page.url
        stops += 1
        page.keyboard.press("Tab")
    return stops


def look_over(page: Page, axe: str, width: int) -> None:
    """Look at the page that is open: what is too wide, here and at 1024 px, what axe finds, where the focus is seen."""
    assert wider(page) == [], page.url
    assert violations(page, axe) == [], page.url
    page.emulate_media(color_scheme="dark")
    assert violations(page, axe, COLOURS) == [], page.url
    page.emulate_media(color_scheme="light")
    assert tab_through(page) > 5, page.url
    page.set_viewport_size({"width": 1024, "height": 844})
    assert wider(page) == [], page.url
    page.set_viewport_size({"width": width, "height": 844})

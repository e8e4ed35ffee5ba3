"""Sending requests from a page: presets, edited requests, problems, failures, and the request as a command."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

pytest.importorskip("playwright")
from looking import held, until
from playwright.sync_api import Locator, Page, Route, expect

if TYPE_CHECKING:
    from conftest import Opening

TOPIC = "/topics/data-validation"
QUERIES = "/topics/query-parameters"
TRY = re.compile(r"/topics/[^/]+/try$")


def field(page: Page, name: str) -> Locator:
    """A field of the request form, in its fold or not."""
    return page.locator(f'#request [name="{name}"]')


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        if name == "method":
            field(page, name).select_option(value)
            continue
        if name in ("headers", "body") and not field(page, name).is_visible():
            page.locator("#request summary", has_text=re.compile(f"^{name}$", re.IGNORECASE)).click()
        field(page, name).fill(value)


def send(page: Page) -> None:
    page.get_by_role("button", name="Send to both apps").click()


def answer(page: Page, side: str) -> Locator:
    return page.get_by_role("group", name=f"Answer of {side}", exact=True)


def preset(page: Page, title: str) -> Locator:
    return page.get_by_role("form", name="Prepared requests").get_by_role("button", name=title)


def sent(page: Page) -> Locator:
    """The line below the answers that says what they answer."""
    return page.locator("#answers [data-sent]")


# Presets


def test_a_preset_fills_the_form_and_shows_both_answers(page: Page) -> None:
    page.goto(TOPIC)
    chip = preset(page, "A missing field")
    chip.click()
    expect(chip).to_have_attribute("aria-current", "true")
    expect(page.locator(".chip[aria-current]")).to_have_count(1)
    expect(field(page, "method")).to_have_value("POST")
    expect(field(page, "path")).to_have_value("/items")
    expect(field(page, "headers")).to_have_value("Content-Type: application/json")
    expect(field(page, "body")).to_have_value('{"name": "bolt"}')
    expect(sent(page)).to_have_text("POST /items")
    for side in ("Flask", "FastAPI"):
        expect(answer(page, side).locator(".status")).to_contain_text("422")
        expect(answer(page, side).locator("pre.pretty")).to_contain_text("Field required")
    expect(page.locator("#answers [data-verdict]")).to_contain_text("Both name the field")
    # what a screen reader hears is the same sentence, once
    expect(page.locator("#said")).to_contain_text("Both name the field")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_each_preset_is_answered_as_the_api_answers(page: Page) -> None:
    page.goto(QUERIES)
    for chip in page.locator("[data-presets] .chip").all():
        chip.click()
        scenario = chip.get_attribute("value")
        expect(chip).to_have_attribute("aria-current", "true")
        request = json.loads(chip.get_attribute("data-request") or "")
        target = f"{request['path']}?{request['query']}" if request["query"] else request["path"]
        expect(sent(page)).to_have_text(f"{request['method']} {target}")
        said = page.request.post(f"/api{QUERIES}/try", data={"scenario": scenario}).json()
        for exchange in said["exchanges"]:
            pane = page.locator(f'#answers [data-variant="{exchange["variant"]}"]')
            expect(pane.locator(".status")).to_contain_text(str(exchange["response"]["status"]))
            if raw := exchange["response"]["body"]:
                assert pane.locator("pre.raw").text_content() == raw


def test_a_preset_on_the_front_page_is_sent_from_there(page: Page) -> None:
    page.goto("/")
    chip = page.locator("[data-presets] .chip:not([aria-current])").first
    before = sent(page).text_content()
    chip.click()
    expect(sent(page)).not_to_have_text(before or "")
    expect(page.locator("[data-sent-here]")).to_have_text(sent(page).text_content() or "?")
    expect(page.locator("#answers .pane")).to_have_count(2)
    expect(page).to_have_url(re.compile("/$"))


# Editing


def test_an_edited_request_is_sent_to_both(page: Page) -> None:
    page.goto(QUERIES)
    preset(page, "Valid").click()
    expect(sent(page)).to_contain_text("department=")
    fill(page, query="department=research&limit=3")
    expect(page.locator(".chip[aria-current]")).to_have_count(0)  # it is no preset any more
    send(page)
    expect(sent(page)).to_have_text("GET /employees?department=research&limit=3")
    for side in ("Flask", "FastAPI"):
        expect(answer(page, side).locator("pre.pretty")).to_contain_text('"research"')
    expect(page).to_have_url(re.compile(f"{QUERIES}$"))


def test_method_headers_and_body_are_sent_as_typed(page: Page) -> None:
    page.goto(TOPIC)
    body = '{"name": "ö\\u2713<b>&lt;", "qty": 4,\n  "price": 1.5}'
    fill(page, method="POST", path="/items", headers="content-type: application/json\nX-Other: a: b", body=body)
    field(page, "body").press("Control+Enter")
    for side in ("Flask", "FastAPI"):
        expect(answer(page, side).locator(".status")).to_contain_text("201")
        raw = answer(page, side).locator("pre.raw").text_content() or ""
        assert json.loads(raw) == {"name": "ö✓<b>&lt;", "qty": 4, "price": 1.5}
    # nothing of the answer became markup
    assert page.locator("#answers pre b").count() == 0


def test_a_query_typed_into_the_path_is_taken(page: Page) -> None:
    page.goto(QUERIES)
    fill(page, path="/employees?department=sales", query="")
    send(page)
    expect(sent(page)).to_have_text("GET /employees?department=sales")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("path", "items", "starts with a slash"),
        ("path", "//elsewhere.example/", "names a host"),
        ("path", "/a/../b", ".. segment"),
        ("headers", "no colon here", "no colon"),
        ("headers", "Host: elsewhere.example", "set by the server"),
        ("query", "a=\x00", "control character"),
    ],
)
def test_a_problem_stands_beside_its_field_and_nothing_typed_is_lost(
    opening: Opening, name: str, value: str, words: str
) -> None:
    page = opening("status of 422")
    page.goto(TOPIC)
    preset(page, "A valid item").click()
    expect(answer(page, "Flask").locator(".status")).to_contain_text("201")
    values = {"path": "/items", "query": "x=1", "headers": "X-Mine: 1", "body": '{"typed": "here"}'} | {name: value}
    fill(page, **values)
    send(page)
    problem = page.locator(f"#problem-{name}")
    expect(problem).not_to_be_empty()
    expect(problem).to_contain_text(words)
    control = field(page, name)
    expect(control).to_have_attribute("aria-invalid", "true")
    expect(control).to_have_accessible_description(re.compile(re.escape((problem.text_content() or "?")[:30])))
    expect(control).to_be_focused()
    expect(page.locator("#request [aria-invalid]")).to_have_count(1)
    for other, typed in values.items():
        expect(field(page, other)).to_have_value(typed)
    # the old answers stay and are called old
    expect(answer(page, "Flask").locator(".status")).to_contain_text("201")
    expect(page.locator("#answers")).to_have_class(re.compile("stale"))
    # mended, the problem is gone
    fill(page, **{name: "/items" if name == "path" else ""})
    expect(control).not_to_have_attribute("aria-invalid", "true")
    send(page)
    expect(problem).to_be_empty()
    expect(sent(page)).to_contain_text("POST /items")
    expect(page.locator("#answers")).not_to_have_class(re.compile("stale"))


def test_an_empty_path_is_refused_by_the_browser_itself(page: Page) -> None:
    page.goto(TOPIC)
    fill(page, path="")
    send(page)
    expect(field(page, "path")).to_be_focused()
    assert not field(page, "path").evaluate("(input) => input.validity.valid")


# Answers


def test_the_raw_view_shows_the_body_unchanged_and_stays(page: Page) -> None:
    page.goto(TOPIC)
    preset(page, "A missing field").click()
    expect(page.locator("#said")).to_contain_text("Both name")
    pane = answer(page, "FastAPI")
    pane.get_by_role("radiogroup", name="FastAPI body").get_by_text("Raw").click()
    expect(pane.locator("pre.raw")).to_be_visible()
    expect(pane.locator("pre.pretty")).to_be_hidden()
    said = page.request.post(f"/api{TOPIC}/try", data={"scenario": "missing"}).json()
    raw = {exchange["side"]: exchange["response"]["body"] for exchange in said["exchanges"]}
    assert pane.locator("pre.raw").text_content() == raw["fastapi"]
    # the other pane has its own switch
    expect(answer(page, "Flask").locator("pre.pretty")).to_be_visible()
    pane.get_by_text(re.compile(r"^\d+ headers$")).click()
    preset(page, "A valid item").click()
    expect(pane.locator(".status")).to_contain_text("201")
    expect(pane.locator("pre.raw")).to_be_visible()
    expect(pane.locator("dl.heads")).to_be_visible()
    expect(answer(page, "Flask").locator("dl.heads")).to_be_hidden()


def test_an_answer_without_body_says_so(page: Page) -> None:
    page.goto(QUERIES)
    fill(page, method="HEAD", path="/employees", query="department=x")
    send(page)
    expect(sent(page)).to_contain_text("HEAD /employees")
    expect(answer(page, "Flask")).to_contain_text("The body is empty.")


# Failures


def failing(opening: Opening, tolerated: str) -> Page:
    """A page with answers and with something typed."""
    page = opening(tolerated)
    page.goto(QUERIES)
    preset(page, "Valid").click()
    expect(sent(page)).to_contain_text("department=")
    fill(page, query="department=typed")
    return page


def explained(page: Page, words: str) -> None:
    """The failure is explained, nothing typed is lost, and sending again works."""
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text(words)
    expect(notice).to_contain_text(re.compile("kept|again"))
    expect(field(page, "query")).to_have_value("department=typed")
    expect(page.locator("#answers")).to_have_class(re.compile("stale"))
    expect(page.locator("#answers .pane")).to_have_count(2)
    expect(page.locator("#answers")).not_to_have_attribute("aria-busy", "true")
    page.unroute_all()
    send(page)
    expect(sent(page)).to_contain_text("department=typed")
    expect(notice).to_have_count(0)
    expect(page.locator("#answers")).not_to_have_class(re.compile("stale"))


def test_a_failure_of_the_network_is_explained(opening: Opening) -> None:
    page = failing(opening, "ERR_INTERNET_DISCONNECTED|Failed to fetch")
    page.route(TRY, lambda route: route.abort("internetdisconnected"))
    send(page)
    explained(page, "This site could not be reached.")


@pytest.mark.parametrize("status", [500, 502])
def test_a_failure_of_the_site_is_explained(opening: Opening, status: int) -> None:
    page = failing(opening, f"status of {status}")
    page.route(TRY, lambda route: route.fulfill(status=status, body="<h1>Bad gateway</h1>", content_type="text/html"))
    send(page)
    explained(page, f"This site failed with {status}")


def test_a_site_that_is_busy_is_explained(opening: Opening) -> None:
    page = failing(opening, "status of 503")
    words = '<p class="notice bad" role="alert" data-field="">The demos are busy. Send again in a moment.</p>'
    page.route(TRY, lambda route: route.fulfill(status=503, body=words, content_type="text/html"))
    send(page)
    explained(page, "The demos are busy.")


def test_a_site_that_does_not_answer_is_explained(opening: Opening) -> None:
    page = opening("timeout|abort")
    page.clock.install()
    page.goto(QUERIES)
    fill(page, query="department=typed")
    waiting: list[Route] = []
    page.route(TRY, lambda route: waiting.append(route))
    send(page)
    until(lambda: page.evaluate("0") or waiting)
    expect(page.locator("#answers")).to_have_attribute("aria-busy", "true")
    page.clock.fast_forward(21_000)
    explained(page, "This site did not answer within 20 seconds.")


# Two sends


def test_of_two_quick_sends_the_last_wins(page: Page) -> None:
    page.goto(QUERIES)
    waiting: list[Route] = []
    page.route(TRY, lambda route: waiting.append(route))
    fill(page, query="department=first")
    send(page)
    until(lambda: page.evaluate("0") or len(waiting) == 1)
    fill(page, query="department=second")
    send(page)
    until(lambda: page.evaluate("0") or len(waiting) == 2)
    waiting[1].continue_()
    expect(sent(page)).to_contain_text("department=second")
    waiting[0].continue_()
    page.wait_for_timeout(300)
    expect(sent(page)).to_contain_text("department=second")
    expect(answer(page, "Flask").locator("pre.pretty")).to_contain_text('"second"')
    expect(page.locator("#answers")).not_to_have_attribute("aria-busy", "true")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_preset_after_a_send_wins_too(page: Page) -> None:
    page.goto(QUERIES)
    waiting: list[Route] = []
    page.route(TRY, lambda route: waiting.append(route))
    fill(page, query="department=first")
    send(page)
    until(lambda: page.evaluate("0") or len(waiting) == 1)
    preset(page, "Wrong type").click()
    until(lambda: page.evaluate("0") or len(waiting) == 2)
    for route in reversed(waiting):
        route.continue_()
    expect(answer(page, "FastAPI").locator(".status")).to_contain_text("422")
    page.wait_for_timeout(300)
    expect(sent(page)).to_contain_text("limit=ten")
    expect(preset(page, "Wrong type")).to_have_attribute("aria-current", "true")


# As a command


class Reply(NamedTuple):
    status: int
    body: str


def run_curl(command: str) -> Reply:
    """Run a command as it was copied into a shell."""
    quiet = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}  # no proxy
    script = f"set -e\n{command}"
    done = subprocess.run(["sh", "-c", script], capture_output=True, timeout=20, env=quiet, check=False)
    assert done.returncode == 0, done.stderr.decode()
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    return Reply(int(head.split()[1]), body.decode())


def run_python(script: str) -> Reply:
    """Run a script as it was copied; the tests' HTTP client is httpx under another name."""
    prepared = f"import sys, httpx2\nsys.modules['httpx'] = httpx2\n{script}"
    quiet = {"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", prepared]
    done = subprocess.run(command, capture_output=True, timeout=20, env=quiet, check=False)
    assert done.returncode == 0, done.stderr.decode()
    status, _, body = done.stdout.decode().partition("\n")
    return Reply(int(status), body.removesuffix("\n"))


REQUESTS = {
    "plain": (QUERIES, {"query": "department=sales&limit=2"}),
    "awkward-query": (QUERIES, {"query": 'department=it\'s [a] {b} $HOME `id` "c" ü %26 !x\\&limit=2'}),
    "quotes-and-lines": (
        TOPIC,
        {
            "method": "POST",
            "path": "/items",
            "headers": "Content-Type: application/json\nX-Quote: it's $HOME\nX-Empty:",
            "body": '{"name": "it\'s $HOME `id` \\"x\\" \\\\ ü",\n  "qty": "three",\n  "at": "@/etc/passwd"}',
        },
    ),
    "broken-at-a-position": (
        TOPIC,
        {"method": "POST", "path": "/items", "headers": "Content-Type: application/json", "body": '{"name":\n "a",\n}'},
    ),
    "at-sign": (TOPIC, {"method": "POST", "path": "/items", "headers": "", "body": "@/etc/hostname"}),
    "head": (QUERIES, {"method": "HEAD", "query": "department=sales"}),
    "wrong-method": (QUERIES, {"method": "DELETE", "query": ""}),
}


@pytest.mark.parametrize(("topic", "values"), REQUESTS.values(), ids=REQUESTS)
def test_the_copied_commands_run_and_get_the_answers_of_the_panes(
    opening: Opening, topic: str, values: dict[str, str]
) -> None:
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    page = opening(permissions=["clipboard-read", "clipboard-write"])
    page.goto(topic)
    fill(page, **values)
    send(page)
    expect(page.locator("#answers [data-recorded]")).to_have_count(0)
    page.get_by_text("Copy as curl, HTTPie or Python").click()
    for language, run in (("Python, httpx", run_python), ("curl", run_curl)):
        page.get_by_role("radiogroup", name="Language").get_by_text(language, exact=True).click()
        for side in ("Flask", "FastAPI"):
            command = page.get_by_role("group", name=f"Command for {side}", exact=True).locator("code").inner_text()
            pane = answer(page, side)
            status = int((pane.locator(".status").text_content() or "").split()[0])
            raw = pane.locator("pre.raw")
            body = raw.text_content() if raw.count() else ""
            assert run(command) == Reply(status, body or ""), command
    page.get_by_role("button", name="Copy the command for FastAPI").click()
    expect(page.locator("#said")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == command


def test_the_command_follows_the_form_without_sending(page: Page) -> None:
    page.goto(QUERIES)
    posts: list[str] = []
    page.on("request", lambda request: request.method == "POST" and posts.append(request.url))
    page.get_by_text("Copy as curl, HTTPie or Python").click()
    command = page.locator('.copy-as pre[aria-label="Command for Flask"]')
    fill(page, query="department=changed")
    expect(command).to_contain_text("department=changed")
    page.get_by_role("radiogroup", name="Language").get_by_text("HTTPie").click()
    expect(command).to_contain_text("http --ignore-stdin GET")
    assert posts == []


def test_a_request_that_was_sent_before_the_scripts_had_run_is_answered(opening: Opening) -> None:
    page = opening()
    waiting: list[Route] = []
    page.route(re.compile("/try$"), lambda route: waiting.append(route))
    with held(page, re.compile("/js/topic")):
        page.goto("/topics/hello-world", wait_until="commit")
        until(lambda: page.evaluate("'htmx' in window"))
        page.get_by_role("button", name="Send to both apps").click()
        until(lambda: waiting)
    page.wait_for_load_state()
    page.unroute(re.compile("/try$"))
    with page.expect_response(re.compile("/try$")):
        waiting[0].continue_()
    page.get_by_role("button", name="Send to both apps").click()
    expect(page.locator("#answers")).not_to_have_attribute("aria-busy", "true")

"""A reader's and an editor's walk through the site under a prefix, behind a real nginx with TLS.

The fixture `opening` fails on a console error, on a breach of the policy and on a request outside the prefix.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")
from admins import PASSWORD, few_topics
from playwright.sync_api import Page, expect
from proxies import NAME, Proxy, nginx
from sites import Server, Serving

if TYPE_CHECKING:
    from conftest import Opening

PREFIX = "/compare"
PLAIN, FRAMED = TOPICS = ("hello-world", "automatic-documentation")


@pytest.fixture(scope="module")
def server(serving: Serving, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("prefix")
    content = few_topics(folder, TOPICS)
    with serving(root_path=PREFIX, allowed_hosts=NAME, content=content, data=folder / "data") as server:
        yield server


@pytest.fixture(scope="module")
def proxy(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with nginx(tmp_path_factory.mktemp("nginx"), server.url, prefix=PREFIX) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def site(proxy: Proxy) -> str:
    """The address in place of that of the site without a prefix."""
    return proxy.url


@pytest.fixture
def page(opening: Opening) -> Page:
    return opening(ignore_https_errors=True, viewport={"width": 1280, "height": 900})


def test_a_reader_opens_a_topic_and_sends_a_request(page: Page, proxy: Proxy) -> None:
    page.goto(f"{proxy.url}/")
    page.get_by_role("region", name="Topics", exact=True).get_by_role("link", name="Hello World").click()
    expect(page).to_have_url(f"{proxy.url}/topics/{PLAIN}")
    with page.expect_response(f"{proxy.url}/topics/{PLAIN}/try") as answered:
        page.get_by_role("button", name="Send to both apps").click()
    assert answered.value.status == 200
    expect(page.get_by_role("group", name="Answer of FastAPI", exact=True)).to_contain_text("200")
    page.goto(f"{proxy.url}/topics/{FRAMED}")
    panel = page.locator("details.frame", has=page.get_by_text("Swagger UI", exact=True))
    panel.scroll_into_view_if_needed()  # a frame loads when it is near
    ui = panel.frame_locator("iframe")
    operation = ui.locator(".opblock-post")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.locator("textarea.body-param__text").fill('{"name": "ink", "qty": 3}')
    operation.get_by_role("button", name="Execute").click()
    row = operation.locator(".live-responses-table tbody tr").first
    expect(row.locator(".response-col_status")).to_contain_text("201")


def test_an_editor_signs_in_and_publishes(page: Page, proxy: Proxy, server: Server) -> None:
    page.goto(f"https://{proxy.address}{server.said().split()[-1]}")
    page.get_by_label("Name", exact=True).fill("ada")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{proxy.url}/admin/?done=welcome")
    page.get_by_role("link", name="Topics", exact=True).click()
    page.get_by_role("link", name="Hello World", exact=True).click()
    expect(page).to_have_url(f"{proxy.url}/admin/topics/{PLAIN}")
    text = page.get_by_label("Text", exact=True)
    expect(page.locator(".verdict")).to_be_attached()
    text.fill(text.input_value().replace("# Hello World", "# Hello, proxy", 1))
    page.get_by_label("Why").fill("A walk")
    page.locator(".edit-save").get_by_role("button", name="Publish").click()
    expect(page.get_by_role("status").filter(has_text="It is published: readers see it now.")).to_be_visible()
    page.goto(f"{proxy.url}/topics/{PLAIN}")
    expect(page.locator("h1")).to_have_text("Hello, proxy")
    (cookie,) = page.context.cookies(f"{proxy.url}/admin/")
    assert (cookie["name"], cookie["path"], cookie["secure"]) == ("__Secure-explorer", f"{PREFIX}/admin", True)
    assert page.context.cookies(f"{proxy.url}/") == []

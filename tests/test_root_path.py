"""The site under a prefix, whether the proxy takes it off or leaves it on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sites import Site, site_with

PREFIX = "/compare"


@pytest.fixture(scope="module")
def prefixed() -> Iterator[Site]:
    with site_with(root_path=PREFIX) as site:
        yield site


class Browser:
    """Asks for addresses as a browser behind a proxy: they all hold the prefix, the proxy may take it off."""

    def __init__(self, site: Site, strips: bool) -> None:
        self._site = site
        self._strips = strips

    def request(self, method: str, address: str, **sent: Any) -> Any:
        assert address == PREFIX or address.startswith(f"{PREFIX}/"), f"{address} leaves the site"
        return self._site.request(method, (address.removeprefix(PREFIX) or "/") if self._strips else address, **sent)

    def get(self, address: str) -> Any:
        return self.request("GET", address)


@pytest.fixture(params=[True, False], ids=["stripped", "kept"])
def browser(prefixed: Site, request: pytest.FixtureRequest) -> Browser:
    return Browser(prefixed, request.param)


def addresses(html: str) -> set[str]:
    """The site's own addresses in a page, without fragment."""
    found = re.findall(r'(?:href|src|action|hx-post|hx-get|data-snippet)="(/[^"#]*)', html)
    return {address.replace("&amp;", "&") for address in found}


@pytest.mark.slow
def test_every_address_of_the_site_works(browser: Browser):
    seen, left = set(), {f"{PREFIX}/"}
    while left:
        address = left.pop()
        seen.add(address)
        if address.endswith(("/try", "/run", "/tests")) or "/demos/" in address:
            continue
        answer = browser.get(address)
        assert answer.status_code == 200, address
        if answer.headers["content-type"].startswith("text/html"):
            left |= addresses(answer.text) - seen
    assert len([address for address in seen if "/topics/" in address and address.count("/") == 3]) >= 8
    assert any("/static/" in address for address in seen)


def test_forms_api_and_mounts_work(browser: Browser):
    form = browser.request("POST", f"{PREFIX}/topics/query-parameters/try", data={"scenario": "valid"})
    assert form.status_code == 200
    assert all(address.startswith(PREFIX) for address in addresses(form.text))
    api = browser.get(f"{PREFIX}/api/topics/query-parameters").json()
    assert api["url"] == f"{PREFIX}/topics/query-parameters"
    for demo in api["demos"]:
        assert browser.get(f"{demo['mount']}employees?department=a").json() == {"department": "a", "limit": 10}
    hits = browser.get(f"{PREFIX}/api/search?q=query").json()["hits"]
    assert all(browser.get(hit["url"].partition("#")[0]).status_code == 200 for hit in hits)


def test_redirects_and_refusals_keep_the_prefix(browser: Browser):
    slash = browser.get(f"{PREFIX}/topics/hello-world/")
    assert (slash.status_code, slash.headers["location"]) == (308, f"{PREFIX}/topics/hello-world")
    missing = browser.get(f"{PREFIX}/topics/hello-wrld")
    assert missing.status_code == 404
    assert f'href="{PREFIX}/topics/hello-world"' in missing.text
    problem = browser.get(f"{PREFIX}/api/unknown")
    assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")
    assert "sandbox" in browser.get(f"{PREFIX}/demos/hello-world/flask/").headers["content-security-policy"]


def test_the_document_names_the_prefix(prefixed: Site, site: Site):
    assert prefixed.get("/api/openapi.json").json()["servers"] == [{"url": PREFIX}]
    assert "servers" not in site.get("/api/openapi.json").json()


@pytest.mark.parametrize("path", ["/comparex/", "/Compare/", "/compare/compare/"])
def test_what_only_looks_like_the_prefix_is_not_found(prefixed: Site, path: str):
    assert prefixed.get(path).status_code == 404


@pytest.mark.parametrize("html", ['<a href="/topics/x">', '<form action="/x/try">', '<script src="/static/x.js">'])
def test_the_browser_notices_an_address_without_the_prefix(prefixed: Site, html: str):
    (address,) = addresses(html)
    with pytest.raises(AssertionError, match="leaves the site"):
        Browser(prefixed, strips=True).get(address)

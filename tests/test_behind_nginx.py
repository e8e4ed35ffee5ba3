"""The site as `explorer serve` under a prefix, behind a real nginx with TLS and the configuration that is shipped.

A browser's walk is in browser/test_behind_nginx_browser.py.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest
from admins import PASSWORD, few_topics
from proxies import NAME, Proxy, nginx
from sites import Server, Serving

PREFIX = "/compare"
TOPICS = ("hello-world", "query-parameters", "automatic-documentation", "background-tasks", "testing")
"""A topic with frames, one with a log, one with tests that run, and two without."""
LINKS = {"href", "src", "action", "formaction", "poster", "data"}
"""Attributes that are an address whatever they hold."""
ADDRESS = re.compile(r"https?://|/[a-z]+(?:/|$)")
"""Begins what is an address in any other attribute, such as hx-post or data-page."""
NOT_ADDRESSES = {"value", "data-request", "placeholder", "d"}
"""Attributes that hold a demo's own paths, to be sent to it, or a drawing."""


class Addresses(HTMLParser):
    """Collects each address in a page, with the element and attribute that hold it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[tuple[str, str, str]] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and name not in NOT_ADDRESSES and (name in LINKS or ADDRESS.match(value)):
                self.found.add((tag, name, value))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="module")
def server(serving: Serving, folder: Path) -> Iterator[Server]:
    settings: dict[str, Any] = {"content": few_topics(folder, TOPICS), "data": folder / "data"}
    with serving(root_path=PREFIX, allowed_hosts=NAME, **settings) as server:
        yield server


@pytest.fixture(scope="module")
def proxy(server: Server, folder: Path) -> Iterator[Proxy]:
    with nginx(folder, server.url, prefix=PREFIX) as proxy:
        yield proxy


@pytest.fixture
def visitor(proxy: Proxy) -> Iterator[httpx2.Client]:
    with proxy.client() as client:
        yield client


def own_addresses(proxy: Proxy, page: str, text: str) -> set[tuple[str, str, str]]:
    """Return element, attribute and whole address of what a page holds, without links to elsewhere and within it.

    Fails on what is of this host but not under the prefix or not https.
    """
    found = set()
    for tag, attribute, value in Addresses(text).found:
        address = urljoin(page, value).partition("#")[0]
        parts = urlsplit(address)
        if parts.hostname != NAME:
            assert (tag, attribute) in {("a", "href"), ("link", "href")}, f"{page}: <{tag} {attribute}={value}>"
            continue
        assert address.startswith((f"{proxy.url}/", f"{proxy.url}?")), f"{page}: <{tag} {attribute}={value}>"
        found.add((tag, attribute, address))
    return found


GETS = {("a", "href"), ("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src"), ("iframe", "data-src")}


@dataclass
class Crawl:
    """What was found by following every address from the front page, the admin and the API on."""

    answers: dict[str, httpx2.Response]
    held: set[tuple[str, str, str]]
    """Element, attribute and address."""


@pytest.fixture(scope="module")
def crawl(proxy: Proxy) -> Crawl:
    """Follow every address that a page can make a browser get. Fails on one that leaves the prefix or https."""
    crawl = Crawl({}, set())
    left = {f"{proxy.url}{path}" for path in ("/", "/admin/", "/api/openapi.json", "/api/topics")}
    with proxy.client() as visitor:
        while left:
            address = left.pop()
            answer = crawl.answers[address] = visitor.get(address)
            if "location" in answer.headers:
                found = {urljoin(address, answer.headers["location"])}
            elif answer.headers["content-type"].startswith("text/html"):
                held = own_addresses(proxy, address, answer.text)
                crawl.held |= held
                found = {to for tag, attribute, to in held if (tag, attribute) in GETS}
            elif answer.headers["content-type"].startswith("text/css"):
                found = {urljoin(address, file) for file in re.findall(r"url\(\"?([^\")]+)", answer.text)}
            else:
                found = set()
            found = {to for to in found if not to.startswith("data:")}
            assert [to for to in found if not to.startswith(f"{proxy.url}/")] == [], address
            left |= found - crawl.answers.keys()
    return crawl


def test_every_address_answers_over_https(crawl: Crawl):
    wrong = {
        address: answer.status_code
        for address, answer in crawl.answers.items()
        if answer.status_code not in (200, 303, 308) and "/demos/" not in address
    }
    assert wrong == {}
    for address, answer in crawl.answers.items():
        assert answer.headers["strict-transport-security"] == "max-age=63072000", address
        assert "http:" not in answer.headers["content-security-policy"], address
    print(len(crawl.answers), sorted({urlsplit(a).path.removeprefix(PREFIX) for a in crawl.answers}))
    print(sorted({(t,a) for t,a,_ in crawl.held}))
    print({urlsplit(a).path:r.status_code for a, r in crawl.answers.items() if r.status_code!=200})

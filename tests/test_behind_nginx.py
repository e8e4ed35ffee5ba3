"""The site as `explorer serve` under a prefix, behind a real nginx with TLS and the configuration that is shipped.

A browser's walk is in browser/test_under_prefix.py.
"""

from __future__ import annotations

import json
import re
import ssl
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
from proxies import NAME, Proxy, free_ports, nginx
from sites import Server, Serving

PREFIX = "/compare"
TOPICS = ("hello-world", "automatic-documentation", "background-tasks", "testing")
"""A plain topic, one with frames, one with a log, one with tests that run."""
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


GETS = {("a", "href"), ("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src"), ("code", "data-snippet")}


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


def test_every_address_answers_over_https(proxy: Proxy, crawl: Crawl):
    mounts = re.compile(r"/demos/[^/]+/[^/]+")  # named for curl; a demo need not answer at its root
    wrong = {
        address: answer.status_code
        for address, answer in crawl.answers.items()
        if answer.status_code not in (200, 303, 308) and not mounts.fullmatch(address.removeprefix(proxy.url))
    }
    assert wrong == {}
    for address, answer in crawl.answers.items():
        assert answer.headers["strict-transport-security"] == "max-age=63072000", address
        if not address.startswith(f"{proxy.url}/static/"):
            assert "http:" not in answer.headers["content-security-policy"], address


def test_every_kind_of_page_was_crawled(proxy: Proxy, crawl: Crawl):
    paths = {urlsplit(address).path.removeprefix(PREFIX) for address in crawl.answers}
    pages = {"/", "/search", "/matrix", "/differences", "/claims", "/errata", "/privacy"}
    pages |= {"/admin/login", "/api/openapi.json"}
    assert pages | {f"/topics/{topic}" for topic in TOPICS} <= paths
    for part in (r"/demos/[^/]+/[^/]+/~[^/]{22}/docs", r"/topics/[^/]+/project\.zip", "/static/[^/]+/vendor/.+woff2"):
        assert [path for path in paths if re.fullmatch(part, path)], part
    assert proxy.url in crawl.answers[f"{proxy.url}/topics/automatic-documentation"].headers["content-security-policy"]
    held = {(tag, attribute) for tag, attribute, _ in crawl.held}
    assert held >= GETS - {("img", "src")} | {("form", "action"), ("form", "hx-post"), ("form", "hx-get")}
    assert held >= {("div", "data-follow"), ("dialog", "data-api"), ("use", "href")}


def test_the_api_names_the_prefix(proxy: Proxy, crawl: Crawl):
    assert crawl.answers[f"{proxy.url}/api/openapi.json"].json()["servers"] == [{"url": PREFIX}]
    for topic in crawl.answers[f"{proxy.url}/api/topics"].json()["topics"]:
        assert topic["url"].startswith(f"{PREFIX}/topics/")


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_a_try_answers_with_addresses_under_the_prefix(proxy: Proxy, visitor: httpx2.Client, headers: dict[str, str]):
    address = f"{proxy.url}/topics/hello-world/try"
    headers = headers | {"Origin": f"https://{proxy.address}"}
    answer = visitor.post(address, data={"method": "GET", "path": "/"}, headers=headers)
    assert answer.status_code == 200
    assert own_addresses(proxy, address, answer.text) or headers.get("HX-Request")
    wrong = visitor.post(address, data={"method": "GET", "path": "nowhere"}, headers=headers)
    assert wrong.status_code == 422
    assert own_addresses(proxy, address, wrong.text) or headers.get("HX-Request")


def test_what_is_not_the_site_is_not_there(proxy: Proxy, visitor: httpx2.Client):
    origin = f"https://{proxy.address}"
    for path in ("/", "/comparex/", "/admin/", "/healthz", "/static/", "/compare/../admin/", "/compare/%2e%2e/admin/"):
        assert visitor.get(f"{origin}{path}").status_code == 404, path
    bare = visitor.get(f"{origin}{PREFIX}?a=b")
    assert (bare.status_code, bare.headers["location"]) == (301, f"{PREFIX}/?a=b")
    slash = visitor.get(f"{proxy.url}/topics/hello-world/")
    assert (slash.status_code, slash.headers["location"]) == (308, f"{PREFIX}/topics/hello-world")
    plain = visitor.get(f"http://{NAME}:{proxy.http}{PREFIX}/search?q=x")
    assert (plain.status_code, plain.headers["location"]) == (308, f"{proxy.url}/search?q=x")


HOSTS = ("evil.example", "evil.example:443", "localhost.evil.example", "evil.localhost", "127.0.0.1", "[::1]")
HOSTS += ("localhost@evil.example", "localhost/evil", "localhost evil", "")


@pytest.mark.parametrize("host", HOSTS)
def test_another_host_is_refused(proxy: Proxy, host: str):
    for path in ("/", f"{PREFIX}/", f"{PREFIX}/admin/login", f"{PREFIX}/topics/hello-world/"):
        answer = proxy.exchange(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert re.match(rb"HTTP/1.1 4(00|21) ", answer), answer[:200]
        assert b"evil" not in answer
        assert b"set-cookie" not in answer.lower()


@pytest.mark.parametrize(
    "lines", ["", "Host: localhost\r\nHost: evil.example\r\n", "Host : localhost\r\n"], ids=["none", "two", "space"]
)
def test_no_host_and_two_hosts_are_refused(proxy: Proxy, lines: str):
    answer = proxy.exchange(f"GET {PREFIX}/ HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 ")


def test_another_name_gets_no_handshake(proxy: Proxy):
    for name in ("evil.example", None):
        with pytest.raises(ssl.SSLError):
            proxy.exchange(b"", name)


def test_the_host_in_the_request_line_wins_and_is_held_to_the_name(proxy: Proxy):
    line = f"GET https://evil.example{PREFIX}/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert proxy.exchange(line.encode()).startswith(b"HTTP/1.1 421 ")


def test_the_site_itself_refuses_other_hosts(server: Server):
    refused = httpx2.get(server.url + PREFIX, headers={"Host": "evil.example", "X-Forwarded-Host": NAME})
    assert refused.status_code == 400


# What the admin sends


@pytest.fixture(scope="module")
def owner(proxy: Proxy, server: Server) -> Iterator[httpx2.Client]:
    """The first owner, who opened the link that the start printed."""
    with proxy.client(headers={"Origin": f"https://{proxy.address}"}) as client:
        path = server.said().split()[-1]
        assert path.startswith(f"{PREFIX}/admin/setup/")
        form = {"name": "ada", "password": PASSWORD, "again": PASSWORD}
        answer = client.post(f"https://{proxy.address}{path}", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{PREFIX}/admin/?done=welcome")
        cookie = answer.headers["set-cookie"]
        form = rf"__Secure-explorer=[A-Za-z0-9_-]{{43}}; HttpOnly; Path={PREFIX}/admin; SameSite=strict; Secure"
        assert re.fullmatch(form, cookie)
        yield client


def test_every_page_of_the_admin_stays_under_the_prefix(proxy: Proxy, owner: httpx2.Client):
    seen: dict[str, int] = {}
    left = {f"{proxy.url}/admin/"}
    while left:
        address = left.pop()
        answer = owner.get(address)
        seen[address] = answer.status_code
        if "location" in answer.headers:
            left |= {urljoin(address, answer.headers["location"])} - seen.keys()
        elif answer.headers["content-type"].startswith("text/html"):
            held = own_addresses(proxy, address, answer.text)
            links = {
                to for tag, attribute, to in held if (tag, attribute) in GETS and "/admin/" in to and "?" not in to
            }
            left |= links - seen.keys()
    assert set(seen.values()) <= {200, 303, 308}, seen
    paths = {urlsplit(address).path.removeprefix(PREFIX) for address in seen}
    assert {"/admin/topics", "/admin/editors", "/admin/audit", "/admin/account", "/admin/topics/hello-world"} <= paths


def test_signing_in_and_out_keeps_the_cookie_where_it_was(proxy: Proxy, owner: httpx2.Client):
    with proxy.client(headers={"Origin": f"https://{proxy.address}"}) as other:
        away = other.get(f"{proxy.url}/admin/audit")
        assert away.headers["location"] == f"{PREFIX}/admin/login?next=/admin/audit"
        form = {"name": "ada", "password": PASSWORD, "next": "/admin/audit"}
        answer = other.post(f"{proxy.url}/admin/login", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{PREFIX}/admin/audit")
        assert other.get(f"{proxy.url}/admin/audit").status_code == 200
        out = other.post(f"{proxy.url}/admin/logout")
        assert out.headers["location"] == f"{PREFIX}/admin/login?done=signed-out"
        gone = rf'__Secure-explorer=""; expires=.*; Path={PREFIX}/admin; SameSite=strict; Secure'
        assert re.fullmatch(gone, out.headers["set-cookie"])
        assert other.get(f"{proxy.url}/admin/").status_code == 303


def test_a_change_from_another_origin_is_refused(proxy: Proxy, owner: httpx2.Client):
    for origin in (f"http://{proxy.address}", "https://evil.example", f"https://{NAME}", "null"):
        answer = owner.post(f"{proxy.url}/admin/logout", headers={"Origin": origin})
        assert answer.status_code == 403, origin
    assert owner.get(f"{proxy.url}/admin/").status_code == 200


# What the proxy does by itself


class Upstream(BaseHTTPRequestHandler):
    """A server that does what a demo or a broken site might, and tells what arrived."""

    protocol_version = "HTTP/1.1"
    read = threading.Event()
    """Set once the reader has the first piece of a stream."""

    def do_GET(self) -> None:
        streams = self.path.endswith("/stream")
        body = b"" if streams else json.dumps({k.lower(): v for k, v in self.headers.items()}).encode()
        self.send_response(200)
        for name in ("X-Accel-Redirect", "X-Accel-Expires", "X-Accel-Limit-Rate", "X-Accel-Charset"):
            self.send_header(name, "/" if name == "X-Accel-Redirect" else "1")
        self.send_header("X-Accel-Buffering", "no" if streams else "yes")
        self.send_header(*(("Connection", "close") if streams else ("Content-Length", str(len(body)))))
        self.end_headers()
        self.wfile.write(body)
        if streams:
            self.wfile.write(b"first\n")
            self.wfile.flush()
            self.wfile.write(b"second\n" if self.read.wait(20) else b"nobody read the first\n")
            self.close_connection = True

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def simple(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A proxy without a prefix in front of two servers, of which one does not answer."""
    folder = tmp_path_factory.mktemp("simple")
    with ThreadingHTTPServer(("127.0.0.1", 0), Upstream) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        (dead,) = free_ports(1)
        with nginx(folder, f"http://127.0.0.1:{dead}", f"http://127.0.0.1:{server.server_port}") as proxy:
            yield proxy
        server.shutdown()
        thread.join()


def test_what_a_visitor_says_about_themselves_is_written_anew(simple: Proxy):
    told = {
        "X-Forwarded-For": "198.51.100.7, 127.0.0.1",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Port": "80",
        "X-Forwarded-Prefix": "/evil",
        "X-Real-IP": "198.51.100.7",
        "Forwarded": "for=198.51.100.7;host=evil.example",
    }
    with simple.client() as client:
        arrived = client.get(f"{simple.url}/x", headers=told | {"X-Own": "kept"}).json()
    assert arrived["host"] == simple.address
    assert (arrived["x-forwarded-for"], arrived["x-forwarded-proto"]) == ("127.0.0.1", "https")
    assert not {name.lower() for name in told} & arrived.keys() - {"x-forwarded-for", "x-forwarded-proto"}
    assert arrived["x-own"] == "kept"


def test_a_server_that_is_gone_is_noticed_by_nobody(simple: Proxy):
    with simple.client() as client:
        assert [client.get(f"{simple.url}/{n}").status_code for n in range(20)] == [200] * 20


def test_an_order_to_the_proxy_is_not_obeyed(simple: Proxy):
    with simple.client() as client:
        answer = client.get(f"{simple.url}/x")
    assert (answer.status_code, answer.json()["host"]) == (200, simple.address)


def test_a_stream_is_passed_on_as_it_comes(simple: Proxy):
    Upstream.read.clear()
    with simple.client() as client, client.stream("GET", f"{simple.url}/stream") as answer:
        lines = answer.iter_lines()
        assert next(lines) == "first"
        Upstream.read.set()
        assert list(lines) == ["second"]


def test_a_followed_request_is_told_as_it_happens(proxy: Proxy, visitor: httpx2.Client):
    address, times = f"{proxy.url}/topics/background-tasks/follow", list[tuple[str, float]]()
    with visitor.stream("POST", address, data={"scenario": "valid"}) as answer:
        assert answer.status_code == 200
        times += [(json.loads(line)["event"], time.monotonic()) for line in answer.iter_lines()]
    assert times[-1][1] - times[0][1] > 0.1, times  # a task sleeps 0.3 s


def test_without_any_server_the_proxy_says_so(tmp_path: Path):
    (dead,) = free_ports(1)
    with nginx(tmp_path, f"http://127.0.0.1:{dead}") as proxy, proxy.client() as client:
        answer = client.get(f"{proxy.url}/")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.text == "The site does not answer. It may be starting: try again in a few seconds.\n"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "nginx/" not in answer.headers["server"]

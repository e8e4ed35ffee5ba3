"""The header sets of pages, API and demos on every kind of answer, and what in them follows the request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from httpx2 import Response
from sites import Site, Unhandled, Until

PERMISSIONS = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), "
    "microphone=(), midi=(), payment=(), serial=(), usb=(), browsing-topics=()"
)
COMMON = {
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": PERMISSIONS,
    "strict-transport-security": None,
}
PAGES = COMMON | {
    "content-security-policy": (
        "default-src 'none'; script-src http://testserver/static/; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-src http://testserver/demos/; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
}
API = COMMON | {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
}
DEMOS = COMMON | {
    "content-security-policy": (
        "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'self'"
    ),
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
    "cache-control": "no-store",
}
ADMIN = COMMON | {
    "content-security-policy": (
        "default-src 'none'; script-src http://testserver/static/; style-src http://testserver/static/; "
        "img-src 'self' data:; font-src http://testserver/static/; connect-src http://testserver/admin/; "
        "frame-src http://testserver/admin/; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow, noarchive",
    "cache-control": "no-store",
}
FRAMED = ADMIN | {
    "content-security-policy": (
        "sandbox allow-same-origin; default-src 'none'; style-src http://testserver/static/; img-src 'self' data:; "
        "font-src http://testserver/static/; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "x-frame-options": "SAMEORIGIN",
}
LIVE = {"cache-control": "public, max-age=0, must-revalidate", "x-robots-tag": None}
FORM = "/topics/hello-world/try"
CALL = "/api/topics/hello-world/try"
LARGE = b"x" * (1024 * 1024 + 1)


def unlike(answer: Response, expected: dict[str, str | None]) -> dict[str, str | None]:
    """The headers that are not as expected, with what they are. None: must not be there."""
    return {name: answer.headers.get(name) for name, value in expected.items() if answer.headers.get(name) != value}


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "more"),
    [
        ("GET", "/", {}, 200, LIVE),
        ("HEAD", "/topics/hello-world", {}, 200, LIVE),
        ("GET", "/", {"headers": {"If-None-Match": "*"}}, 304, LIVE),
        ("GET", "/topics/hello-world/", {}, 308, {"cache-control": "no-store"}),
        ("GET", "/nowhere", {}, 404, {"cache-control": "no-store"}),
        ("GET", "/static/0/css/site.css", {}, 404, {"cache-control": "no-store"}),
        ("POST", "/", {}, 405, {"cache-control": "no-store", "allow": "GET, HEAD"}),
        ("GET", FORM, {}, 405, {"cache-control": "no-store", "allow": "POST"}),
        ("POST", FORM, {"data": {"path": "/"}}, 200, {"cache-control": "no-store", "x-robots-tag": "noindex"}),
        ("POST", FORM, {"content": LARGE}, 413, {"cache-control": "no-store"}),
        ("POST", FORM, {"data": {"path": "//x"}}, 422, {"cache-control": "no-store", "x-robots-tag": "noindex"}),
        ("POST", FORM, {"files": {"path": b"x"}}, 400, {"cache-control": "no-store"}),
        ("GET", "/search?q=json", {}, 200, {"cache-control": "no-store", "x-robots-tag": "noindex"}),
        ("GET", "/healthz", {}, 200, {"cache-control": "no-store"}),
        ("GET", "/readyz", {}, 200, {"cache-control": "no-store"}),
    ],
)
def test_pages_carry_their_set(
    site: Site, method: str, path: str, sent: dict[str, bytes], status: int, more: dict[str, str]
):
    answer = site.request(method, path, **sent)
    assert (answer.status_code, unlike(answer, PAGES | more)) == (status, {})


def test_static_files_carry_what_concerns_them(site: Site):
    expected = {
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "public, max-age=31536000, immutable",
        "content-type": "text/javascript; charset=utf-8",
        "content-security-policy": None,
    }
    for _ in range(2):  # made for the first, ready for the second
        answer = site.get(site.state.assets.path("js/site.js"))
        assert unlike(answer, expected) == {}


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/api/topics", {}, 200),
        ("GET", "/api/topics/hello-world", {}, 200),
        ("GET", "/api/search?q=json", {}, 200),
        ("GET", "/api/openapi.json", {}, 200),
        ("POST", CALL, {"json": {"scenario": "unknown"}}, 422),
        ("POST", CALL, {"json": {"request": {"path": "/"}}}, 200),
        ("POST", CALL, {"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ("POST", CALL, {"content": LARGE}, 413),
        ("POST", CALL, {"json": {"request": {"body": "x" * 65_537}}}, 413),
        ("GET", CALL, {}, 405),
        ("GET", "/api/topics/unknown", {}, 404),
        ("GET", "/api/", {}, 404),
        ("GET", f"/api/search?q={'x' * 101}", {}, 422),
    ],
)
def test_the_api_carries_its_set(site: Site, method: str, path: str, sent: dict[str, object], status: int):
    answer = site.request(method, path, **sent)
    assert (answer.status_code, unlike(answer, API)) == (status, {})
    assert answer.headers["content-type"] == f"application/{'json' if status == 200 else 'problem+json'}"


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/demos/query-parameters/flask/employees?department=ops", {}, 200),
        ("HEAD", "/demos/query-parameters/fastapi/employees?department=ops", {}, 405),
        ("GET", "/demos/query-parameters/flask/nothing", {}, 404),
        ("GET", "/demos/query-parameters/unknown/", {}, 404),
        ("GET", "/demos/unknown/flask/", {}, 404),
        ("GET", "/demos/", {}, 404),
        ("TRACE", "/demos/query-parameters/flask/", {}, 405),
        ("GET", "/demos/query-parameters/flask/%2e%2e/", {}, 422),
        ("POST", "/demos/query-parameters/flask/", {"content": b"x" * 65_537}, 413),
        ("POST", "/demos/query-parameters/flask/", {"content": LARGE}, 413),
        ("GET", "/demos/query-parameters/flask/", {"headers": {"Sec-Fetch-Dest": "script"}}, 403),
    ],
)
def test_demos_carry_their_set(site: Site, method: str, path: str, sent: dict[str, object], status: int):
    answer = site.request(method, path, **sent)
    assert (answer.status_code, unlike(answer, DEMOS)) == (status, {})


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/admin", {}, 308),
        ("GET", "/admin/", {}, 303),
        ("GET", "/admin/login", {}, 200),
        ("POST", "/admin/login", {}, 403),
        ("POST", "/admin/login", {"headers": {"Origin": "http://testserver"}}, 401),
        ("GET", "/admin/logout", {}, 405),
        ("GET", "/admin/setup/x", {}, 404),
        ("GET", "/admin/anything.css", {}, 404),
        ("POST", "/admin/login", {"content": LARGE}, 413),
    ],
)
def test_the_admin_carries_its_set(site: Site, method: str, path: str, sent: dict[str, object], status: int):
    answer = site.request(method, path, **sent)
    assert (answer.status_code, unlike(answer, ADMIN)) == (status, {})


@pytest.mark.parametrize("path", ["/admin/topics/hello-world/rendered", "/admin/topics/hello-world/preview"])
def test_what_the_admin_shows_in_a_frame_runs_no_script(site: Site, path: str):
    assert unlike(site.get(path), FRAMED) == {}
    assert unlike(site.get(f"{path}/more"), ADMIN) == {}
    policy = site.get(path, headers={"Host": "[::1]:8000"}).headers["content-security-policy"]
    assert "style-src 'self'; " in policy


def test_answers_of_a_busy_site_carry_the_sets(busy: Site, until: Until):
    page = until(503, lambda: busy.post("/topics/calm/try", data={"path": "/calm"}))
    assert (page.status_code, unlike(page, PAGES | {"cache-control": "no-store"})) == (503, {})
    call = until(503, lambda: busy.post("/api/topics/calm/try", json={"request": {"path": "/calm"}}))
    assert (call.status_code, unlike(call, API)) == (503, {})
    demo = until(503, lambda: busy.get("/demos/calm/left/calm"))
    assert (demo.status_code, unlike(demo, DEMOS)) == (503, {})


class Broken:
    def search(self, query: str) -> None:
        raise ZeroDivisionError(query)


def test_a_fault_of_the_site_is_a_page_or_problem_with_headers_and_reference(
    make_site: Callable[..., Site], hostile_content: Path, unhandled: Unhandled
):
    site = make_site(content=hostile_content)
    site.state.live.current.search = Broken()
    page = site.get("/search?q=planted")
    assert (page.status_code, unlike(page, PAGES | {"cache-control": "no-store"})) == (500, {})
    call = site.get("/api/search?q=planted")
    assert (call.status_code, unlike(call, API)) == (500, {})
    assert call.json()["reference"] == call.headers["x-request-id"]
    assert page.headers["x-request-id"] in page.text
    for leak in ("planted", "ZeroDivision", "Traceback", "explorer/"):
        assert leak not in call.text
        assert leak not in page.text.replace("explorer/static", "")
    assert [message.partition("\n")[0] for message in unhandled.messages] == ["unhandled"] * 2
    unhandled.messages.clear()


@pytest.mark.parametrize("path", ["/", "/nowhere", "/api/topics", "/demos/hello-world/flask/"])
def test_hsts_only_over_https(site: Site, path: str):
    assert site.get(f"https://testserver{path}").headers["strict-transport-security"] == "max-age=63072000"
    assert "strict-transport-security" not in site.get(f"http://testserver{path}").headers


@pytest.mark.parametrize(
    ("url", "host", "source"),
    [
        ("http://testserver/", "127.0.0.1:8000", "http://127.0.0.1:8000/static/"),
        ("https://testserver/", "routes.example", "https://routes.example/static/"),
        ("http://testserver/", "[::1]:8000", "'self'"),
        ("http://testserver/", "x; script-src *", "'self'"),
        ("http://testserver/", "x 'unsafe-inline'", "'self'"),
        ("http://testserver/", "x,y", "'self'"),
        ("http://testserver/", "f\xf6\xf6.example", "'self'"),
        ("http://testserver/", "", "'self'"),
    ],
)
def test_scripts_come_from_the_static_folder_of_the_host_asked_for(site: Site, url: str, host: str, source: str):
    policy = site.get(url, headers={"Host": host.encode("latin-1")}).headers["content-security-policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["script-src"] == source
    assert len(directives) == len(policy.split(";")) == 12


def test_scripts_come_from_below_the_prefix(make_site: Callable[..., Site], hostile_content: Path):
    site = make_site(content=hostile_content, root_path="/compare")
    policy = site.get("/compare/").headers["content-security-policy"]
    assert "; script-src http://testserver/compare/static/; " in policy


def test_a_refused_host_gets_the_headers_too(make_site: Callable[..., Site], hostile_content: Path):
    answer = make_site(content=hostile_content, allowed_hosts="routes.example").get("/")
    wanted = {name: value for name, value in PAGES.items() if name != "content-security-policy"}
    assert (answer.status_code, unlike(answer, wanted)) == (400, {})
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_every_answer_has_an_id_of_its_own(site: Site):
    paths = ["/", "/nowhere", "/api/topics", "/demos/hello-world/flask/", "/"]
    ids = [site.get(path).headers["x-request-id"] for path in paths]
    assert len(set(ids)) == len(paths)


def test_the_comparison_of_headers_sees_a_missing_a_wrong_and_a_forbidden_one():
    answer = Response(200, headers={"a": "1", "b": "2"})
    assert unlike(answer, {"a": "1"}) == {}
    assert unlike(answer, {"a": "2", "b": None, "c": "3"}) == {"a": "1", "b": "2", "c": None}

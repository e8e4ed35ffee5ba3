"""The demos under /demos/ as curl sees them: the same answers, less what could touch the site."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest
from sites import Server, Site

from explorer.demos import library

QUERY = {"department": "ops", "limit": "5"}


@pytest.mark.parametrize("side", ["flask", "fastapi"])
def test_a_demo_answers_under_its_mount(site: Site, side: str):
    answer = site.get(f"/demos/query-parameters/{side}/employees", params=QUERY)
    assert (answer.status_code, answer.json()) == (200, {"department": "ops", "limit": 5})
    assert answer.headers["content-length"] == str(len(answer.content))


@pytest.mark.parametrize("side", ["flask", "fastapi"])
def test_no_length_is_made_up_for_head(site: Site, side: str):
    answer = site.head(f"/demos/query-parameters/{side}/employees", params=QUERY)
    assert "content-length" not in answer.headers


def test_an_error_is_plain_text_for_curl(site: Site):
    answer = site.get("/demos/query-parameters/unknown/employees")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert answer.text == "Not found. There is no such demo. GET /api/topics lists topics and variants.\n"


def test_each_scenario_has_the_same_status_and_body_as_in_try_it(site: Site):
    """But for the prefix that a demo may write into an address or a page of its own."""
    topic = site.state.live.current.topics["query-parameters"]
    for run in site.state.live.current.results.runs["query-parameters"]:
        request = run.scenario.request
        for variant, exchange in zip(topic.variants, run.exchanges, strict=True):
            url = f"/demos/query-parameters/{variant.id}{request.target}"
            answer = site.request(request.method, url, content=request.body.encode(), headers=dict(request.headers))
            assert (answer.status_code, answer.content) == (exchange.response.status, exchange.response.body)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_demo_knows_where_it_is_mounted(hostile: httpx2.Client, side: str):
    seen = hostile.get(f"/demos/hostile/{side}/echo", params={"a": "b"}).json()
    mount = f"/demos/hostile/{side}"
    assert seen["root"] == mount
    assert seen["path"].removeprefix(mount) == "/echo"
    assert seen["url"] == f"{hostile.base_url}{mount}/echo?a=b"


@pytest.mark.parametrize("side", ["left", "right"])
def test_what_belongs_to_the_visitor_or_the_connection_does_not_reach_a_demo(hostile: httpx2.Client, side: str):
    sent = {
        "Cookie": "session=secret; demo_x=1",
        "Authorization": "Bearer secret",
        "Proxy-Authorization": "Basic secret",
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=203.0.113.9",
        "Sec-Fetch-Site": "same-origin",
        "TE": "trailers",
        "Connection": "keep-alive, X-Own",
        "X-Own": "kept",
    }
    seen = hostile.get(f"/demos/hostile/{side}/echo", headers=sent).json()["headers"]
    arrived = {name.lower(): value for name, value in seen.items()}
    assert arrived["x-own"] == "kept"
    assert "secret" not in str(arrived)
    assert not {name.lower() for name in sent} - {"x-own"} & set(arrived)
    assert "203.0.113.9" not in str(arrived)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("host", ["routes.example", "127.0.0.1:8000", "[::1]:8000", "[::1]", "x:nonsense", "\xff"])
def test_any_host_is_answered(hostile: httpx2.Client, side: str, host: str):
    answer = hostile.get(f"/demos/hostile/{side}/calm", headers={"Host": host.encode("latin-1")})
    assert answer.status_code == 200


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    ("location", "kept"),
    [
        ("/demos/hostile/{side}/calm", True),
        ("http://{host}/demos/hostile/{side}/calm?a=b#c", True),
        ("/demos/hostile/{side}/../../../healthz", False),
        ("/demos/hostile/{side}/%2e%2E/x", False),
        ("/demos/hostile/{side}/..\\..\\x", False),
        ("/demos/hostile/{side}/.\t./x", False),
        ("/demos/hostile/{side}x/", False),
        ("/demos/hostile/", False),
        ("/", False),
        ("calm", False),
        ("//evil.example/demos/hostile/{side}/", False),
        ("https://evil.example/", False),
        ("http://evil.example/demos/hostile/{side}/", False),
        ("javascript:alert(1)", False),
    ],
)
def test_a_redirect_stays_in_the_mount(hostile: httpx2.Client, side: str, location: str, kept: bool):
    location = location.format(side=side, host=hostile.base_url.netloc.decode())
    answer = hostile.get(f"/demos/hostile/{side}/reflect", params={"h": f"Location:{location}"})
    assert answer.status_code == 200
    mount = f"/demos/hostile/{side}/"
    sent = answer.headers.get("location")
    assert sent == location.removeprefix(str(hostile.base_url).rstrip("/")) if kept else not leads_out(sent, mount)


def leads_out(location: str | None, mount: str) -> bool:
    """Tell whether a browser would leave the mount: to it a backslash is a slash, %2e a dot and a tab nothing."""
    plain = re.sub("%2e", ".", (location or mount).replace("\t", "").replace("\\", "/"), flags=re.IGNORECASE)
    return not urljoin("http://site/", plain).startswith(f"http://site{mount}")


@pytest.mark.parametrize("location", ["/a/b/../x", "/a/b/..\\x", "/a/b/.\t./x", "/a/b/%2E./x", "//evil/a/b/", "/"])
def test_the_reader_of_locations_sees_a_way_out(location: str):
    assert leads_out(location, "/a/b/")
    assert not leads_out("/a/b/x", "/a/b/")


def test_the_slash_redirect_of_a_framework_can_be_followed(site: Site):
    for run in site.state.live.current.results.runs["url-parameters"]:
        for exchange in run.exchanges:
            if exchange.response and exchange.response.status in (301, 307, 308):
                url = f"/demos/url-parameters/{exchange.variant}{run.scenario.request.target}"
                answer = site.get(url)
                assert answer.status_code == exchange.response.status
                assert answer.headers["location"].startswith(f"/demos/url-parameters/{exchange.variant}/")


@pytest.mark.parametrize(
    "destination",
    ["script", "style", "worker", "sharedworker", "serviceworker", "object", "embed", "font", "manifest"],
)
def test_an_answer_is_not_for_use_inside_a_page(site: Site, destination: str):
    url = "/demos/query-parameters/flask/employees?department=ops"
    refused = site.get(url, headers={"Sec-Fetch-Dest": destination})
    assert (refused.status_code, "ops" in refused.text) == (403, False)
    for allowed in ("document", "empty", "iframe", "image"):
        assert site.get(url, headers={"Sec-Fetch-Dest": allowed}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/demos/calm/unknown/calm", 404),
        ("/demos/unknown/left/calm", 404),
        ("/demos/calm", 404),
        ("/demos", 404),
        ("/demos/calm/left/../right/openapi.json", 422),
        ("/demos/calm/left/%2e%2e/right/openapi.json", 422),
        ("/demos/calm/left/../../../../healthz", 422),
        ("/demos/calm/left//evil.example", 422),
        ("/demos/calm/left/a\\b", 422),
        ("/demos/calm/left/a%5Cb", 404),
        ("/demos/calm/../calm/right/openapi.json", 404),
        ("/demos/calm/%6ceft/calm", 404),
        (f"/demos/calm/left/{'x' * 2048}", 413),
        (f"/demos/calm/left/?{'x' * 4097}", 413),
    ],
)
def test_an_address_outside_of_the_demo_is_refused(hostile_server: Server, path: str, status: int):
    """Sent to the letter: a client resolves dots before it sends."""
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = hostile_server.exchange(head.encode())
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b'"openapi":' not in answer
    assert b"\r\n\r\nok" not in answer


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_body_arrives_and_a_large_one_is_refused(hostile: httpx2.Client, side: str):
    assert hostile.post(f"/demos/stateful/{side}/visits", content="caf\xe9".encode()).json() == ["caf\xe9"]
    assert hostile.post(f"/demos/stateful/{side}/visits", content=b"x" * 65_536).status_code == 200
    assert hostile.post(f"/demos/stateful/{side}/visits", content=b"x" * 65_537).status_code == 413


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_hanging_demo_times_out(hostile: httpx2.Client, side: str):
    answer = hostile.get(f"/demos/stateful/{side}/hang")
    assert (answer.status_code, answer.text) == (504, "No answer within 1 s. The call was given up.\n")


@pytest.mark.parametrize("side", ["left", "right"])
def test_head_has_no_body(hostile: httpx2.Client, side: str):
    answer = hostile.head(f"/demos/hostile/{side}/large")
    assert (answer.status_code in (200, 405), answer.content) == (True, b"")


@pytest.mark.slow
def test_a_demo_that_is_loaded_again_leaves_nothing_behind(
    make_site: Callable[..., Site], hostile_content: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(library, "KEPT", 1)
    site = make_site(content=hostile_content)
    hooks, known = threading.excepthook.__self__, set[str]()
    for _ in range(4):
        for demo in ("calm/left", "calm/right", "stateful/left"):
            assert site.get(f"/demos/{demo}/calm").status_code in (200, 404)
        known |= set(hooks._names)
    for name in ("demo_calm_left", "demo_calm_right", "demo_stateful_left"):
        assert [type(handler) for handler in logging.getLogger(name).handlers] == [logging.NullHandler]
    assert "demo_stateful_left" in known
    assert {name for name in hooks._names if name.startswith("demo_calm")} == set()

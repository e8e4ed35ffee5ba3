"""Requests that should not be sent are refused by name; whatever is typed, the site answers and never fails."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from httpx2 import Response
from hypothesis import given, settings
from hypothesis import strategies as st
from sites import Server, Site, copy_topics, site_with

CALL = "/api/topics/query-parameters/try"
FORM = "/topics/query-parameters/try"
CONNECTION = (
    *("Host", "Connection", "TE", "Transfer-Encoding", "Content-Length", "Upgrade", "Trailer", "Keep-Alive", "Expect"),
    *("proxy-authorization", "Proxy-Connection", "HOST"),
)
REFUSED: list[tuple[dict[str, Any], int, str]] = [
    *(
        ({"path": path}, 422, "path")
        for path in (
            *("http://evil.example/", "HTTPS://evil.example/x", "file:///etc/passwd", "javascript:alert(1)", "x:"),
            *("//evil.example/", "///", "//", "\\\\evil.example", "/\\evil.example", "/a\\..\\b"),
            *("employees", "", "?a=b", "@evil.example/", "*", "%2femployees"),
            *("/..", "/../", "/../../x", "/a/../b", "/.", "/./", "/a/.", "/a/..?x", "/..#x"),
            *("/%2e%2e", "/%2E%2e/x", "/.%2e/x", "/%2e./x", "/a/%2e/b", "/%2e"),
            *("/a\r\nX: y", "/a\nb", "/a\0b", "/a\x7fb", "/a\tb", "/\ud800"),
        )
    ),
    *(({"query": query}, 422, "query") for query in ("a=\r\nb", "a=\nb", "\0", "a\x7f", "\udfff")),
    *(
        ({"method": method}, 422, "method")
        for method in ("TRACE", "CONNECT", "FOO", "GET / HTTP/1.1\r\nX: y", "G\0T", "\ud800", "GET POST", "İ")
    ),
    *(
        ({"headers": [[name, "v"]]}, 422, "headers")
        for name in ("", " ", "X Y", "X:", "X\r\nY", "X\0", "X\n", "\xdc", "X\u2603", "\ud800", "(x)", *CONNECTION)
    ),
    *(
        ({"headers": {"X-A": value}}, 422, "headers")
        for value in ("a\r\nX-B: b", "a\nb", "a\0b", "a\x1bb", "a\x7f", "\u2603", "\ud800")
    ),
    ({"body": "\ud800"}, 422, "body"),
    ({"body": "x" * 65_537}, 413, "body"),
    ({"body": "\xe4" * 32_769}, 413, "body"),
    ({"body": "[" * 100_000}, 413, "body"),
    ({"path": "/" + "x" * 2048}, 413, "path"),
    ({"query": "x" * 4097}, 413, "query"),
    ({"headers": [["X", "v"]] * 51}, 413, "headers"),
    ({"headers": [["X", "v" * 8192]]}, 413, "headers"),
]


def call(site: Site, value: object, path: str = CALL) -> Response:
    """Send JSON in ASCII: half a surrogate pair has no bytes of its own."""
    return site.post(path, content=json.dumps(value), headers={"Content-Type": "application/json"})


@pytest.mark.parametrize(("request_", "status", "field"), REFUSED)
def test_an_unusable_request_is_refused_by_name(site: Site, request_: dict[str, Any], status: int, field: str):
    answer = call(site, {"request": {"path": "/employees", **request_}})
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["field"]) == (status, status, field)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["detail"].endswith(".")
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ({"path": "/employ\xe9s"}, {"path": "/employ%C3%A9s"}),
        ({"path": "/a b<>\"'"}, {"path": "/a%20b%3C%3E%22'"}),
        ({"path": "/a?x=1", "query": ""}, {"path": "/a", "query": "x=1"}),
        ({"path": "/a#part"}, {"path": "/a"}),
        ({"path": "/a%2f..%2fb"}, {"path": "/a%2f..%2fb"}),
        ({"path": "/..."}, {"path": "/..."}),
        ({"path": "/a//b"}, {"path": "/a//b"}),
        ({"path": "/%"}, {"path": "/%"}),
        ({"path": "/" + "x" * 2047}, {"path": "/" + "x" * 2047}),
        ({"query": "?a=\xfc"}, {"query": "a=%C3%BC"}),
        ({"query": "next=http://evil.example/"}, {"query": "next=http://evil.example/"}),
        ({"method": " post "}, {"method": "POST"}),
        ({"method": ""}, {"method": "GET"}),
        ({"headers": {"X-A": " \tcaf\xe9\t "}}, {"headers": [["X-A", "caf\xe9"]]}),
        ({"headers": [["Cookie", "a=b"], ["Authorization", "Basic x"]]}, {}),
        ({"body": "[" * 65_536}, {"body": "[" * 65_536}),
        ({"body": "\0\x1b\u2603"}, {"body": "\0\x1b\u2603"}),
    ],
)
def test_an_unusual_request_is_sent(site: Site, sent: dict[str, Any], seen: dict[str, Any]):
    answer = call(site, {"request": {"path": "/employees", **sent}})
    assert answer.status_code == 200
    for exchange in answer.json()["exchanges"]:
        assert {name: exchange["request"][name] for name in seen} == seen
        assert exchange["error"] is None


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
def test_a_call_that_is_nested_too_deep_is_refused(site: Site, text: str):
    answer = site.post(CALL, content=text, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["field"]) == (400, "body")


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 50_000 + "1" + "}" * 50_000,
        "[" + "[]," * 100_000 + "[]]",
        "1" * 100_000,
        '"' + "\\ud800" * 20_000 + '"',
        "NaN",
    ],
)
@pytest.mark.parametrize("topic", ["data-validation", "http-methods"])
def test_a_body_that_is_hard_to_read_is_answered(roomy: Site, topic: str, body: str):
    scenarios = roomy.state.live.current.topics[topic].scenarios
    target = next(s.request for s in scenarios if s.request.method in ("POST", "PUT") and s.request.body)
    request = {"method": target.method, "path": target.path, "headers": target.headers, "body": body}
    started = time.monotonic()
    answer = call(roomy, {"request": request}, f"/api/topics/{topic}/try")
    assert answer.status_code == 200
    headers = "\n".join(": ".join(pair) for pair in target.headers)
    page = roomy.post(f"/topics/{topic}/try", data=request | {"headers": headers}, headers={"HX-Request": "true"})
    assert page.status_code == 200
    assert time.monotonic() - started < 15


@pytest.fixture(scope="module")
def roomy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    content = copy_topics(tmp_path_factory.mktemp("roomy") / "content", "data-validation", "http-methods")
    with site_with(content=content, try_body_limit=512 * 1024) as site:
        yield site


anything = st.text(st.characters(exclude_categories=()), max_size=40)
requests = st.fixed_dictionaries(
    {},
    optional={
        "method": st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) | anything,
        "path": anything | anything.map("/{}".format) | st.sampled_from(["/employees", "/search", "/"]),
        "query": anything,
        "headers": st.lists(st.tuples(anything, anything), max_size=5)
        | st.dictionaries(anything, anything, max_size=5),
        "body": anything,
    },
)
many = settings(max_examples=200, deadline=None, derandomize=True, database=None)


@many
@given(request_=requests)
def test_whatever_is_sent_to_the_api_is_answered(site: Site, request_: dict[str, Any]):
    answer = call(site, {"request": request_})
    assert answer.status_code in (200, 413, 422)
    if answer.status_code == 200:
        assert [exchange["error"] for exchange in answer.json()["exchanges"]] == [None, None]
    else:
        assert answer.json()["field"] in request_ or answer.json()["field"] == "path"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(anything, inner, max_size=3),
    max_leaves=6,
)


@many
@given(shape=values | st.fixed_dictionaries({}, optional=dict.fromkeys(("request", "scenario", "variants"), values)))
def test_whatever_shape_a_call_has_is_answered(site: Site, shape: Any):
    answer = call(site, shape)
    assert answer.status_code in (200, 422)
    assert "field" in answer.json() or answer.status_code == 200


written = st.text(max_size=60)


@many
@given(form=st.dictionaries(st.sampled_from(["method", "path", "query", "headers", "body", "scenario", "x"]), written))
def test_whatever_is_typed_into_the_form_is_answered(site: Site, form: dict[str, str]):
    answer = site.post(FORM, data=form)
    assert answer.status_code in (200, 413, 422)
    assert '<form class="request"' in answer.text


@many
@given(body=st.binary(max_size=200), kind=st.sampled_from(["x-www-form-urlencoded", "json", "octet-stream"]))
def test_whatever_bytes_arrive_are_answered(site: Site, body: bytes, kind: str):
    for path in (CALL, FORM):
        answer = site.post(path, content=body, headers={"Content-Type": f"application/{kind}"})
        assert answer.status_code in (200, 400, 422)


@many
@given(body=st.binary(max_size=200))
def test_whatever_parts_a_form_has_are_answered(site: Site, body: bytes):
    content = b'--x\r\nContent-Disposition: form-data; name="path"\r\n\r\n' + body + b"\r\n--x--\r\n"
    answer = site.post(FORM, content=content, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status_code in (200, 400, 413, 422)


@settings(many, max_examples=100)
@given(path=st.binary(max_size=40), host=st.sampled_from([b"x", b"[::1]:80", b"x:y", b"x;y", b"\xff", b""]))
@pytest.mark.parametrize("start", [b"/", b"/demos/hostile/right/", b"/topics/", b"/static/", b"/api/topics/"])
def test_whatever_address_arrives_is_answered(hostile_server: Server, start: bytes, path: bytes, host: bytes):
    target = start + path.translate(None, b" \r\n")
    answer = hostile_server.exchange(b"GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % (target, host))
    status = int(answer.split(b" ", 2)[1])
    assert 200 <= status < 500
    assert b"Traceback" not in answer


@pytest.mark.parametrize(
    ("path", "kind", "limit"),
    [
        (b"/api/topics/calm/try", b"json", 1024 * 1024),
        (b"/topics/calm/try", b"x-www-form-urlencoded", 1024 * 1024),
        (b"/demos/calm/left/calm", b"json", 64 * 1024),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_ten_megabytes_are_refused_before_they_are_read(
    hostile_server: Server, path: bytes, kind: bytes, limit: int, chunked: bool
):
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/%s\r\n" % (path, kind)
    body = b"Content-Length: 10000000\r\n\r\n"
    if chunked:
        body = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (limit + 1, b"x" * (limit + 1))  # and no end
    answer = hostile_server.exchange(head + body)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"content-security-policy:" in answer.lower()


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-A : b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: %s" % (b"x" * 66_000),
        b"GET http://evil.example/ HTTP/9.9\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    ],
)
def test_a_request_that_no_client_sends_is_refused(hostile_server: Server, head: bytes):
    assert hostile_server.exchange(head).startswith(b"HTTP/1.1 4")


def test_the_server_is_well_after_all_this(make_site: Callable[..., Site], hostile_server: Server):
    assert hostile_server.process.poll() is None
    assert b"200 OK" in hostile_server.exchange(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[:20]

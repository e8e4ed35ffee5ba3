"""What reaches a demo is valid HTTP, whatever was typed; and the small readers of headers that decide about it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.demos.hosts import name_and_port
from explorer.errors import TooLarge, UnusableRequest
from explorer.topics import METHODS, Request
from explorer.web.requests import header_lines, usable_request
from explorer.web.sending import accepted

many = settings(max_examples=500, deadline=None, derandomize=True, database=None)
anything = st.text(st.characters(exclude_categories=()), max_size=30)
tokens = st.text(st.sampled_from("Xx-_a1\r\n\0 :\t\xe9"), max_size=8)
FIELDS = {"method", "path", "query", "headers", "body"}


@many
@given(
    method=st.sampled_from(METHODS) | anything,
    path=anything.map("/{}".format) | anything,
    query=anything,
    headers=st.lists(st.tuples(tokens | anything, tokens | anything), max_size=4),
    body=anything,
)
def test_what_is_sent_is_valid_http(method: str, path: str, query: str, headers: list[tuple[str, str]], body: str):
    request = usable(method, path, query, headers, body)
    if isinstance(request, str):
        assert request in FIELDS
        return
    assert request.method in METHODS
    assert re.fullmatch(r"/(?!/)[!-~]*", request.path)
    assert not {"?", "#", "\\"} & set(request.path)
    assert re.fullmatch(r"[!-~]*", request.query)
    for name, value in request.headers:
        assert re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name)
        assert re.fullmatch(r"[\t\x20-\x7e\x80-\xff]*", value)
        assert value == value.strip(" \t")
    request.body.encode()


def usable(method: str, path: str, query: str, headers: list[tuple[str, str]], body: str) -> Request | str:
    """The request that is sent, or the field for which it is not."""
    try:
        return usable_request(method, path, query, headers, body, 1000)
    except UnusableRequest as error:
        return error.field


def test_limits_hold_to_the_byte():
    headers = [("X", "v" * 8191)]
    assert usable_request("GET", "/", "", headers, "é" * 5, 10).headers == tuple(headers)
    for wrong in ([("X", "v" * 8192)], [("X", "v")] * 51):
        with pytest.raises(TooLarge):
            usable_request("GET", "/", "", wrong, "", 10)
    with pytest.raises(TooLarge):
        usable_request("GET", "/", "", [], "é" * 5 + "e", 10)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", []),
        ("\n \r\n", []),
        ("A: b", [("A", " b")]),
        ("A:b:c\r\nD :", [("A", "b:c"), ("D", "")]),
    ],
)
def test_header_lines(text: str, pairs: list[tuple[str, str]]):
    assert header_lines(text) == pairs


def test_a_line_without_a_colon_is_named():
    with pytest.raises(UnusableRequest, match=r"^Line 3 of the headers"):
        header_lines("A: b\n\nC")


@pytest.mark.parametrize(
    ("header", "codings"),
    [
        ("br", {"br"}),
        ("gzip, deflate, br, zstd", {"br", "gzip"}),
        ("gzip;q=0.5", {"gzip"}),
        ("gzip; q=0.000", set()),
        ("GZIP ;Q=1", {"gzip"}),
        ("*", {"br", "gzip"}),
        ("*;q=0, gzip", {"gzip"}),
        ("gzip;q=0, *;q=0.1", {"br"}),
        ("identity", set()),
        ("", set()),
        ("gzip;q=", set()),
        ("gzip;level=9", {"gzip"}),
        (",,;q=1,", set()),
    ],
)
def test_accepted_codings(header: str, codings: set[str]):
    assert accepted(header.encode()) == codings


@many
@given(header=st.binary(max_size=60))
def test_any_accept_encoding_is_read(header: bytes):
    assert accepted(header) <= {"br", "gzip"}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("demo.local", ("demo.local", 80)),
        ("demo.local:8000", ("demo.local", 8000)),
        ("[::1]", ("[::1]", 80)),
        ("[::1]:8000", ("[::1]", 8000)),
        ("x:", ("x:", 80)),
        ("x:nonsense", ("x:nonsense", 80)),
        ("a:b:c", ("a:b:c", 80)),
        ("", ("", 80)),
    ],
)
def test_name_and_port_of_a_host(host: str, expected: tuple[str, int]):
    assert name_and_port(host) == expected

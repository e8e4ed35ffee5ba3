"""Uploads in the request form: parts as lines, a reader's file, and what may not be sent."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sites import Site

from explorer.parts import Part, pieces, read_part

FORM = "/topics/uploads/try"
CALL = "/api/topics/uploads/try"
LIMIT = 65_536
TYPED = {"method": "POST", "path": "/photos", "parts": "photo=@cat.png; type=image/png; text=hello\ntag=cat"}
HTMX = {"HX-Request": "true"}

words = st.text(st.characters(exclude_categories=("C",), exclude_characters=";=@"), max_size=12).map(str.strip)
parts = st.builds(
    Part,
    name=words.filter(bool),
    text=words,
    filename=st.none() | words,
    type=st.sampled_from(["", "image/png", "text/plain"]),
    zeros=st.integers(0, 9_999_999),
    times=st.integers(1, 9_999_999),
)


def bodies(answer: Any) -> dict[str, Any]:
    """What each side's demo answered: its JSON, or its status where it refused."""
    exchanges = {exchange["side"]: exchange["response"] for exchange in answer.json()["exchanges"]}
    return {
        side: json.loads(response["body"]) if response["status"] == 200 else response["status"]
        for side, response in exchanges.items()
    }


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(parts)
def test_a_part_is_the_line_it_is_written_as(part: Part):
    assert read_part(part.line) == part


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("photo", "no `=`"),
        ("=x", "no `=`"),
        ("a=b\x01", "control character"),
        ("a=@b; zeros=many", "`zeros=` takes a whole number"),
        ("a=b; times=0", "`times=` takes a whole number"),
        ("a=@b; zeros=1; zeros=2", "twice"),
        ("a=b; text=c", "names none with `@`"),
    ],
)
def test_a_line_that_is_no_part_is_refused_with_its_number(site: Site, line: str, says: str):
    call = {"request": TYPED | {"parts": ["tag=cat", line]}}
    answer = site.post(CALL, json=call)
    assert answer.status_code == 422
    assert answer.json()["field"] == "parts"
    assert answer.json()["detail"].startswith("Part 2 cannot be read: ")
    assert says in answer.json()["detail"]


def test_the_boundary_is_in_no_part():
    body = b"".join(data * times for data, times in pieces([Part("a", "--part-of-the-form"), Part("b", data=b"x")]))
    boundary = body.partition(b"\r\n")[0]
    assert body.count(boundary) == 3
    assert body.endswith(boundary + b"--\r\n")


def test_written_parts_reach_both_demos(site: Site):
    answer = site.post(CALL, json={"request": TYPED | {"parts": TYPED["parts"].split("\n")}})
    seen = {"name": "cat.png", "type": "image/png", "size": 5, "tags": ["cat"]}
    assert bodies(answer) == {"flask": seen, "fastapi": seen}


def test_a_readers_file_reaches_both_demos_byte_for_byte_without_script(site: Site):
    content = bytes(range(256)) * 2
    files = {"file": ("dog & bone.gif", content, "image/gif")}
    page = site.post(FORM, data=TYPED, files=files).text
    assert page.lstrip().startswith("<!doctype html>")
    shown = re.findall(r'<pre class="body raw".*?<code>(.*?)</code>', page, re.S)
    assert len(shown) == 2
    for body in shown:
        assert "dog &amp; bone.gif" in body
        assert "image/gif" in body
        assert "512" in body
    assert "photo=@cat.png; type=image/png; text=hello\ntag=cat</textarea>" in page


def test_a_file_without_a_place_is_a_part_of_its_own(site: Site):
    answer = site.post(FORM, data=TYPED | {"parts": "tag=cat"}, files={"file": ("x.gif", b"x")}, headers=HTMX)
    assert "Field required" in answer.text  # it is called file, and both demos ask for photo


@pytest.mark.parametrize(
    ("typed", "content", "field", "says"),
    [
        ({}, b"x" * (LIMIT + 1), "file", "The file has 65,537 bytes; at most 65,536 are sent."),
        ({"parts": "a=" + "x" * LIMIT}, b"", "parts", "The parts have 65,538 bytes; at most 65,536 are sent."),
        ({"parts": "a=b; times=2001"}, b"", "parts", "At most 2,000 parts are sent"),
        ({"parts": "a=@b; zeros=1048577"}, b"", "parts", "has 1,048,577 bytes; at most 1,048,576 are sent."),
        ({"body": "x"}, b"", "body", "A request has a body or parts."),
    ],
)
def test_what_is_too_much_is_refused_beside_its_field_and_kept(
    site: Site, typed: dict[str, str], content: bytes, field: str, says: str
):
    sent = TYPED | typed
    page = site.post(FORM, data=sent, files={"file": ("x", content) if content else ("", b"")})
    assert page.status_code in (413, 422)
    beside = re.search(rf'<p class="problem" id="problem-{field}">(.+?)</p>', page.text)
    assert beside
    assert says in beside[1]
    assert f"{sent['parts']}</textarea>" in page.text


def test_a_file_of_the_limit_is_sent(site: Site):
    page = site.post(FORM, data=TYPED | {"parts": "photo=@x"}, files={"file": ("x", b"x" * LIMIT)}, headers=HTMX)
    assert page.text.count("65536") >= 2


def test_a_body_in_chunks_has_no_length(site: Site):
    headers = [["Transfer-Encoding", "chunked"]]
    request = {"method": "PUT", "path": "/notes", "headers": headers, "body": "hello"}
    assert bodies(site.post(CALL, json={"request": request})) == {"flask": {"size": 5}, "fastapi": {"size": 5}}
    request["body"], request["parts"] = "", ["x=; zeros=200000"]
    assert bodies(site.post(CALL, json={"request": request})) == {"flask": {"size": 102_400}, "fastapi": 413}
    for name, value in (("Transfer-Encoding", "gzip"), ("Content-Length", "5")):
        answer = site.post(CALL, json={"request": request | {"headers": [[name, value]]}})
        assert (answer.status_code, answer.json()["field"]) == (422, "headers")


def test_bytes_that_are_no_text_reach_a_mounted_demo(site: Site):
    content = bytes(range(256))
    for side in ("flask", "fastapi"):
        answer = site.post(f"/demos/uploads/{side}/photos", files={"photo": ("x.bin", content)})
        assert (answer.status_code, answer.json()["size"]) == (200, 256)


def test_a_topic_without_uploads_offers_none(site: Site):
    assert 'name="file"' not in site.get("/topics/query-parameters").text
    assert 'enctype="multipart/form-data"' in site.get("/topics/uploads").text

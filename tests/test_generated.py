"""Generated requests and words: nothing makes the site fail, and no answer tells of its files or its server.

`pytest tests/test_generated.py --hypothesis-profile many` sends thousands; schemathesis does the same to the API with
benchmarks/fuzz_api.py.
"""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from html.parser import HTMLParser

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sites import ROOT, Server

from explorer.errors import ContentError
from explorer.rendering import Markdown
from explorer.weights import weigh

sys.path.append(str(ROOT / "benchmarks"))

from fuzz_api import fuzz

UNHURRIED = settings(deadline=None, suppress_health_check=list(HealthCheck))
LEAK = re.compile(
    rf"Traceback|File \"|site-packages|/explorer/\w+\.py|{re.escape(str(ROOT))}|(?i:uvicorn|werkzeug)/?\d|sqlalchemy\."
)
PREFIXES = (
    *(b"/", b"/topics/calm", b"/topics/calm/try", b"/topics/calm/run", b"/topics/calm/project.zip", b"/topics/"),
    *(b"/api/topics/calm/try", b"/api/topics/", b"/api/search?q=", b"/api/differences?", b"/search?q="),
    *(b"/differences/filter?", b"/demos/calm/left/", b"/demos/calm/right/~/", b"/admin/", b"/admin/login?next="),
    *(b"/preview/", b"/static/", b"/healthz", b"/readyz", b"*", b"http://evil.example/", b""),
)
TYPES = (
    b"application/json",
    b"application/x-www-form-urlencoded",
    b"multipart/form-data; boundary=b",
    b"text/plain",
    b"",
)
ODD = st.sampled_from(
    [b"%00", b"%ff", b"%2e%2e/", b"..", b"//", b"\\", b"?", b"&", b"=", b"%", b"~", b"[", b"{", b"\xe9"]
)
visible = st.binary(max_size=12).map(lambda raw: bytes(33 + byte % 94 for byte in raw))
targets = st.builds(
    lambda prefix, rest: prefix + b"".join(rest), st.sampled_from(PREFIXES), st.lists(ODD | visible, max_size=6)
)
methods = st.sampled_from([b"GET", b"POST", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"TRACE", b"X"]) | visible
fields = st.tuples(
    st.sampled_from([b"Cookie", b"HX-Request", b"Accept-Encoding", b"If-None-Match", b"Range", b"Origin", b"X-A"])
    | visible,
    st.binary(max_size=30),
)
bodies = st.binary(max_size=200) | st.sampled_from(
    [
        b"[" * 5000,
        b'{"request": {"path": "/calm", "headers": [["a"]]}}',
        b'{"scenario": NaN}',
        b"--b\r\n\r\n",
        b"path=%ff",
    ]
)


@given(methods, targets, st.lists(fields, max_size=4), st.sampled_from(TYPES), bodies)
@UNHURRIED
def test_no_request_makes_the_site_fail_or_tell(
    hostile_server: Server,
    method: bytes,
    target: bytes,
    headers: list[tuple[bytes, bytes]],
    kind: bytes,
    body: bytes,
):
    lines = [method + b" " + target + b" HTTP/1.1", b"Host: x", b"Connection: close", b"Content-Type: " + kind]
    lines += [b"Content-Length: %d" % len(body), *(name + b": " + value for name, value in headers)]
    sent, answer = b"\r\n".join(lines) + b"\r\n\r\n" + body, b""
    with suppress(ConnectionError):  # closed with bytes unread
        answer = hostile_server.exchange(sent)
    if answer:
        assert re.match(rb"HTTP/1\.1 [2-4]\d\d ", answer), (sent, answer[:300])
        assert not LEAK.search(answer.decode("latin-1")), (sent, answer[:2000])


def test_no_generated_request_was_an_error_in_the_log(hostile_server: Server):
    messages = [line for line in hostile_server.lines() if line["level"] == "error"]
    assert [line for line in messages if "does not run" not in line["message"]] == []


def test_no_call_that_the_api_describes_makes_it_fail(hostile_server: Server):
    found = fuzz(hostile_server, cases=60, seed=1)
    assert found.cases >= 40, found.output
    assert not found.failed, found.output


TAGS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "em", "strong", "s", "a", "img", "hr"}
TAGS |= {"br", "code", "pre", "span", "div", "figure", "table", "thead", "tbody", "tr", "th", "td"}
PIECES = (
    *("# A\n", "\n\n", "\n", "- ", "1. ", "> ", "```", "~~~", "`", "*", "**", "_", "~~", "[", "]", "(", ")", "![", "|"),
    *("|-|\n", "<", ">", "&", "&#x", ";", "<script>", "<img src=x onerror=alert(1)>", "javascript:", "data:", "\\"),
    *(
        "http://a.b/",
        "../x/topic.md",
        "scenario:a",
        "check:b",
        "[a]: ",
        '"',
        "'",
        "    ",
        "\t",
        "\0",
        "\u202e",
        "\ud83d",
    ),
    *("python", "python flask", "http", "\r", "def f(:\n", "1" * 5000),
)


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        links = [value or "" for name, value in attrs if name in ("href", "src")]
        fine = tag in TAGS and "style" not in names and not any(name.startswith("on") for name in names)
        if not fine or not all(re.match(r"https?://|mailto:|/(?!/)|#|", link, re.I) for link in links):
            self.wrong.append(self.get_starttag_text() or tag)
        if any(re.match(r"\s*(javascript|data|vbscript|blob|view-source):", link, re.I) for link in links):
            self.wrong.append(str(links))


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=120).map("".join))
@UNHURRIED
def test_no_words_make_the_renderer_fail_or_write_what_it_must_not(source: str):
    try:
        weigh({"topic.md": source})
    except ContentError:
        return
    markdown = Markdown(lambda path: path, ["x"])
    elements = Elements()
    elements.feed(markdown.html(markdown.parse(source), markdown.text(None, "topic.md", 1, {}, [], [])))
    assert elements.wrong == []

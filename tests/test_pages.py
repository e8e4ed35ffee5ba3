"""Pages and static files: prepared bytes in every encoding, validators, and nothing done while they are sent."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import brotli
import jinja2
import pytest
from httpx2 import Response
from markdown_it import MarkdownIt
from pygments.lexer import Lexer
from sites import ROOT, SLUGS, Site, copy_topics

from explorer import encoding

DECODE: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "gzip": gzip.decompress,
}
SUBMITTED = {"action", "formaction", "hx-get", "hx-post", "hx-put", "hx-delete"}
WORK = {"open", "compile", "import", "socket.connect", "sqlite3.connect", "subprocess.Popen"}

watched: list[str] | None = None


def watch(event: str, arguments: tuple[object, ...]) -> None:
    if watched is not None and event in WORK:
        watched.append(event)


sys.addaudithook(watch)  # can never be taken away again: it does nothing unless `watched` is a list


def raw(site: Site, path: str, accept: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and the bytes as they were sent."""
    with site.stream("GET", path, headers={"Accept-Encoding": accept} | headers) as response:
        return response.status_code, dict(response.headers), b"".join(response.iter_raw())


@pytest.fixture(scope="module")
def pages(site: Site) -> list[str]:
    """The address of every page."""
    found = sorted(site.state.live.current.pages)
    assert {"/", *(f"/topics/{slug}" for slug in SLUGS)} <= set(found)
    return found


def test_every_encoding_of_a_page_holds_the_same_html(site: Site, pages: list[str]):
    for path in pages:
        status, headers, html = raw(site, path, "identity")
        kind = "markdown" if path.endswith(".md") else "html"
        assert (status, headers["content-type"]) == (200, f"text/{kind}; charset=utf-8"), path
        assert "content-encoding" not in headers
        for coding, decode in DECODE.items():
            status, headers, body = raw(site, path, coding)
            assert (status, headers["content-encoding"], headers["content-length"]) == (200, coding, str(len(body)))
            assert len(body) < len(html) / 2
            assert decode(body) == html


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("gzip, zstd, br", "br"),
        ("gzip, zstd", "gzip"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("br;q=0, zstd;q=0.0, gzip;q=0", None),
        ("*", "br"),
        ("*;q=0", None),
        ("br;q=0, *", "gzip"),
        ("BR", "br"),
        ("br;q=nonsense", None),
        ("deflate", None),
        ("", None),
    ],
)
def test_the_best_accepted_encoding_is_sent(site: Site, accept: str, coding: str | None):
    status, headers, _ = raw(site, "/", accept)
    assert (status, headers.get("content-encoding")) == (200, coding)


def test_what_is_not_compressed_is_made_for_one_who_reads_it_and_once(site: Site, monkeypatch: pytest.MonkeyPatch):
    made: list[int] = []
    original = brotli.decompress
    monkeypatch.setattr(encoding.brotli, "decompress", lambda data: made.append(len(data)) or original(data))
    monkeypatch.setattr(encoding, "_recent", OrderedDict())
    plain = {"Accept-Encoding": "identity"}
    lengths = [site.head("/matrix", headers=plain).headers["content-length"] for _ in range(3)]
    assert made == []
    bodies = [site.get("/matrix", headers=plain).content for _ in range(3)]
    assert {str(len(body)) for body in bodies} == set(lengths)
    assert (len(set(bodies)), len(made)) == (1, 1)
    monkeypatch.setattr(encoding, "RECENT", len(bodies[0]) + 1)
    for path in ("/claims", "/matrix"):
        site.get(path, headers=plain)
    assert sum(map(len, encoding._recent.values())) <= encoding.RECENT


def test_each_encoding_has_a_strong_validator_of_its_own(site: Site):
    tags = [raw(site, "/", coding)[1]["etag"] for coding in ("identity", *DECODE)]
    assert len(set(tags)) == 3
    assert [tag for tag in tags if not re.fullmatch(r'"[0-9a-f]{24}(-br|-gzip)?"', tag)] == []
    assert raw(site, "/topics/hello-world", "br")[1]["etag"] not in tags


def test_every_process_gives_a_page_the_same_validator(tmp_path: Path):
    """Each has another order of sets: PYTHONHASHSEED. Three topics: shims, a timeline, several variants."""
    content = copy_topics(tmp_path / "content", "query-parameters", "async", "gradual-migration")
    script = f"""
from pathlib import Path
from sites import site_with
from explorer.kept_pages import KeptPages
KeptPages.find = lambda *_: None  # each makes its own
with site_with(content=Path({str(content)!r})) as site:
    print([site.get(path).headers["etag"] for path in sorted(site.state.live.current.pages)])
"""
    tags = set()
    for seed in ("1", "2"):
        command = [sys.executable, "-c", script]
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
        tags.add(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    assert len(tags) == 1
    assert len(tags.pop().split()) == 13


def test_a_known_page_is_not_sent_again(site: Site, pages: list[str]):
    for path in pages:
        _, first, _ = raw(site, path, "br")
        status, headers, body = raw(site, path, "br", **{"If-None-Match": first["etag"]})
        assert (status, body) == (304, b""), path
        for name in ("etag", "cache-control", "vary", "content-security-policy"):
            assert headers[name] == first[name]
        assert headers["vary"] == "Accept-Encoding"
        assert headers["cache-control"] == "public, max-age=0, must-revalidate"


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("W/{etag}", 304),
        ('"other", {etag}', 304),
        ("*", 304),
        ('"other"', 200),
        ("", 200),
    ],
)
def test_the_forms_of_if_none_match(site: Site, condition: str, status: int):
    _, first, _ = raw(site, "/", "br")
    assert raw(site, "/", "br", **{"If-None-Match": condition.format(etag=first["etag"])})[0] == status


def test_the_validator_of_one_encoding_does_not_fit_another(site: Site):
    _, first, _ = raw(site, "/", "br")
    assert raw(site, "/", "gzip", **{"If-None-Match": first["etag"]})[0] == 200


def test_head_is_get_without_the_body(site: Site):
    get = site.get("/topics/hello-world")
    head = site.head("/topics/hello-world")
    assert (head.status_code, head.content) == (200, b"")
    for name in set(get.headers) - {"x-request-id"}:
        assert head.headers[name] == get.headers[name]


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is rendered, parsed, opened, compiled or connected to, by name."""
    global watched
    done: list[str] = []
    for owner, name in [
        (MarkdownIt, "parse"),
        (MarkdownIt, "render"),
        (MarkdownIt, "renderInline"),
        (Lexer, "get_tokens"),
        (jinja2.Template, "render"),
        (jinja2.Template, "make_module"),
        (brotli, "compress"),
        (gzip, "compress"),
    ]:
        _count(monkeypatch, owner, name, done)
    watched = done
    yield done
    watched = None


def _count(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, done: list[str]) -> None:
    original = getattr(owner, name)

    def counted(*args: object, **kwargs: object) -> object:
        done.append(f"{getattr(owner, '__name__', owner)}.{name}")
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, counted)


def test_a_page_request_does_no_work_but_sending(site: Site, pages: list[str], work: list[str]):
    site.get(site.state.assets.path("css/site.css"))  # its first reader waited for it
    work.clear()
    for path in pages:
        assert site.get(path).status_code == 200
        assert site.get(path, headers={"If-None-Match": "*"}).status_code == 304
    assert site.get(site.state.assets.path("css/site.css")).status_code == 200
    assert work == []


def test_the_count_sees_work_where_there_is_some(site: Site, work: list[str]):
    site.post(
        "/topics/hello-world/try", data={"scenario": site.state.live.current.topics["hello-world"].scenarios[0].id}
    )
    assert {"Template.render", "Lexer.get_tokens"} <= set(work)
    MarkdownIt().render("*words*")
    Path(__file__).read_bytes()
    assert {"MarkdownIt.render", "open"} <= set(work)


def test_pages_and_tryit_load_no_database_library():
    script = "import sys, explorer.web.pages, explorer.web.tryit; print({'sqlalchemy', 'sqlite3'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


class References(HTMLParser):
    """Addresses that a browser loads by itself, shows in a frame, sends forms to, and those a reader may follow."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: set[str] = set()
        self.framed: set[str] = set()
        self.submitted: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if (tag, name) == ("iframe", "src"):
                self.framed.add(value or "")
            elif name in ("src", "srcset", "poster", "data", "background") or (name == "href" and tag != "a"):
                self.loaded.add(value or "")
            elif name == "href":
                self.links.add(value or "")
            elif name in SUBMITTED:
                self.submitted.add(value or "")
            elif name in ("style", "srcdoc") or name.startswith("on"):
                raise AssertionError(f"the policy refuses {name} on {tag}")


def references(html: str) -> References:
    parser = References()
    parser.feed(html)
    return parser


FRAMED = re.compile(r"/demos/[a-z-]+/[a-z+-]+/~/[^/].*")
"""A visit of a demo that is about to start."""


def visited(site: Site, address: str) -> Response:
    """Start a visit: a redirect to the same demo with a token, and whatever the demo itself redirects to within it."""
    start = site.get(address)
    before, _, rest = address.partition("/~/")
    assert start.status_code == 303
    assert re.fullmatch(rf"{re.escape(before)}/~[\w-]+/{re.escape(rest)}", start.headers["location"])
    visit = start.headers["location"].removesuffix(rest)
    answer = site.get(start.headers["location"])
    if answer.status_code == 302:  # to a login
        assert answer.headers["location"].startswith(visit)
        answer = site.get(answer.headers["location"])
    return answer


def test_a_page_loads_only_what_this_site_has(site: Site, pages: list[str]):
    for path in [*(path for path in pages if "." not in path), "/search?q=query", "/topics/unknown"]:
        found = references(site.get(path).text)
        files = {address for address in found.loaded if not address.startswith(("#", "data:image/svg+xml,"))}
        assert [name for name in files if not name.startswith("/static/") or site.get(name).status_code != 200] == []
        assert any(name.endswith("htmx.min.js") for name in files)
        assert [address for address in found.framed if not FRAMED.fullmatch(address)] == []
        assert [address for address in found.framed if visited(site, address).status_code != 200] == []
        assert [address for address in found.submitted if not re.match(r"/(?!/)", address)] == []


def test_links_within_the_site_lead_somewhere(site: Site, pages: list[str]):
    texts = {path: site.get(path).text for path in pages}
    for path in pages:
        for address in references(texts[path]).links:
            page, _, anchor = address.partition("#")
            if page.startswith("/") and page not in texts:
                answer = visited(site, page) if FRAMED.fullmatch(page) else site.get(page)
                assert answer.status_code == 200, f"{address} in {path}"
                texts[page] = answer.text
            if not page or page.startswith("/"):
                assert not anchor or f'id="{anchor}"' in texts[page or path], f"{address} in {path}"


def test_the_reader_of_references_sees_other_hosts():
    cdn, prose = "https://cdn.example/x.js", "https://example.org"
    found = references(f'<script src="{cdn}"></script><a href="{prose}">prose</a><form action="//evil.example">')
    assert (found.loaded, found.links, found.submitted) == ({cdn}, {prose}, {"//evil.example"})
    assert references(f'<iframe src="{cdn}"></iframe>').framed == {cdn}
    assert not FRAMED.fullmatch(cdn)


def test_styles_and_scripts_name_no_other_host():
    files = [p for p in (ROOT / "static").rglob("*") if p.suffix in (".css", ".js") and "vendor" not in p.parts]
    assert files
    namespace = rb"http://www\.w3\.org/"
    assert {
        path.name: found
        for path in files
        if (found := re.findall(rb"(?:https?:)?//(?!www\.w3\.org/)[\w.-]+\.[a-z]{2,}", path.read_bytes()))
        and not re.match(namespace, found[0])
    } == {}


@pytest.mark.parametrize("name", ["vendor/css/site.css", "vendor/htmx/htmx.min.js", "js/tryit.js"])
def test_static_files_are_immutable_under_a_hashed_address(site: Site, name: str):
    address = site.state.assets.path(name)
    assert re.fullmatch(rf"/static/[0-9a-f]{{10}}/{re.escape(name)}", address)
    status, headers, body = raw(site, address, "br")
    assert (status, headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert brotli.decompress(body) == (ROOT / "static" / name).read_bytes()
    assert raw(site, address, "br", **{"If-None-Match": headers["etag"]})[0] == 304


@pytest.mark.parametrize(
    "path",
    [
        "/static/0000000000/css/site.css",
        "/static/css/site.css",
        "/static/{version}/",
        "/static/{version}/css/none.css",
        "/static/{version}/../templates/base.html",
        "/static/{version}/%2e%2e/templates/base.html",
        "/static/{version}/vendor/.inputs",
        "/static/{version}//etc/passwd",
    ],
)
def test_nothing_else_is_under_static(site: Site, path: str):
    assert site.get(path.format(version=site.state.assets.version)).status_code == 404


def test_a_slash_too_many_leads_to_the_page(site: Site, pages: list[str]):
    for path in pages:
        if path != "/":
            answer = site.get(f"{path}/")
            assert (answer.status_code, answer.headers["location"]) == (308, path)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/topics/hello-world"])
def test_a_page_takes_only_get_and_head(site: Site, method: str, path: str):
    answer = site.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("/topics/query-parameter", "query-parameters"),
        ("/query-parameters", "query-parameters"),
        ("/topics/Http-Method", "http-methods"),
        ("/topics/zzz", None),
    ],
)
def test_an_unknown_address_suggests_the_closest_topic(site: Site, path: str, slug: str | None):
    answer = site.get(path)
    assert answer.status_code == 404
    suggested = re.findall(r'Did you mean <a href="/topics/([\w-]+)"', answer.text)
    assert suggested == ([slug] if slug else [])


def test_an_unknown_address_is_echoed_as_text(site: Site):
    answer = site.get("/%3Cscript%3Ealert(1)%3C/script%3E")
    assert answer.status_code == 404
    assert "&lt;script&gt;alert(1)" in answer.text
    assert "<script>alert(1)" not in answer.text


def test_a_page_shows_each_line_of_the_files_that_run(site: Site):
    for topic in site.state.live.current.topics.values():
        shown = unescape(re.sub(r"<[^>]+>", "", site.get(f"/topics/{topic.slug}").text))
        assert topic.title in shown
        lines = [line for v in topic.default_variants for file in v.files for line in file.text.splitlines()]
        assert [line for line in lines if line not in shown] == []

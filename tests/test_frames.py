"""Demos that are used in a frame: what they keep for a visitor, their headers, and what stays outside."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from sites import Site

from explorer.demos import visits

SIDES = ["left", "right"]
START = {"rows": ["first"], "names": [], "cookie": None}
TOKEN = re.compile(r"/~([A-Za-z0-9_-]{22})/")
STRICT = (
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)


def begin(client: httpx2.Client, side: str, slug: str = "keeping") -> str:
    """Start a visit and return its mount."""
    answer = client.get(f"/demos/{slug}/{side}/~/names")
    location = answer.headers["location"]
    assert (answer.status_code, location.endswith("/names")) == (303, True)
    assert TOKEN.search(location)
    return location.removesuffix("/names")


# State


@pytest.mark.parametrize("side", SIDES)
def test_rows_and_containers_are_put_back_before_each_call(hostile: httpx2.Client, side: str):
    mount = f"/demos/keeping/{side}"
    assert hostile.post(f"{mount}/names", content=b"second").status_code == 302
    assert hostile.get(f"{mount}/names").json() == START


@pytest.mark.parametrize("side", SIDES)
def test_an_open_transaction_is_rolled_back(hostile: httpx2.Client, side: str):
    assert hostile.post(f"/demos/keeping/{side}/open").status_code == 200
    assert hostile.get(f"/demos/keeping/{side}/names").json() == START


def test_rows_that_cannot_be_put_back_cost_the_demo_only(hostile: httpx2.Client):
    """A cursor that is left open holds the database; to put rows back under it would end the process."""
    assert hostile.post("/demos/keeping/left+cursor/cursor").status_code == 200
    refused = hostile.get("/demos/keeping/left+cursor/calm")
    assert refused.status_code == 503
    assert refused.text.startswith("What this demo keeps could not be put back: OperationalError: ")
    assert hostile.get("/demos/keeping/left/names").json() == START


# Visits


@pytest.mark.parametrize("side", SIDES)
def test_each_visitor_has_rows_names_and_cookies_of_their_own(hostile: httpx2.Client, side: str):
    one, other = begin(hostile, side), begin(hostile, side)
    assert one != other
    assert hostile.post(f"{one}/names", content=b"second").status_code == 302
    assert hostile.get(f"{one}/names").json() == {"rows": ["first", "second"], "names": ["second"], "cookie": "second"}
    assert hostile.get(f"{other}/names").json() == START
    assert hostile.post(f"{other}/names", content=b"third").status_code == 302
    assert hostile.get(f"{one}/names").json()["rows"] == ["first", "second"]
    assert hostile.get(f"{other}/names").json()["rows"] == ["first", "third"]
    assert hostile.get(f"/demos/keeping/{side}/names").json() == START
    other_side = SIDES[SIDES.index(side) - 1]
    assert hostile.get(f"{one}/names".replace(side, other_side)).json() == START


@pytest.mark.parametrize("side", SIDES)
def test_an_unknown_token_is_a_fresh_start_that_is_kept(hostile: httpx2.Client, side: str):
    mount = f"/demos/keeping/{side}/~{'x' * 22}"
    assert hostile.get(f"{mount}/names").json() == START
    hostile.post(f"{mount}/names", content=b"second")
    assert hostile.get(f"{mount}/names").json()["names"] == ["second"]


@pytest.mark.parametrize("token", ["x", "x" * 21, "x" * 23, "x" * 21 + "!"])
def test_what_is_no_token_is_a_path_of_the_demo(hostile: httpx2.Client, token: str):
    assert hostile.get(f"/demos/keeping/left/~{token}/names").status_code == 404


@pytest.mark.parametrize("side", SIDES)
def test_a_demo_sees_the_visit_in_its_prefix_and_a_redirect_stays_there(hostile: httpx2.Client, side: str):
    mount = begin(hostile, side)
    sent = {"to": f"{hostile.base_url}{mount}/names".replace("//demos", "/demos")}
    assert hostile.get(f"{mount}/leave", params=sent).headers["location"] == f"{mount}/names"
    for out in (f"/demos/keeping/{side}/names", f"{mount}/../names", "/healthz", "https://evil.example/"):
        answer = hostile.get(f"{mount}/leave", params={"to": out})
        assert "location" not in answer.headers, out


def test_a_visit_starts_where_it_was_asked_to(hostile: httpx2.Client):
    answer = hostile.get("/demos/keeping/left/~/a%20b?c=d")
    assert re.fullmatch(r"/demos/keeping/left/~[\w-]{22}/a%20b\?c=d", answer.headers["location"])
    bare = hostile.get("/demos/keeping/left/~")
    assert re.fullmatch(r"/demos/keeping/left/~[\w-]{22}/", bare.headers["location"])
    for path in ("//evil.example", "/..%2f", "/a\\b"):
        raw = httpx2.URL(hostile.base_url, raw_path=f"/demos/keeping/left/~{path}".encode())
        answer = hostile.get(raw)
        location = answer.headers.get("location", "/demos/keeping/left/~")
        assert location.startswith("/demos/keeping/left/~"), path


def test_a_visit_that_grows_too_big_starts_over(hostile: httpx2.Client):
    mount = begin(hostile, "left")
    hostile.post(f"{mount}/names", content=b"x" * 20_000)
    assert len(hostile.get(f"{mount}/names").json()["names"]) == 1
    for _ in range(4):
        hostile.post(f"{mount}/names", content=b"x" * 20_000)
    assert len(hostile.get(f"{mount}/names").json()["names"]) < 5


def test_a_visit_expires_and_the_least_recent_goes_first(make_site: Callable[..., Site], hostile_content: Path):
    site = make_site(content=hostile_content)
    now = 0.0
    kept = site.state.running_demos.visits
    kept.clock = lambda: now
    old = begin(site, "left")
    site.post(f"{old}/names", content=b"second")
    now = visits.VISIT_SECONDS
    assert site.get(f"{old}/names").json()["names"] == ["second"]
    now = 2 * visits.VISIT_SECONDS
    assert site.get(f"{old}/names").json()["names"] == ["second"]
    now = 3 * visits.VISIT_SECONDS + 1
    assert site.get(f"{old}/names").json() == START
    first = begin(site, "left")
    site.post(f"{first}/names", content=b"second")
    for number in range(visits.VISITS):
        site.get(f"/demos/keeping/right/~{number:022}/calm")
    assert site.get(f"{first}/names").json() == START


# Headers


def policy(answer: httpx2.Response) -> str:
    return str(answer.headers["content-security-policy"])


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/names", {}, 200),
        ("GET", "/~/names", {}, 303),
        ("GET", f"/~{'y' * 22}/page", {}, 200),
        ("GET", "/nowhere", {}, 404),
        ("PUT", "/names", {}, 405),
        ("OPTIONS", "/names", {"Origin": "null", "Access-Control-Request-Method": "PUT"}, 204),
        ("GET", "/page", {"Sec-Fetch-Dest": "script", "Sec-Fetch-Site": "same-origin"}, 403),
        ("GET", "//evil", {}, 422),
        ("POST", "/names", {}, 413),
    ],
)
def test_every_answer_of_a_framed_demo_runs_in_an_origin_of_its_own(
    hostile: httpx2.Client, method: str, path: str, sent: dict[str, str], status: int
):
    body = b"x" * 65_537 if status == 413 else b""
    answer = hostile.request(method, f"/demos/keeping/left{path}", headers=sent, content=body)
    host = str(hostile.base_url).rstrip("/")
    assert answer.status_code == status
    assert "allow-same-origin" not in policy(answer)
    directives = dict(part.split(" ", 1) for part in policy(answer).split("; "))
    assert directives["sandbox"] == "allow-scripts allow-forms allow-modals"
    assert directives["default-src"] == directives["base-uri"] == "'none'"
    assert directives["connect-src"] == directives["form-action"] == f"{host}/demos/keeping/left/"
    own, swagger, redoc = directives["script-src"].removeprefix("'unsafe-inline' ").split(" ")
    assert own == f"{host}/demos/keeping/left/"
    assert re.fullmatch(rf"{host}/static/\w+/vendor/swagger-ui/", swagger)
    assert re.fullmatch(rf"{host}/static/\w+/vendor/redoc/", redoc)
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cross-origin-embedder-policy"] == "require-corp"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("variant", ["keeping/left+cursor", "calm/left", "keeping/none", "none/left"])
def test_other_demos_keep_the_strict_set(hostile: httpx2.Client, variant: str):
    answer = hostile.get(f"/demos/{variant}/calm", headers={"Origin": "null"})
    assert policy(answer) == STRICT
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in answer.headers
    asked = {"Sec-Fetch-Dest": "script", "Sec-Fetch-Site": "cross-site"}
    refused = hostile.get(f"/demos/{variant}/calm", headers=asked)
    assert refused.status_code == (404 if "none" in variant else 403)


def test_a_host_that_no_policy_can_name_gets_the_strict_set(hostile: httpx2.Client):
    assert policy(hostile.get("/demos/keeping/left/calm", headers={"Host": "[::1]:8000"})) == STRICT


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://null"])
def test_only_an_origin_of_its_own_may_read(hostile: httpx2.Client, origin: str | None):
    headers = {"Origin": origin} if origin else {}
    answer = hostile.get("/demos/keeping/left/names", headers=headers)
    assert answer.headers.get("access-control-allow-origin") == ("null" if origin == "null" else None)
    assert "access-control-allow-credentials" not in answer.headers
    asked = headers | {"Access-Control-Request-Method": "DELETE"}
    preflight = hostile.options("/demos/keeping/left/names", headers=asked)
    assert (preflight.status_code == 204) == (origin == "null")
    assert "access-control-allow-credentials" not in preflight.headers


@pytest.mark.parametrize("site", ["same-origin", "same-site", "none", None])
def test_the_site_itself_may_not_use_a_framed_demo_as_script(hostile: httpx2.Client, site: str | None):
    url, headers = "/demos/keeping/left/calm", {"Sec-Fetch-Dest": "script"}
    assert hostile.get(url, headers=headers | ({"Sec-Fetch-Site": site} if site else {})).status_code == 403
    assert hostile.get(url, headers=headers | {"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_only_the_files_of_the_user_interfaces_are_for_other_origins(site: Site):
    corp = "cross-origin-resource-policy"
    files = site.state.assets.files
    assert {name.split("/")[1] for name in files if name.startswith("vendor/")} >= {"swagger-ui", "redoc", "htmx"}
    for name in files:
        shared = name.startswith(("vendor/swagger-ui/", "vendor/redoc/"))
        answer = site.head(site.state.assets.path(name))
        assert answer.headers[corp] == ("cross-origin" if shared else "same-origin"), name


# Pages


@pytest.mark.parametrize("side", SIDES)
def test_known_addresses_of_a_cdn_lead_to_copies(hostile: httpx2.Client, side: str):
    page = hostile.get(f"/demos/keeping/{side}/page").text
    copies = re.findall(r'"(/static/\w+/vendor/[^"]+)"', page)
    assert [copy.split("/vendor/")[1] for copy in copies] == [
        "swagger-ui/swagger-ui.css",
        "swagger-ui/swagger-ui-bundle.js",
        "redoc/redoc.standalone.js",
    ]
    assert [hostile.head(copy).status_code for copy in copies] == [200] * 3
    assert re.findall(r"https?://[^/]+", page) == ["https://cdn.example"]
    assert '<link rel="icon" href="/own.png">' in page


def test_a_variant_without_a_frame_is_sent_as_it_is(site: Site):
    assert "https://cdn.jsdelivr.net/" not in site.get("/demos/automatic-documentation/fastapi/docs").text
    call = {"request": {"path": "/docs"}}
    tried = site.post("/api/topics/automatic-documentation/try", json=call).text
    assert "https://cdn.jsdelivr.net/" in tried


def test_the_page_shows_each_frame_in_a_sandbox(site: Site):
    topic = site.state.live.current.topics["automatic-documentation"]
    page = site.get("/topics/automatic-documentation").text
    frames = re.findall(r"<iframe ([^>]+)>", page)
    assert len(frames) == len(topic.frames) == 4
    for frame, attributes in zip(topic.frames, frames, strict=True):
        src = f"/demos/automatic-documentation/{frame.variant}/~{frame.path}"
        assert f'src="{src}"' in attributes
        assert 'sandbox="allow-scripts allow-forms allow-modals"' in attributes
        assert 'loading="lazy"' in attributes
        assert page.count(f'href="{src}"') == 2  # start over, open alone
    assert '<a href="#live">Live</a>' in page
    assert 'id="live"' not in site.get("/topics/data-validation").text


@pytest.mark.parametrize(
    ("written", "found", "complaint"),
    [
        ('variant = "fastapi"', 'variant = "django"', "frame 'Swagger UI' shows 'django', which is no variant."),
        ('path = "/docs"', 'path = "/docs?a=b"', "the path of frame 'Swagger UI' is not sent."),
        ('path = "/docs"', 'path = "//evil.example"', "the path of frame 'Swagger UI' is not sent."),
        ('title = "ReDoc"', 'title = "Swagger UI"', "frame 'Swagger UI' has a title that is too long or taken."),
        ('title = "ReDoc"', f'title = "{"x" * 25}"', f"frame '{'x' * 25}' has a title that is too long or taken."),
        ('why = "The same doc', 'height = 3\nwhy = "The same doc', "frame 'ReDoc' has an unknown field `height`."),
    ],
)
def test_a_frame_that_cannot_be_shown_is_told(
    make_site: Callable[..., Site], content: Path, written: str, found: str, complaint: str
):
    for other in (content / "topics").iterdir():
        if other.name not in ("automatic-documentation", "query-parameters"):
            other.rename(other.with_name(f"_{other.name}"))
    table = content / "topics" / "automatic-documentation" / "topic.toml"
    before = table.read_text()
    table.write_text(before.replace(written, found, 1))
    assert table.read_text() != before
    complaints = make_site(content=content).get("/readyz").json()["content"]
    assert [text for text in complaints if complaint in text] == complaints[:1]

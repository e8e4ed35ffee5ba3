"""Whoever asks too much is told so, when to come back, and loses nothing; everybody else notices nothing."""

from __future__ import annotations

import gc
import re
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from sites import Site, site_with

from explorer import rates
from explorer.rates import Rates

CALL = {"request": {"path": "/calm"}}
FORM = {"path": "/calm", "body": "typed-4c1e"}
DETAIL = "More came from your address than this server answers. Nothing was sent: try again in "


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(rates.time, "monotonic", lambda: now[0])
    return now


def test_a_third_of_a_minute_is_allowed_at_once_and_comes_back_evenly(clock: list[float]):
    tries = Rates(60)
    assert [tries.wait("192.0.2.1") for _ in range(22)] == [0] * 20 + [1, 1]
    clock[0] += 2
    assert [tries.wait("192.0.2.1") for _ in range(3)] == [0, 0, 1]
    clock[0] += 60
    assert [tries.wait("192.0.2.1") for _ in range(21)] == [0] * 20 + [1]


def test_what_is_worth_more_waits_longer_and_never_for_ever(clock: list[float]):
    tries = Rates(60)
    assert tries.wait("192.0.2.1", cost=15) == 0
    assert tries.wait("192.0.2.1", cost=15) == 10
    assert tries.wait("192.0.2.1", cost=5) == 0
    assert tries.wait("192.0.2.2", cost=500) == 0


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("no address", "no address", True),
        ("", "", True),
    ],
)
def test_one_person_is_one_address_or_a_64(first: str, second: str, same: bool):
    tries = Rates(1)
    assert tries.wait(first) == 0
    assert bool(tries.wait(second)) == same


def test_no_more_addresses_are_kept_than_that(clock: list[float], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rates, "ADDRESSES", 3)
    tries = Rates(1)
    assert [tries.wait(f"192.0.2.{n}") for n in range(4)] == [0, 0, 0, 0]
    assert [bool(tries.wait(f"192.0.2.{n}")) for n in (3, 2, 1)] == [True, True, True]
    assert tries.wait("192.0.2.0") == 0
    clock[0] += 61
    tries.wait("192.0.2.9")
    assert list(tries._full) == ["192.0.2.9"]


def test_zero_sets_no_limit():
    assert not any(Rates(0).wait("192.0.2.1") for _ in range(1000))


@pytest.fixture(scope="module")
def tight(hostile_content: Path) -> Iterator[Site]:
    """A site that takes one try-it at once and ten other requests."""
    with ExitStack() as stack:
        limits = {"try_rate": 1, "request_rate": 30, "url_limit": 1024, "allowed_hosts": "testserver"}
        yield stack.enter_context(site_with(content=hostile_content, **limits))


@pytest.fixture
def spent(tight: Site) -> Site:
    """The same, with the one try-it spent and none of the others."""
    tight.state.try_rates, tight.state.request_rates = Rates(1), Rates(30)
    assert tight.post("/api/topics/hostile/try", json=CALL).status_code == 200
    return tight


def test_one_try_too_many_is_a_problem_in_the_api(spent: Site):
    answer = spent.post("/api/topics/hostile/try", json=CALL)
    problem = answer.json()
    assert (answer.status_code, problem["title"], problem["status"]) == (429, "Too many requests", 429)
    assert problem["detail"].startswith(DETAIL)
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert spent.get("/").status_code == spent.get("/topics/hostile").status_code == 200


@pytest.mark.parametrize("action", ["try", "run"])
def test_one_try_too_many_is_a_notice_for_htmx(spent: Site, action: str):
    answer = spent.post(f"/topics/hostile/{action}", data=FORM, headers={"HX-Request": "true"})
    assert (answer.status_code, "<html" in answer.text, DETAIL in answer.text) == (429, False, True)
    assert 1 <= int(answer.headers["retry-after"]) <= 60


def test_without_script_what_was_typed_is_kept(spent: Site):
    answer = spent.post("/topics/hostile/try", data=FORM)
    assert (answer.status_code, DETAIL in answer.text) == (429, True)
    assert FORM["body"] in answer.text
    assert "retry-after" in answer.headers


def test_without_script_a_refused_preset_stands_in_the_form(spent: Site):
    page = spent.post("/topics/hostile/try", data={"scenario": "calm"}).text
    assert 'name="path" value="/calm"' in page
    assert re.search(r'value="calm" [^>]*aria-current="true"', page)


def ask_often(site: Site, path: str) -> list[Response]:
    return [site.get(path) for _ in range(11)]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/search?q=calm", "text/html"),
        ("/nowhere", "text/html"),
        ("/differences/filter", "text/html"),
        ("/admin/login", "text/html"),
        ("/topics/hostile/project.zip", "text/html"),
        ("/api/topics", "application/problem+json"),
        ("/demos/calm/left/calm", "text/plain"),
    ],
)
def test_what_is_made_when_it_is_asked_for_is_counted(spent: Site, path: str, kind: str):
    spent.state.request_rates = Rates(30)
    *allowed, refused = ask_often(spent, path)
    assert {answer.status_code for answer in allowed} <= {200, 404}
    assert refused.status_code == 429
    assert refused.headers["content-type"].startswith(kind)
    assert 1 <= int(refused.headers["retry-after"]) <= 2
    assert "content-security-policy" in refused.headers


@pytest.mark.parametrize("path", ["/", "/topics/hostile", "/claims", "/healthz"])
def test_pages_and_the_sign_of_life_are_not_counted(spent: Site, path: str):
    ask_often(spent, "/search")
    assert {answer.status_code for answer in ask_often(spent, path)} == {200}


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("x" * 1100, {}, 414),
        ("", {f"X-{n}": "v" for n in range(120)}, 431),
        ("", {"X-Long": "v" * 33_000}, 431),
    ],
)
@pytest.mark.parametrize("path", ["/search", "/api/search", "/demos/calm/left/calm", "/admin/login"])
def test_a_head_over_a_limit_is_refused(spent: Site, path: str, query: str, headers: dict[str, str], status: int):
    answer = spent.get(path, params={"q": query}, headers=headers)
    assert answer.status_code == status
    assert "than this server reads" in answer.text


@pytest.mark.parametrize("path", ["/nowhere", "/admin/login"])
def test_a_refusal_is_made_once_and_counted(spent: Site, monkeypatch: pytest.MonkeyPatch, path: str):
    made: list[str] = []
    original = spent.state.templates.render

    def render(name: str, *rest: Any) -> str:
        made.append(name)
        return original(name, *rest)

    monkeypatch.setattr(spent.state.templates, "render", render)
    spent.state.refusals.clear()
    answers = [spent.get(path, params={"q": "x" * 1100}) for _ in range(14)]
    assert [answer.status_code for answer in answers] == [414] * 9 + [429] * 5
    assert made.count("error.html") == len(spent.state.refusals) == len({answer.text for answer in answers})
    assert all("than this server" in answer.text for answer in answers)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/{n}\N{SNOWMAN}" + "x" * 50_000, {}),
        ("/", {"Accept-Encoding": "x{n}" + "x" * 50_000}),
        ("/", {"Host": "x{n}" + "x" * 50_000}),
    ],
    ids=["path", "accept-encoding", "host"],
)
def test_nothing_of_a_long_head_is_kept(spent: Site, path: str, headers: dict[str, str]):
    spent.state.request_rates = Rates(0)

    def ask(numbers: range) -> None:
        for n in numbers:
            spent.get(path.format(n=n), headers={name: value.format(n=n) for name, value in headers.items()})

    ask(range(5))
    tracemalloc.start()
    try:
        ask(range(5, 85))
        gc.collect()  # the client's answers refer to themselves
        kept = [trace for trace in tracemalloc.take_snapshot().traces if trace.size >= 50_000]
        assert len(kept) < 20  # of 80 heads
    finally:
        tracemalloc.stop()


def test_a_download_is_made_once_for_a_topic(make_site: Callable[..., Site], hostile_content: Path):
    site = make_site(content=hostile_content)
    for name in ("calm.zip", "test_calm_parity.py"):
        path = "/topics/calm/" + ("project.zip" if name.endswith("zip") else "parity.py")
        made = site.get(path)
        assert made.status_code == 200
        (key,) = [key for key in site.state.downloads if key[1] in made.headers["content-disposition"]]
        topic, body = site.state.downloads[key]
        assert body == made.content
        site.state.downloads[key] = topic, b"kept"
        assert site.get(path).content == b"kept"
        site.state.downloads[key] = site.state.live.current.topics["hostile"], b"of other words"
        assert site.get(path).content == made.content
        if name.endswith("py"):
            assert site.get(path, params={"noise": ""}).content != made.content
            assert site.state.downloads[key][1] == made.content

"""Scenarios of several steps: what earlier requests leave behind reaches the last one and nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from admins import few_topics
from sites import Site, site_with

from explorer.demos.steps import Memory
from explorer.topics import Request, Response

STEPS = """
[[scenarios]]
id = "two-steps"
kind = "valid"
title = "Put, then get"
why = "The second request sees what the first one stored."
path = "/items"

[[scenarios.before]]
method = "PUT"
path = "/items/7"
headers = [["Content-Type", "application/json"]]
body = '{"name": "seven"}'

[scenarios.expect.flask]
status = 200
json = '[{"name": "pen"}, {"name": "seven"}]'

[scenarios.expect.fastapi]
status = 200
json = '[{"name": "pen"}, {"name": "seven"}]'
"""


@pytest.fixture(scope="module")
def stepped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    content = few_topics(tmp_path_factory.mktemp("steps"), ("http-methods",))
    table = content / "topics" / "http-methods" / "topic.toml"
    table.write_text(table.read_text() + STEPS)
    with site_with(content=content) as site:
        yield site


def bodies(site: Site, **call: object) -> list[str]:
    exchanges = site.post("/api/topics/http-methods/try", json=call).json()["exchanges"]
    return ["".join(exchange["response"]["body"].split()) for exchange in exchanges]


def test_a_scenario_sends_its_earlier_requests_first(stepped: Site) -> None:
    assert bodies(stepped, scenario="two-steps") == ['[{"name":"pen"},{"name":"seven"}]'] * 2
    assert "not as declared" not in stepped.post("/topics/http-methods/run").text


def test_nothing_is_left_for_the_next_visitor(stepped: Site) -> None:
    bodies(stepped, scenario="two-steps")

    assert bodies(stepped, request={"path": "/items"}) == ['[{"name":"pen"}]'] * 2


def test_an_edited_request_keeps_the_earlier_requests(stepped: Site) -> None:
    call = {"before": "two-steps", "request": {"path": "/items", "query": "a=1"}}

    assert bodies(stepped, **call) == ['[{"name":"pen"},{"name":"seven"}]'] * 2


def test_the_form_names_the_scenario_whose_steps_come_first(stepped: Site) -> None:
    form = {"path": "/items", "before": "two-steps"}

    assert "seven" in stepped.post("/topics/http-methods/try", data=form, headers={"HX-Request": "true"}).text


def test_cookies_and_saved_values_reach_later_requests() -> None:
    memory = Memory()
    headers = (("Set-Cookie", "session=abc; Path=/; HttpOnly"), ("Set-Cookie", "old=1; Max-Age=0"))
    memory.learn(Response(200, headers, b'{"tokens": [{"access": "t0k"}]}', 31), {"token": "/tokens/0/access"})

    request = memory.apply(Request(path="/me", headers=(("Authorization", "Bearer {token}"),)))

    assert request.headers == (("Authorization", "Bearer t0k"), ("Cookie", "session=abc"))


def test_a_request_with_a_cookie_of_its_own_keeps_it() -> None:
    memory = Memory({"session": "abc"})

    assert memory.apply(Request(headers=(("cookie", "session=tampered"),))).headers == (("cookie", "session=tampered"),)


@pytest.mark.parametrize("body", [b"", b"no json", b'{"tokens": []}', b"[" * 60_000, b'{"tokens": "x\\r\\ny"}'])
def test_a_value_that_is_not_there_is_empty_and_none_breaks_a_header(body: bytes) -> None:
    memory = Memory()
    memory.learn(Response(200, (), body, len(body)), {"token": "/tokens"})

    (_, value) = memory.apply(Request(headers=(("X-Token", "{token}"),))).headers[0]

    assert value.isprintable()

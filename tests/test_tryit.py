"""The request form: a fragment for htmx, a whole page without script, and what was typed is never lost."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from httpx2 import Response
from sites import Site, Until

FORM = "/topics/query-parameters/try"
HTMX = {"HX-Request": "true"}
TYPED = {
    "method": "PUT",
    "path": "/employees/<1>",
    "query": 'a="b"&c=d',
    "headers": "X-One: 1\nX-Two: <2>",
    "body": '\n{"a": "</textarea><script>"}\n',
}


class Form(HTMLParser):
    """The request form of a page: its values and the fields that are marked as wrong."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.invalid: list[str] = []
        self._open: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if "aria-invalid" in given:
            self.invalid.append(name)
        if tag == "input" and name in TYPED:
            self.values[name] = given.get("value") or ""
        elif tag in ("textarea", "select"):
            self.values[name], self._open = "", name if tag == "textarea" else None
        elif tag == "option" and "selected" in given:
            self._open = "method"

    def handle_endtag(self, tag: str) -> None:
        self._open = None if tag in ("textarea", "option", "select") else self._open

    def handle_data(self, data: str) -> None:
        if self._open:
            self.values[self._open] += data


def filled(html: str) -> dict[str, str]:
    """What the form holds; a browser drops the newline after <textarea>."""
    return {name: value.removeprefix("\n") for name, value in Form(html).values.items() if name in TYPED}


def statuses(answer: Response) -> list[str]:
    return re.findall(r'data-variant="([\w+-]+)".*?<span class="status" data-class="\w+">(\w+)', answer.text, re.S)


def test_htmx_gets_the_answers_alone(site: Site):
    answer = site.post(FORM, data={"path": "/employees", "query": "limit=5"}, headers=HTMX)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert statuses(answer) == [("flask", "400"), ("fastapi", "422")]
    assert "<html" not in answer.text
    assert "<form" not in answer.text
    assert answer.headers["vary"] == "HX-Request"


def test_without_script_the_whole_page_comes_with_answers_and_the_filled_form(site: Site):
    answer = site.post(FORM, data=TYPED)
    assert answer.status_code == 200
    assert answer.text.startswith("<!doctype html>") or "<!doctype html>" in answer.text[:20]
    assert statuses(answer) == [("flask", "404"), ("fastapi", "404")]
    assert filled(answer.text) == TYPED | {"path": "/employees/%3C1%3E", "query": "a=%22b%22&c=d"}
    assert Form(answer.text).invalid == []
    assert "</textarea><script>" not in answer.text


def test_both_forms_of_the_answer_are_the_same(site: Site):
    data = {"path": "/employees", "query": "limit=5"}
    fragment, page = site.post(FORM, data=data, headers=HTMX).text, site.post(FORM, data=data).text
    assert fragment.strip() in page


@pytest.mark.parametrize(
    ("wrong", "field", "status"),
    [
        ({"path": "http://evil.example/"}, "path", 422),
        ({"path": ""}, "path", 422),
        ({"query": "a=\x01"}, "query", 422),
        ({"headers": "no colon"}, "headers", 422),
        ({"headers": "Host: evil.example"}, "headers", 422),
        ({"headers": "X-Caf\xe9: a"}, "headers", 422),
        ({"method": "TRACE"}, "method", 422),
        ({"body": "x" * 65_537}, "body", 413),
        ({"path": "/" + "x" * 3000}, "path", 413),
    ],
)
def test_a_problem_keeps_what_was_typed_and_names_the_field(site: Site, wrong: dict[str, str], field: str, status: int):
    typed = TYPED | wrong
    page = site.post(FORM, data=typed)
    assert page.status_code == status
    assert Form(page.text).invalid == [field]
    assert {name: value for name, value in filled(page.text).items() if name != "method"} == {
        name: value for name, value in typed.items() if name != "method"
    }
    beside = re.search(rf'<p class="problem" id="problem-{field}">(.+?)</p>', page.text)
    fragment = site.post(FORM, data=typed, headers=HTMX)
    notice = re.fullmatch(r'<p class="notice bad" role="alert" data-field="(\w+)">(.+)</p>', fragment.text.strip())
    assert beside
    assert notice
    assert (fragment.status_code, notice[1], notice[2]) == (status, field, beside[1])
    assert statuses(page) == []


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_headers_are_typed_one_a_line(site: Site, newline: str):
    typed = newline.join(["Accept:  text/plain ", "", "X-Colon: a: b"])
    answer = site.post(FORM, data={"path": "/employees", "headers": typed})
    assert filled(answer.text)["headers"] == "Accept: text/plain\nX-Colon: a: b"


def test_a_scenario_is_sent_by_its_id(site: Site):
    topic = site.state.live.current.topics["query-parameters"]
    for scenario in topic.scenarios:
        answer = site.post(FORM, data={"scenario": scenario.id, "path": "/ignored"})
        assert [int(status) for _, status in statuses(answer)] == [
            scenario.expectation(variant).status for variant in topic.default_variants
        ]
        assert filled(answer.text)["path"] == scenario.request.path
        assert re.findall(r'value="([\w-]+)" [^>]*aria-current="true"', answer.text) == [scenario.id]
        assert plain(scenario.why) in plain(answer.text)


def test_a_typed_request_equal_to_a_scenario_is_that_scenario(site: Site):
    scenario = site.state.live.current.topics["query-parameters"].scenario("repeated")
    answer = site.post(FORM, data={"method": "get", "path": "/employees", "query": scenario.request.query})
    assert re.findall(r'value="([\w-]+)" [^>]*aria-current="true"', answer.text) == ["repeated"]
    assert plain(scenario.why) in plain(answer.text)
    other = site.post(FORM, data={"path": "/employees", "query": f"{scenario.request.query}&x=1"})
    assert 'aria-current="true"' not in other.text.partition('<form class="request"')[0].partition("data-presets")[2]
    assert plain(scenario.why) not in plain(other.text)


def plain(text: str) -> str:
    """Words as they are read: without markup, quotes as they were typed."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", text)).replace("`", "").split())


def test_an_unknown_scenario_is_a_problem_of_the_form(site: Site):
    answer = site.post(FORM, data={"scenario": "<unknown>"}, headers=HTMX)
    assert answer.status_code == 422
    assert 'data-field="scenario"' in answer.text
    assert "unknown" not in answer.text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_busy_site_says_so_and_keeps_what_was_typed(busy: Site, until: Until, headers: dict[str, str]):
    answer = until(503, lambda: busy.post("/topics/calm/try", data=TYPED, headers=headers))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "Nothing was sent: try again in 2 seconds." in answer.text
    if not headers:
        assert filled(answer.text) == TYPED


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"files": {"path": b"/x"}}, 400),
        ({"data": {f"field-{n}": "x" for n in range(100)}}, 400),
        ({"content": b"x" * 1_100_000, "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 413),
        ({"content": b"", "headers": {"Content-Type": "multipart/form-data"}}, 400),
    ],
)
def test_a_form_that_cannot_be_read_is_a_notice_for_htmx_and_a_page_for_others(
    site: Site, sent: dict[str, Any], status: int
):
    page = site.post(FORM, **sent)
    assert page.status_code == status
    assert "<html" in page.text
    fragment = site.post(FORM, **sent | {"headers": sent.get("headers", {}) | HTMX})
    assert fragment.status_code == status
    assert fragment.text.strip().startswith('<p class="notice bad" role="alert"')


def test_an_unknown_topic_is_not_found(site: Site):
    assert site.post("/topics/unknown/try", data={"path": "/"}).status_code == 404


def test_answers_are_text_whatever_the_demo_sent(site: Site):
    answer = site.post("/topics/templates/try", data={"scenario": "markup"}, headers=HTMX)
    assert answer.status_code == 200
    inside = re.findall(r"<code>(.*?)</code>", answer.text, re.S)
    assert inside
    assert [code for code in inside if re.search(r"<(?!/?span)", code)] == []


def test_no_duration_is_shown(site: Site):
    page = site.post(FORM, data={"path": "/employees"}).text
    assert not re.search(r"\d\s?(ms|µs|milliseconds)\b", page)


def test_the_reader_of_forms_sees_values_and_flags():
    form = Form(
        '<select name="method"><option>GET</option><option selected>PUT</option></select>'
        '<input name="path" value="&lt;a" aria-invalid="true"><textarea name="body">\nx</textarea>'
    )
    assert (form.values, form.invalid) == ({"method": "PUT", "path": "<a", "body": "\nx"}, ["path"])


def test_rules_that_are_all_off_stay_off_where_the_request_has_a_problem(site: Site) -> None:
    answer = site.post("/topics/query-parameters/try", data={"path": "no slash", "noise-shown": "1"})
    assert answer.status_code == 422
    switches = re.findall(r'<input[^>]*name="noise"[^>]*>', answer.text)
    assert len(switches) > 5
    assert [switch for switch in switches if " checked" in switch] == []

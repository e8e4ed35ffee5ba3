"""The JSON API: its answers, its refusals, its document."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import httpx2
import pytest
from sites import Site, Until

from explorer.topics import METHODS

CALL = "/api/topics/query-parameters/try"
SECRET = "planted-7d1f"


def test_topics_are_listed_in_reading_order_with_sides_and_versions(site: Site):
    listed = site.get("/api/topics").json()
    assert listed["sides"] == [
        {"id": "flask", "title": "Flask", "version": version("flask")},
        {"id": "fastapi", "title": "FastAPI", "version": version("fastapi")},
    ]
    catalog = site.state.live.current
    assert [topic["slug"] for topic in listed["topics"]] == [topic.slug for topic in catalog.content.topics]
    entry = next(topic for topic in listed["topics"] if topic["slug"] == "query-parameters")
    assert entry == {
        "slug": "query-parameters",
        "title": "Query parameters",
        "section": "requests",
        "url": "/topics/query-parameters",
        "mark": "different",
        "variants": ["flask", "fastapi"],
        "scenarios": [scenario.id for scenario in catalog.topics["query-parameters"].scenarios],
    }


def test_a_topic_comes_with_its_files_and_scenarios(site: Site):
    got = site.get("/api/topics/query-parameters").json()
    topic = site.state.live.current.topics["query-parameters"]
    assert [(demo["id"], demo["side"], demo["mount"]) for demo in got["demos"]] == [
        ("flask", "flask", "/demos/query-parameters/flask/"),
        ("fastapi", "fastapi", "/demos/query-parameters/fastapi/"),
    ]
    for demo in got["demos"]:
        source = (topic.folder / demo["id"] / "app.py").read_text()
        assert demo["files"]["app.py"] == source.rstrip("\n")
    assert [(s["id"], s["kind"], s["request"]["path"]) for s in got["requests"]] == [
        (s.id, s.kind, s.request.path) for s in topic.scenarios
    ]
    assert {s["mark"] for s in got["requests"]} <= {"same", "near", "different"}
    assert "<" not in got["takeaway"] + got["summary"]


def test_a_scenario_is_answered_by_each_side(site: Site):
    answer = site.post(CALL, json={"scenario": "wrong-type"})
    assert answer.status_code == 200
    left, right = answer.json()["exchanges"]
    request = {
        "method": "GET",
        "path": "/employees",
        "query": "department=ops&limit=ten",
        "headers": [],
        "body": "",
        "parts": [],
    }
    assert (left["side"], left["variant"], left["request"], left["error"]) == ("flask", "flask", request, None)
    assert (left["response"]["status"], left["response"]["truncated"]) == (200, False)
    assert left["response"]["size"] == len(left["response"]["body"])
    assert ["Content-Type", "application/json"] in left["response"]["headers"]
    assert (right["side"], right["response"]["status"]) == ("fastapi", 422)
    assert set(left) == {"side", "variant", "request", "response", "error"}
    assert set(left["response"]) == {"status", "headers", "body", "size", "truncated"}


@pytest.mark.parametrize("headers", [[["X-A", "1"], ["Accept", "a/b"]], {"X-A": "1", "Accept": "a/b"}])
def test_headers_are_pairs_or_an_object(site: Site, headers: Any):
    answer = site.post(CALL, json={"request": {"path": "/employees", "headers": headers}})
    assert answer.status_code == 200
    assert answer.json()["exchanges"][0]["request"]["headers"] == [["X-A", "1"], ["Accept", "a/b"]]


@pytest.mark.parametrize("variants", [["fastapi"], ["fastapi", "flask"], ["flask", "fastapi"]])
def test_variants_answer_in_the_order_asked_for(site: Site, variants: list[str]):
    answer = site.post(CALL, json={"scenario": "valid", "variants": variants})
    assert [exchange["variant"] for exchange in answer.json()["exchanges"]] == variants


def test_a_request_has_defaults(site: Site):
    answer = site.post(CALL, json={"request": {}})
    assert answer.json()["exchanges"][0]["request"] == {
        "method": "GET",
        "path": "/",
        "query": "",
        "headers": [],
        "body": "",
        "parts": [],
    }


@pytest.mark.parametrize("method", METHODS)
def test_each_method_is_sent(site: Site, method: str):
    answer = site.post(CALL, json={"request": {"method": method, "path": "/employees", "query": "department=a"}})
    for exchange in answer.json()["exchanges"]:
        assert exchange["request"]["method"] == method
        assert exchange["error"] is None
        assert (exchange["response"]["body"] == "") is (
            method == "HEAD"
            or exchange["response"]["status"] == 204
            or (method, exchange["side"]) == ("OPTIONS", "flask")
        )


@pytest.mark.parametrize(
    ("call", "status", "field"),
    [
        ({}, 422, "request"),
        ({"scenario": "valid", "request": {}}, 422, "request"),
        ({"scenario": SECRET}, 422, "scenario"),
        ({"scenario": 1}, 422, "scenario"),
        ({"scenario": "valid", "variants": [SECRET]}, 422, "variants"),
        ({"scenario": "valid", "variants": ["flask", "flask"]}, 422, "variants"),
        ({"scenario": "valid", "variants": []}, 422, "variants"),
        ({"scenario": "valid", "variants": "flask"}, 422, "variants"),
        ({"scenario": "valid", "variants": ["flask"] * 17}, 422, "variants"),
        ({"scenario": "valid", "surprise": SECRET}, 422, "surprise"),
        ({"scenario": "valid", "shims": [SECRET]}, 422, "shims"),
        ({"request": SECRET}, 422, "request"),
        ({"request": {"url": SECRET}}, 422, "url"),
        ({"request": {"request": SECRET}}, 422, "request"),
        ({"request": {"method": SECRET}}, 422, "method"),
        ({"request": {"method": 1}}, 422, "method"),
        ({"request": {"path": SECRET}}, 422, "path"),
        ({"request": {"path": [SECRET]}}, 422, "path"),
        ({"request": {"query": {"a": SECRET}}}, 422, "query"),
        ({"request": {"query": f"\0{SECRET}"}}, 422, "query"),
        ({"request": {"headers": SECRET}}, 422, "headers"),
        ({"request": {"headers": [[SECRET]]}}, 422, "headers"),
        ({"request": {"headers": [["a", "b", SECRET]]}}, 422, "headers"),
        ({"request": {"headers": {"a": [SECRET]}}}, 422, "headers"),
        ({"request": {"headers": {f"{SECRET} x": "v"}}}, 422, "headers"),
        ({"request": {"headers": {f"proxy-{SECRET}": "v"}}}, 422, "headers"),
        ({"request": {"headers": {SECRET: "\0"}}}, 422, "headers"),
        ({"request": {"body": {"a": SECRET}}}, 422, "body"),
        ({"request": {"body": None}}, 422, "body"),
        ({"request": {"body": SECRET * 6000}}, 413, "body"),
        ([], 422, "body"),
        ("text", 422, "body"),
        (None, 422, "body"),
    ],
)
def test_an_unusable_call_names_the_field_and_repeats_nothing(site: Site, call: Any, status: int, field: str):
    answer = site.post(CALL, json=call)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "field"}
    assert (problem["type"], problem["status"], problem["field"]) == ("about:blank", status, field)
    assert SECRET not in answer.text
    assert len(problem["detail"]) < 400


def test_the_name_of_an_unknown_field_is_cut(site: Site):
    problem = site.post(CALL, json={"scenario": "valid", "x" * 5000: 1}).json()
    assert problem["field"] == "x" * 60


@pytest.mark.parametrize(
    "path",
    [
        *("/api/topics", "/api/topics/calm", "/api/search?q=calm", "/api/claims", "/api/openapi.json"),
        *("/api/differences", "/differences/filter", "/search?q=header"),
    ],
)
def test_head_is_get_without_a_body(hostile: httpx2.Client, path: str):
    get, head = hostile.get(path), hostile.head(path)
    assert (get.status_code, head.status_code, head.content) == (200, 200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]
    assert hostile.get(path).status_code == 200  # on the same connection: no body was left on it


@pytest.mark.parametrize(
    ("path", "allowed"), [("/api/topics", "GET, HEAD"), ("/api/topics/query-parameters/try", "POST")]
)
def test_what_an_address_takes_is_named(site: Site, path: str, allowed: str):
    answer = site.put(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert site.head("/api/topics/query-parameters/try").headers["allow"] == "POST"


@pytest.mark.parametrize("text", ["{", "", "{'a': 1}", '{"scenario": "valid"', "\x00", "[1, 2", '{"request": NaN'])
def test_what_is_not_json_cannot_be_read(site: Site, text: str):
    answer = site.post(CALL, content=text, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["field"]) == (400 if text else 422, "body")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_json_that_does_not_say_so_is_refused(site: Site, kind: str):
    """Another site's form cannot send application/json without asking first."""
    answer = site.post(CALL, content=b'{"scenario": "valid"}', headers={"Content-Type": kind} if kind else {})
    assert (answer.status_code, answer.json()["field"]) == (422, "body")


def test_a_call_that_is_too_large_is_refused(site: Site):
    answer = site.post(CALL, json={"request": {"body": "x" * 1_100_000}})
    assert (answer.status_code, answer.json()["field"]) == (413, "body")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/topics/unknown"), ("POST", "/api/topics/unknown/try"), ("GET", "/api/"), ("GET", "/api/unknown")],
)
def test_what_does_not_exist_is_a_problem(site: Site, method: str, path: str):
    answer = site.request(method, path, json={"scenario": "valid"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["title"] == "Not found"


def test_a_busy_site_says_when_to_come_back(busy: Site, until: Until):
    answer = until(503, lambda: busy.post("/api/topics/calm/try", json={"scenario": "calm"}))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["title"] == "The demos are busy"


@pytest.mark.parametrize(
    ("query", "kind", "title"),
    [
        ("query parameters", "topic", "<mark>Query</mark> <mark>parameters</mark>"),
        ("getlist tags", "code", None),
    ],
)
def test_search_finds_topics_and_code(site: Site, query: str, kind: str, title: str | None):
    answer = site.get("/api/search", params={"q": query}).json()
    assert answer["query"] == query
    first = answer["hits"][0]
    assert first["kind"] == kind
    assert first["title"] == title or "<mark>" in first["title"]
    page, _, anchor = first["url"].partition("#")
    assert not anchor or f'id="{anchor}"' in site.get(page).text


@pytest.mark.parametrize(
    ("query", "status"), [("", 200), ("   ", 200), ("zzzz", 200), ("x" * 100, 200), ("x" * 101, 422)]
)
def test_search_without_a_hit_is_empty(site: Site, query: str, status: int):
    answer = site.get("/api/search", params={"q": query})
    assert answer.status_code == status
    assert answer.json().get("hits", []) == []
    assert answer.json().get("field", "q") == "q"


def test_what_is_found_is_text(site: Site):
    for query in ("<script>", "&", '"', "<b"):
        for hit in site.get("/api/search", params={"q": query}).json()["hits"]:
            assert "<" not in hit["title"].replace("<mark>", "").replace("</mark>", "")


def test_the_document_describes_every_answer(site: Site):
    document = site.get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert {"/api/topics", "/api/topics/{slug}", "/api/topics/{slug}/try", "/api/search"} <= set(document["paths"])
    assert undocumented(document) == []
    answers = document["paths"]["/api/topics/{slug}/try"]["post"]["responses"]
    assert set(answers) == {"200", "400", "404", "413", "422", "429", "503"}
    schemas = document["components"]["schemas"]
    assert set(schemas["ExchangeModel"]["required"]) == {"side", "variant", "request", "response", "error"}
    assert not {"HTTPValidationError", "ValidationError"} & set(schemas)


def undocumented(document: dict[str, Any]) -> list[str]:
    """Operations that leave something out of their description, and references that lead nowhere."""
    wrong = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            kinds = {status: list(answer.get("content", {})) for status, answer in operation["responses"].items()}
            good = kinds.pop("200", None) == ["application/json"]
            refusals = all(kind == ["application/problem+json"] for kind in kinds.values())
            if not (good and refusals and operation.get("description")):
                wrong.append(f"{method} {path}")
    schemas = document["components"]["schemas"]
    return wrong + [reference for reference in references(document) if reference.rpartition("/")[2] not in schemas]


def references(value: Any) -> list[str]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = [value["$ref"]] if isinstance(value, dict) and isinstance(value.get("$ref"), str) else []
    return own + [reference for child in inner for reference in references(child)]


def test_the_reader_of_the_document_sees_what_is_missing():
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/None"}}}}
    described = {"description": "d", "responses": {"200": answer, "422": answer}}
    paths = {"/a": {"get": described}, "/b": {"get": {"responses": {}}}}
    nowhere = ["#/components/schemas/None"] * 2
    assert undocumented({"paths": paths, "components": {"schemas": {}}}) == ["get /a", "get /b", *nowhere]


def test_what_a_demo_logs_under_another_modules_name_stays_out_of_our_log(
    site: Site, capfd: pytest.CaptureFixture[str]
):
    answer = site.post("/api/topics/gradual-migration/try", json={"request": {"path": "/stock/salt"}})
    assert [exchange["response"]["status"] for exchange in answer.json()["exchanges"]] == [500, 500]
    assert "KeyError" not in capfd.readouterr().err

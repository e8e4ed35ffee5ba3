"""Who may do what in the admin: every route with every role, from this site only; and reading changes nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from admins import FEW, add_editor, admin_with, in_database, person, sign_in, visitor
from databases import Postgres
from fastapi import FastAPI
from httpx2 import Response
from sites import Site, Unhandled
from starlette.routing import Route

from explorer.database import Database
from explorer.models import ROLES as NAMES
from explorer.models import Base, Role
from explorer.web.admin.roles import ROLES, bare

SAMPLES = {"slug": FEW[0], "name": "nobody-of-this-name", "pk": "1", "token": "no-such-token", "number": "1"}
"""A value for each parameter of an address; a new one gets a sample here."""
WALKERS: tuple[Role | None, ...] = (None, *NAMES)
NUMBERS = count()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with admin_with(tmp_path_factory.mktemp("admin")) as site:
        add_editor(site, "ada", "owner")
        yield site


def routes(site: Site) -> list[Route]:
    """The routes of the admin's own application."""
    app: Any = site.app
    while not isinstance(app, FastAPI):
        app = app._app
    mounted = next(route for route in app.routes if getattr(route, "name", "") == "admin")
    return list(mounted.app.routes)


def calls(site: Site) -> list[tuple[str, str, str]]:
    """Name, method and an address of each route."""
    return [
        (bare(route.name), method, "/admin" + re.sub(r"{(\w+)[^}]*}", lambda found: SAMPLES[found[1]], route.path))
        for route in routes(site)
        for method in sorted(route.methods or ())
        if method != "HEAD"
    ]


def somebody(site: Site, role: Role | None) -> Site:
    return visitor(site) if role is None else person(site, f"{role}-{next(NUMBERS)}", role)


def send(client: Site, method: str, path: str, **headers: str) -> Response:
    return client.request(method, path, headers=headers, data={} if method == "POST" else None)


def may(role: Role | None, name: str) -> bool:
    needed = ROLES[name]
    return needed is None or (role is not None and NAMES.index(role) >= NAMES.index(needed))


def test_each_route_has_a_role_and_each_role_a_route_of_its_own_name(site: Site):
    names = [bare(route.name) for route in routes(site)]
    assert sorted(names) == sorted(set(names))
    assert set(names) == set(ROLES)


def test_a_route_without_a_role_is_open_to_nobody(site: Site, monkeypatch: pytest.MonkeyPatch):
    owner = somebody(site, "owner")
    monkeypatch.delitem(ROLES, "account")
    for client in (owner, visitor(site)):
        answer = client.get("/admin/account")
        assert (answer.status_code, "This page is open to nobody." in answer.text) == (403, True)


@pytest.mark.parametrize("role", WALKERS)
def test_each_route_lets_in_who_may_and_nobody_else(site: Site, role: Role | None):
    client = somebody(site, role)
    assert calls(site)
    for name, method, path in calls(site):
        answer = send(client, method, path)
        where = f"{method} {path} as {role}: {answer.status_code} {answer.headers.get('location', '')}"
        signed_out = answer.headers.get("location", "").startswith("/admin/login")
        if may(role, name):
            assert answer.status_code in (200, 303, 400, 404, 409, 422) or (name, answer.status_code) == (
                "login",
                401,
            ), where
            assert not signed_out or name == "logout", where
        elif role is None:
            assert (answer.status_code, signed_out) == ((303, True) if method == "GET" else (401, False)), where
        else:
            assert answer.status_code == 403, where
            assert f"This needs the role {ROLES[name]}; you are {role}." in answer.text, where
        if name == "logout" and role:
            client = somebody(site, role)


def test_the_walk_sees_every_role(site: Site):
    """The control of the walk: its rule says no as well as yes."""
    answers = {role: [may(role, name) for name in ROLES] for role in WALKERS}
    assert [sum(answers[role]) for role in WALKERS] == sorted({sum(answers[role]) for role in WALKERS})


@pytest.mark.parametrize("role", NAMES)
def test_the_menu_shows_what_the_role_opens(site: Site, role: Role):
    client = somebody(site, role)
    page = client.get("/admin/").text
    links = re.findall(
        r'href="(/admin/[^"]*)"',
        page[page.index('aria-label="Main"') : page.index("</nav>", page.index('aria-label="Main"'))],
    )
    assert ("/admin/editors" in links) is (role == "owner")
    assert all(client.get(link).status_code == 200 for link in links)


FROM_HERE = [
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://testserver"},
    {"Sec-Fetch-Site": "", "Origin": "https://testserver"},
]
FROM_ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://testserver"},
    {"Sec-Fetch-Site": "same-site", "Origin": "https://other.testserver"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "null", "Origin": "null"},
    {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "", "Origin": "http://testserver"},
    {"Sec-Fetch-Site": "", "Origin": "https://testserver:8443"},
    {"Sec-Fetch-Site": "", "Origin": "https://testserver.evil.example"},
    {"Sec-Fetch-Site": "", "Origin": "null"},
    {"Sec-Fetch-Site": ""},
]


def headed(site: Site, client: Site, headers: dict[str, str]) -> Site:
    """The same visitor whose browser sends these headers; an empty one is not sent."""
    other = visitor(site)
    other.headers.pop("Sec-Fetch-Site")
    other.headers.update({name: value for name, value in headers.items() if value})
    other.cookies.update(client.cookies)
    return other


@pytest.mark.parametrize("headers", FROM_ELSEWHERE, ids=str)
def test_no_change_is_taken_from_another_site(site: Site, headers: dict[str, str]):
    client = headed(site, sign_in(visitor(site), "ada"), headers)
    changes = [(method, path) for _, method, path in calls(site) if method != "GET"]
    assert ("POST", "/admin/login") in changes
    assert ("POST", "/admin/logout") in changes
    before = fingerprint(site)
    for method, path in (*changes, ("DELETE", "/admin/"), ("PUT", "/admin/nothing")):
        answer = send(client, method, path)
        assert (answer.status_code, "did not come from a page of this site" in answer.text) == (403, True), path
    assert fingerprint(site) == before
    assert client.get("/admin/").status_code == 200, "reading is not changing"


@pytest.mark.parametrize("headers", FROM_HERE, ids=str)
def test_a_change_from_a_page_of_this_site_is_taken(site: Site, headers: dict[str, str]):
    client = headed(site, sign_in(visitor(site), "ada"), headers)
    assert client.post("/admin/account/others").status_code == 303
    assert client.post("/admin/logout").headers["location"] == "/admin/login?done=signed-out"


def fingerprint(site: Site) -> str:
    """The whole database but for when a session was last used."""

    async def read(database: Database) -> str:
        rows = []
        async with database.reading() as session:
            for table in Base.metadata.sorted_tables:
                columns = [column for column in table.c if column.name != "expires_at"]
                found = await session.execute(table.select().with_only_columns(*columns))
                rows += [table.name, *sorted(repr(tuple(row)) for row in found)]
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()

    return in_database(site, read)


def test_reading_changes_nothing(site: Site):
    owner = sign_in(visitor(site), "ada")
    before, live = fingerprint(site), site.state.live.current
    for _, method, path in calls(site):
        if method == "GET":
            assert owner.get(path).status_code in (200, 303, 404), path
            assert owner.head(path).status_code in (200, 303, 404), path
    assert (fingerprint(site), site.state.live.current) == (before, live)


def test_the_fingerprint_sees_a_change(site: Site):
    before = fingerprint(site)
    sign_in(visitor(site), "ada")
    assert fingerprint(site) != before


MISSING = [
    "/admin/nothing",
    "/admin/editors/nobody",
    "/admin/editors/ADA%00",
    "/admin/editors/%2e%2e",
    "/admin/revisions/0",
    "/admin/revisions/abc",
    "/admin/revisions/-1",
    "/admin/revisions/1;2",
    "/admin/revisions/%00",
    "/admin/revisions/99999999999",
    f"/admin/revisions/{'9' * 400}",
    "/admin/revisions/%D9%A3",
    "/admin/revisions?page=0",
    "/admin/revisions?page=2",
    "/admin/revisions?page=x",
    f"/admin/audit?page={'9' * 5000}",
    "/admin/statics/css/main.css",
    "/admin/revision/list",
    "/admin/editor/create",
    "/admin/editor/edit/1",
    "/admin/editor/export/csv",
    "/admin/session/ajax/lookup",
    "/admin/anything.css",
]


@pytest.mark.parametrize("path", MISSING)
def test_what_is_not_there_is_a_page_of_the_admin(site: Site, path: str):
    answer = sign_in(visitor(site), "ada").get(path)
    assert answer.status_code == 404
    assert "<h1>Not Found</h1>" in answer.text
    assert 'class="where">Admin<' in answer.text
    assert 'href="/admin/editors"' in answer.text, "the menu is there"
    assert 'href="/admin/editors"' not in visitor(site).get(path).text
    assert answer.headers["cache-control"] == "no-store"


ODD = ["HELLO-WORLD", "hello_world", "nobody-s", "-", "a" * 300, "%00", "%F0%9F%98%80", "hello-world%20", "%2E%2E"]


@pytest.mark.parametrize("slug", ODD)
def test_a_topic_that_is_none_is_not_found_whatever_is_asked_of_it(site: Site, slug: str):
    owner = sign_in(visitor(site), "ada")
    asked = [(method, route.path.replace("{slug}", slug)) for route in routes(site) for method in route.methods or ()]
    asked = [(method, f"/admin{path}") for method, path in asked if slug in path]
    assert len(asked) > 10
    assert [(method, path) for method, path in asked if send(owner, method, path).status_code != 404] == []


NOISE = ["left=x&right=%00", "left=99999999999&right=-1", "number=9999999999999", "number=x", "page=%00", "sortBy=id"]
NOISE += ["done=%3Cb%3E", "search=%25&page=1", "next=%0d%0a", f"q={'a' * 5000}"]


@pytest.mark.parametrize("query", NOISE)
def test_no_query_breaks_a_page(site: Site, query: str):
    owner = sign_in(visitor(site), "ada")
    for _, method, path in calls(site):
        if method == "GET":
            assert owner.get(f"{path}?{query}").status_code in (200, 303, 400, 404, 422), path


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/admin/", "GET, HEAD"),
        ("GET", "/admin/editors/ada/role", "POST"),
        ("DELETE", "/admin/editors", "GET, HEAD, POST"),
        ("PUT", "/admin/setup/x", "GET, HEAD, POST"),
    ],
)
def test_a_method_that_an_address_does_not_take_is_answered_with_those_it_takes(
    site: Site, method: str, path: str, allow: str
):
    answer = send(sign_in(visitor(site), "ada"), method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allow)
    assert "<h1>Method Not Allowed</h1>" in answer.text


def test_a_search_finds_what_it_names_and_takes_no_sign_for_more(site: Site):
    owner = sign_in(visitor(site), "ada")
    owner.post("/admin/editors", data={"name": "per_cent", "role": "editor"})
    rows = lambda term: re.findall(r'<th scope="row">([^<]+)<', owner.get("/admin/audit", params={"search": term}).text)  # noqa: E731
    assert rows("R_CENT") == ["make a set-up link for per_cent", "add editor per_cent"]
    assert rows("%") == rows("per%cent") == rows("\0%") == []


def test_errors_show_nothing_of_the_server(site: Site):
    owner = sign_in(visitor(site), "ada")
    for path in (*MISSING, "/admin/audit?sortBy=password", "/admin/audit?pageSize=x", "/admin/audit?pageSize=0"):
        answer = owner.get(path)
        assert answer.status_code in (400, 404), path
        assert not re.search(r"Traceback|sqlalchemy|sqlite|/work|site-packages", answer.text), path


def test_a_form_that_is_too_long_is_refused_in_the_look_of_the_admin(site: Site):
    owner = sign_in(visitor(site), "ada")
    answer = owner.post("/admin/editors", content=b"name=" + b"a" * 2_000_000)
    assert (answer.status_code, 'class="where">Admin<' in answer.text) == (413, True)
    assert owner.post("/admin/topics/x/y", content=b"a" * 2_000_000).status_code == 404
    assert owner.post("/admin/topics/x/y", content=b"a" * 5_000_000).status_code == 413


def test_a_fault_is_a_page_of_the_admin_with_the_id_that_the_log_has(
    site: Site, monkeypatch: pytest.MonkeyPatch, unhandled: Unhandled
):
    def fail(*_: object) -> None:
        raise RuntimeError("secret-of-the-server")

    owner = sign_in(visitor(site), "ada")
    monkeypatch.setattr("explorer.audit.changes", fail)
    answer = owner.get("/admin/")
    assert (answer.status_code, 'class="where">Admin<' in answer.text) == (500, True)
    assert f"<code>{answer.headers['x-request-id']}</code>" in answer.text
    assert "secret-of-the-server" not in answer.text
    assert [message.splitlines()[-1] for message in unhandled.messages] == ["RuntimeError: secret-of-the-server"]
    unhandled.messages.clear()


def test_postgresql_takes_no_offence_either(postgres: Postgres, tmp_path: Path):
    """It refuses signs and numbers that SQLite takes."""
    with admin_with(tmp_path, database_url=postgres.create()) as site:
        owner = person(site, "ada", "owner")
        for path in MISSING:
            assert owner.get(path).status_code == 404, path
        for path in ("/admin/revisions", "/admin/audit", "/admin/sessions", "/admin/topics/hello-world/compare"):
            for query in NOISE:
                assert owner.get(f"{path}?{query}").status_code in (200, 303, 400, 404, 422), path
        for name in ("\0", "a\0b", "a" * 5000):
            assert visitor(site).post("/admin/login", data={"name": name, "password": "x"}).status_code == 401
            assert owner.post("/admin/editors", data={"name": name, "role": "editor"}).status_code == 422

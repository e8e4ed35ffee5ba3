"""Signing in to the admin: first start, cookie, throttle, and what ends a session; a form is never lost on the way."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator

import pytest
from admins import PASSWORD, add_editor, admin_with, in_database, person, sign_in, visitor
from httpx2 import Response
from sites import Site
from sqlalchemy import delete

from explorer import editors
from explorer.database import Database
from explorer.models import Base, Session

OTHER = "another four words here"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with admin_with(tmp_path_factory.mktemp("admin")) as site:
        yield site


@pytest.fixture
def site(shared: Site) -> Site:
    """A site without an editor, and a visitor who was never there."""

    async def empty(database: Database) -> None:
        async with database.writing() as session:
            for table in reversed(Base.metadata.sorted_tables):
                await session.execute(delete(table))

    in_database(shared, empty)
    return visitor(shared)


def first_link(site: Site) -> str:
    token = in_database(site, editors.make_first_link)
    assert token
    return editors.link_path(token)


def notice(answer: Response) -> str:
    """What a page says aloud."""
    found = re.search(r'role="(?:alert|status)">([^<]+)<', answer.text)
    return found[1] if found else ""


def leads_to(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("location", "")


@pytest.mark.parametrize("path", ["/admin/", "/admin/editors", "/admin/account", "/admin/revisions", "/admin/audit"])
def test_without_an_editor_each_page_leads_to_the_sign_in_which_says_how_the_first_is_made(site: Site, path: str):
    answer = site.get(path)
    query = "" if path == "/admin/" else f"?next={path}"
    assert leads_to(answer) == (303, f"/admin/login{query}")
    page = site.get(answer.headers["location"])
    assert page.status_code == 200
    assert "There is no editor yet." in page.text
    assert "explorer editor add NAME --role owner" in page.text


def test_the_admin_without_a_slash_is_the_admin(site: Site):
    assert leads_to(site.get("/admin")) == (308, "/admin/")
    assert leads_to(site.get("/admin/login/")) == (308, "/admin/login")


def test_the_first_link_makes_an_owner_who_is_signed_in(site: Site):
    link, other = first_link(site), first_link(site)
    assert 'name="name"' in site.get(link).text
    answer = site.post(link, data={"name": " Ada ", "password": PASSWORD, "again": PASSWORD})
    assert leads_to(answer) == (303, "/admin/?done=welcome")
    assert "Your password is set, and you are signed in." in site.get("/admin/?done=welcome").text
    assert [(e.name, e.role) for e in in_database(site, editors.everybody)] == [("ada", "owner")]
    assert "There is no editor yet." not in visitor(site).get("/admin/login").text
    for used in (link, other):
        assert site.get(used).status_code == 404
        answer = site.post(used, data={"name": "eve", "password": OTHER, "again": OTHER})
        assert (answer.status_code, "set-cookie" in answer.headers) == (404, False)
    assert len(in_database(site, editors.everybody)) == 1


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "ada", "password": PASSWORD, "again": OTHER}, "The two passwords are not the same"),
        ({"name": "ada", "password": "short", "again": "short"}, "fewer than 8 characters"),
        ({"name": "ada", "password": "password123", "again": "password123"}, "tried first"),
        ({"name": "a b", "password": PASSWORD, "again": PASSWORD}, "A name has 1 to 100 of the characters"),
        ({"password": PASSWORD, "again": PASSWORD}, "A name has 1 to 100 of the characters"),
        ({}, "fewer than 8 characters"),
    ],
)
def test_what_cannot_be_a_first_editor_is_refused_and_the_link_stays(site: Site, form: dict[str, str], said: str):
    link = first_link(site)
    answer = site.post(link, data={"name": "ada"} | form if form == {} else form)
    assert answer.status_code == 422
    assert said in notice(answer)
    assert f'value="{form.get("name", "ada" if form == {} else "")}"' in answer.text
    assert PASSWORD not in answer.text
    assert site.post(link, data={"name": "ada", "password": PASSWORD, "again": PASSWORD}).status_code == 303


def test_the_first_link_ends_with_the_first_editor_whoever_made_one(site: Site):
    link = first_link(site)
    add_editor(site, "ada", "owner")
    for answer in (site.get(link), site.post(link, data={"name": "bob", "password": PASSWORD, "again": PASSWORD})):
        assert answer.status_code == 404
        assert "This link leads nowhere" in answer.text
    assert "bob" not in sign_in(visitor(site), "ada").get("/admin/editors").text


def test_the_link_of_an_editor_asks_for_no_name(site: Site):
    add_editor(site, "ada", "owner")
    in_database(site, lambda database: editors.add(database, "bob", "editor", by="ada"))
    token = in_database(site, lambda database: editors.make_link(database, "bob", by="ada"))
    page = site.get(editors.link_path(token))
    assert "For <b>bob</b>." in page.text
    assert 'name="name"' not in page.text
    answer = site.post(editors.link_path(token), data={"name": "ada", "password": OTHER, "again": OTHER})
    assert leads_to(answer) == (303, "/admin/?done=welcome")
    assert ">bob<" in site.get("/admin/").text
    sign_in(visitor(site), "ada")  # nothing of ada's changed


@pytest.mark.parametrize("path", ["/admin/setup/x", "/admin/setup/%00", f"/admin/setup/{'a' * 5000}"])
def test_a_link_that_never_was_is_a_page_that_says_so(site: Site, path: str):
    answer = site.get(path)
    assert answer.status_code == 404
    assert "This link was used, is too old or was replaced" in answer.text


def test_over_https_the_cookie_is_held_to_this_host(site: Site):
    add_editor(site, "ada", "owner")
    answer = site.post("/admin/login", data={"name": "ADA ", "password": PASSWORD})
    assert leads_to(answer) == (303, "/admin/")
    form = r"__Host-explorer=[A-Za-z0-9_-]{43}; HttpOnly; Path=/; SameSite=strict; Secure"
    assert re.fullmatch(form, answer.headers["set-cookie"])
    assert site.get("/admin/").status_code == 200


def test_over_plain_http_it_has_another_name_and_a_warning_is_logged(site: Site, caplog: pytest.LogCaptureFixture):
    add_editor(site, "ada", "owner")
    plain = visitor(site)
    plain.base_url = "http://testserver"
    answer = plain.post("/admin/login", data={"name": "ada", "password": PASSWORD})
    assert re.fullmatch(
        r"explorer-admin=[A-Za-z0-9_-]{43}; HttpOnly; Path=/; SameSite=strict", answer.headers["set-cookie"]
    )
    assert plain.get("/admin/").status_code == 200
    assert plain.post("/admin/logout").status_code == 303
    plain.post("/admin/login", data={"name": "ada", "password": PASSWORD})
    assert [record.message[:35] for record in caplog.records] == ["somebody signed in over plain http:"]


def test_each_sign_in_has_a_token_of_its_own_and_only_its_hash_is_stored(site: Site):
    add_editor(site, "ada", "owner")
    tokens = {sign_in(visitor(site), "ada").cookies["__Host-explorer"] for _ in range(3)}
    assert len(tokens) == 3

    async def stored(database: Database) -> list[str]:
        async with database.reading() as session:
            return [row.token_hash for row in (await session.execute(Session.__table__.select())).all()]

    assert sorted(in_database(site, stored)) == sorted(map(editors.hash_token, tokens))


def test_a_token_that_somebody_planted_is_not_taken_over(site: Site):
    add_editor(site, "ada", "owner")
    site.cookies.set("__Host-explorer", "a" * 43, domain="testserver.local")
    sign_in(site, "ada")
    assert "a" * 43 not in [cookie.value for cookie in site.cookies.jar if cookie.domain == "testserver.local"]


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(site: Site):
    add_editor(site, "ada", "owner")
    in_database(site, lambda database: editors.add(database, "open", "editor", by="ada"))
    add_editor(site, "off", "editor")
    in_database(site, lambda database: editors.set_disabled(database, "off", True, by="ada"))
    texts = set()
    for name, password in (("ada", OTHER), ("nobody", OTHER), ("open", OTHER), ("off", PASSWORD), ("ada", "")):
        answer = site.post("/admin/login", data={"name": name, "password": password})
        assert (answer.status_code, notice(answer)) == (401, "Name and password do not fit.")
        assert "set-cookie" not in answer.headers
        texts.add(answer.text.replace(f'value="{name}"', ""))
    assert len(texts) == 1


def test_guessing_is_slowed_down(site: Site):
    add_editor(site, "ada", "owner")
    for _ in range(5):
        assert site.post("/admin/login", data={"name": "ada", "password": OTHER}).status_code == 401
    answer = site.post("/admin/login", data={"name": "ada", "password": PASSWORD})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert notice(answer) == "Too many sign-ins failed. Try again in 1 second."
    assert 'value="ada"' in answer.text
    assert site.post("/admin/login", data={"name": "bob", "password": OTHER}).status_code == 401


NEXT = {
    "/admin/editors": "/admin/editors",
    "/admin/audit?search=ada&page=2": "/admin/audit?search=ada&page=2",
    "/admin/topics/hello-world": "/admin/topics/hello-world",
    "": "/admin/",
    "/": "/admin/",
    "/admin": "/admin/",
    "/topics/hello-world": "/admin/",
    "//evil.example/admin/": "/admin/",
    "/admin//evil.example": "/admin/",
    "https://evil.example/admin/": "/admin/",
    "/admin/../..//evil.example": "/admin/",
    "/admin/%2e%2e/": "/admin/",
    "/admin/\\evil.example": "/admin/",
    "/admin/\r\nSet-Cookie: a=b": "/admin/",
    "javascript:alert(1)": "/admin/",
    "/admin/editors/ada.l+x@routes.example": "/admin/editors/ada.l+x@routes.example",
}


@pytest.mark.parametrize(("asked", "led"), NEXT.items())
def test_after_signing_in_one_goes_on_within_the_admin_only(site: Site, asked: str, led: str):
    add_editor(site, "ada", "owner")
    answer = site.post("/admin/login", data={"name": "ada", "password": PASSWORD, "next": asked})
    assert leads_to(answer) == (303, led)
    assert leads_to(site.get("/admin/login", params={"next": asked})) == (303, led), "signed in already"


def test_a_page_that_needs_somebody_comes_back_after_signing_in(site: Site):
    add_editor(site, "ada", "owner")
    answer = site.get("/admin/audit?search=ada&page=1")
    assert leads_to(answer) == (303, "/admin/login?next=/admin/audit%3Fsearch%3Dada%26page%3D1")
    page = site.get(answer.headers["location"])
    assert 'name="next" value="/admin/audit?search=ada&amp;page=1"' in page.text


def test_signing_out_ends_the_session_and_a_copy_of_its_cookie(site: Site):
    ada = person(site, "ada", "owner")
    thief = visitor(site)
    thief.cookies.update(ada.cookies)
    assert thief.get("/admin/").status_code == 200
    answer = ada.post("/admin/logout")
    assert leads_to(answer) == (303, "/admin/login?done=signed-out")
    assert re.match(r'__Host-explorer=""; expires=.* Secure$', answer.headers["set-cookie"])
    assert notice(ada.get("/admin/login?done=signed-out")) == "You are signed out."
    for client in (ada, thief):
        assert leads_to(client.get("/admin/")) == (303, "/admin/login")


def test_signing_out_is_no_link(site: Site):
    ada = person(site, "ada", "owner")
    answer = ada.get("/admin/logout")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert ada.get("/admin/").status_code == 200


@pytest.mark.parametrize("path", ["role", "disable", "end"])
def test_what_an_owner_does_ends_the_sessions_of_an_editor_at_once(site: Site, path: str):
    ada, bob = person(site, "ada", "owner"), person(site, "bob", "editor")
    assert bob.get("/admin/").status_code == 200
    assert ada.post(f"/admin/editors/bob/{path}", data={"role": "publisher"}).status_code == 303
    assert leads_to(bob.get("/admin/")) == (303, "/admin/login")


def test_a_changed_password_ends_all_sessions_but_this_browser_s(site: Site):
    ada = person(site, "ada", "owner")
    elsewhere, before = sign_in(visitor(site), "ada"), ada.cookies["__Host-explorer"]
    form = {"current": PASSWORD, "password": OTHER, "again": OTHER}
    assert leads_to(ada.post("/admin/account/password", data=form)) == (303, "/admin/account?done=password")
    assert ada.get("/admin/").status_code == 200
    assert ada.cookies["__Host-explorer"] != before
    ada.cookies.set("__Host-explorer", before, domain="testserver.local", path="/")
    for client in (elsewhere, ada):
        assert leads_to(client.get("/admin/")) == (303, "/admin/login")
    sign_in(visitor(site), "ada", OTHER)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"current": OTHER, "password": OTHER, "again": OTHER}, "The current password is another one."),
        ({"current": PASSWORD, "password": OTHER, "again": PASSWORD}, "The two new passwords are not the same"),
        ({"current": PASSWORD, "password": "iloveyou1", "again": "iloveyou1"}, "tried first"),
        ({}, "fewer than 8 characters"),
    ],
)
def test_a_password_is_changed_by_who_knows_it_only(site: Site, form: dict[str, str], said: str):
    ada = person(site, "ada", "owner")
    answer = ada.post("/admin/account/password", data=form)
    assert answer.status_code == 422
    assert said in notice(answer)
    assert not {OTHER, PASSWORD} & set(re.findall(r'value="([^"]*)"', answer.text))
    assert ada.get("/admin/").status_code == 200
    sign_in(visitor(site), "ada")


def test_guessing_the_current_password_is_slowed_down_too(site: Site):
    ada = person(site, "ada", "owner")
    form = {"current": "a wrong password", "password": OTHER, "again": OTHER}
    answers = [ada.post("/admin/account/password", data=form) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert answers[-1].headers["retry-after"] == "1"


def test_one_s_other_sessions_can_be_ended(site: Site):
    ada = person(site, "ada", "owner")
    others = [sign_in(visitor(site), "ada") for _ in range(2)]
    page = ada.get("/admin/account").text
    assert (page.count(">this browser<"), page.count(">elsewhere<")) == (1, 2)
    assert leads_to(ada.post("/admin/account/others")) == (303, "/admin/account?done=others")
    assert ada.get("/admin/account").text.count(">elsewhere<") == 0
    assert [client.get("/admin/").status_code for client in others] == [303, 303]


def test_a_form_sent_after_the_session_ended_comes_back_with_what_was_typed(site: Site):
    ada = person(site, "ada", "owner")
    ada.post("/admin/logout")
    form = {"text": "# A title\r\n\r\n<b> & more\r\n", "based_on": "3"}
    answer = ada.post("/admin/editors", data=form)
    assert answer.status_code == 401
    assert "You are not signed in any more." in answer.text
    assert '<form method="post" action="/admin/editors"' in answer.text
    assert 'name="text" rows="12">\n# A title\n\n&lt;b&gt; &amp; more\n</textarea>' in answer.text
    assert '<input type="hidden" name="based_on" value="3">' in answer.text


def test_a_form_with_a_password_does_not_come_back(site: Site):
    ada = person(site, "ada", "owner")
    ada.post("/admin/logout")
    answer = ada.post("/admin/account/password", data={"current": PASSWORD, "password": OTHER, "again": OTHER})
    assert (answer.status_code, "Your session is over" in answer.text) == (401, True)
    assert not {PASSWORD, OTHER} & set(re.findall(r"[>\"]([^<>\"]+)[<\"]", answer.text))


def test_script_is_told_in_json_that_the_session_ended(site: Site):
    answer = site.post("/admin/account/others", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()) == (401, {"detail": "Your session is over. Sign in again."})


def test_who_comes_by_a_link_from_elsewhere_is_offered_to_go_on(site: Site):
    """A browser keeps a cookie back that is for this site only; the next click within the site brings it."""
    link = '<a href="/admin/audit">go on</a>'
    assert link in site.get("/admin/login?next=/admin/audit", headers={"Sec-Fetch-Site": "cross-site"}).text
    assert link not in site.get("/admin/login?next=/admin/audit", headers={"Sec-Fetch-Site": "none"}).text


def test_links_are_not_logged(site: Site, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO, "explorer.requests")
    link, logged = first_link(site), ""
    for path in (link, f"{link}/", "/preview/some-token", "/admin/login"):
        site.get(path)
    while '"path": "/admin/login"' not in logged:  # lines are written together, a few times a second
        time.sleep(0.05)
        logged += capsys.readouterr().err
    paths = re.findall(r'"path": "([^"]+)"', logged)
    assert paths == ["/admin/setup/...", "/admin/setup/...", "/preview/...", "/admin/login"]
    assert link.rpartition("/")[2] not in logged


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose database cannot be opened."""
    folder = tmp_path_factory.mktemp("away")
    (folder / "file").touch()
    with admin_with(folder, database_url=f"sqlite+aiosqlite:///{folder}/file/explorer.db") as site:
        yield site


def test_without_a_database_the_admin_says_what_is_wrong_and_the_site_goes_on(away: Site):
    client = visitor(away)
    client.cookies.set("__Host-explorer", "a" * 43, domain="testserver.local", path="/")
    for path in ("/admin/", "/admin/login", "/admin/audit", "/admin/setup/abc"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5"), path
        assert "The database is away" in answer.text
        assert "Nothing was changed. Try again in a moment." in answer.text
    assert client.get("/admin/nothing").status_code == 404
    assert client.get("/").status_code == client.get("/topics/hello-world").status_code == 200


def test_without_a_database_a_form_comes_back_with_what_was_typed(away: Site):
    client = visitor(away)
    client.cookies.set("__Host-explorer", "a" * 43, domain="testserver.local", path="/")
    answer = client.post("/admin/editors", data={"text": "# Typed\n\nMuch.", "why": "A reason"})
    assert answer.status_code == 503
    assert 'rows="12">\n# Typed\n\nMuch.</textarea>' in answer.text
    assert '<input type="hidden" name="why" value="A reason">' in answer.text
    answer = client.post("/admin/login", data={"name": "ada", "password": PASSWORD})
    assert (answer.status_code, PASSWORD in answer.text) == (503, False)

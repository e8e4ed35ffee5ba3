"""Owners manage editors; the tables of the admin can be read: audit with before and after, revisions, sessions."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from admins import PASSWORD, admin_with, in_database, person, sign_in, visitor
from httpx2 import Response
from sites import Site

from explorer import revisions
from explorer.database import Database
from explorer.wording import Wording

WORDS = Wording("# Title\n\nA summary of <b> & more.\n", "A takeaway.", "start", 7, {"flask": "### A note\n"})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with admin_with(tmp_path_factory.mktemp("admin")) as site:
        yield site


@pytest.fixture(scope="module")
def ada(site: Site) -> Site:
    """The only owner."""
    return person(site, "ada", "owner")


def text(fragment: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", fragment)).split())


def rows(answer: Response) -> list[list[str]]:
    """The cells of the first table."""
    body = re.search(r"<tbody>(.*?)</tbody>", answer.text, re.S)
    assert body, answer.text
    found = re.findall(r"<tr>(.*?)</tr>", body[1], re.S)
    return [[text(cell) for cell in re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, re.S)] for row in found]


def notice(answer: Response) -> str:
    found = re.search(r'role="alert">([^<]+)<', answer.text)
    return html.unescape(found[1]) if found else ""


def add(owner: Site, name: str, role: str = "editor") -> str:
    """Add an editor and return the link that is shown."""
    answer = owner.post("/admin/editors", data={"name": name, "role": role})
    assert answer.status_code == 200, notice(answer)
    found = re.search(r'id="link" value="https://testserver(/admin/setup/[\w-]{43})" readonly', answer.text)
    assert found
    return found[1]


def test_a_new_editor_is_listed_until_they_choose_a_password_and_after(site: Site, ada: Site):
    link = add(ada, "Bob", "publisher")
    listed = {row[0]: row[1:4] for row in rows(ada.get("/admin/editors"))}
    assert listed["ada"] == ["owner", "active", "1"]
    role, state, sessions = listed["bob"]
    assert (role, sessions) == ("publisher", "0")
    assert re.fullmatch(r"no password yet link until [\d-]{10} [\d:]{5}", state)
    assert link.rpartition("/")[2] not in ada.get("/admin/editors").text + ada.get("/admin/editors/bob").text
    bob = visitor(site)
    bob.post(link, data={"password": PASSWORD, "again": PASSWORD})
    listed = {row[0]: row[1:4] for row in rows(ada.get("/admin/editors"))}
    assert listed["bob"] == ["publisher", "active", "1"]
    assert [row[0] for row in rows(ada.get("/admin/sessions"))] == ["bob", "ada"]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "ADA", "role": "editor"}, "There is an editor ada already."),
        ({"name": "a b", "role": "editor"}, "A name has 1 to 100 of the characters"),
        ({"name": "carl", "role": "king"}, "There is no role 'king': take one of editor, publisher, owner."),
        ({"name": "carl"}, "There is no role ''"),
        ({}, "There is no role ''"),
    ],
)
def test_who_cannot_be_added_is_said_and_the_form_keeps_what_was_typed(ada: Site, form: dict[str, str], said: str):
    answer = ada.post("/admin/editors", data=form)
    assert (answer.status_code, said in notice(answer)) == (422, True)
    assert f'name="name" type="text" value="{form.get("name", "")}"' in answer.text
    assert "carl" not in [row[0] for row in rows(answer)]


def test_a_second_link_ends_the_first(site: Site, ada: Site):
    first = add(ada, "dora")
    answer = ada.post("/admin/editors/dora/link")
    second = re.search(r'value="https://testserver(/admin/setup/[^"]+)"', answer.text)
    assert second
    assert [visitor(site).get(link).status_code for link in (first, second[1])] == [404, 200]
    assert "A link is open until" in ada.get("/admin/editors/dora").text


def test_disabled_and_enabled_again(site: Site, ada: Site):
    emil = person(site, "emil", "editor")
    assert ada.post("/admin/editors/emil/disable").headers["location"] == "/admin/editors/emil?done=disabled"
    page = ada.get("/admin/editors/emil?done=disabled")
    assert "They can no longer sign in, and their sessions are over." in page.text
    assert ">disabled<" in page.text
    assert emil.post("/admin/login", data={"name": "emil", "password": PASSWORD}).status_code == 401
    assert ada.post("/admin/editors/emil/enable").status_code == 303
    sign_in(emil, "emil")


@pytest.mark.parametrize(("what", "form"), [("disable", {}), ("role", {"role": "editor"})])
def test_the_last_owner_stays(ada: Site, what: str, form: dict[str, str]):
    answer = ada.post(f"/admin/editors/ada/{what}", data=form)
    assert (answer.status_code, notice(answer)) == (422, "ada is the last owner: make another one first.")
    assert "This is you" in answer.text


def test_a_name_with_every_sign_has_a_page(site: Site, ada: Site):
    name = "a.b_c@d+e-1"
    add(ada, name)
    page = ada.get("/admin/editors").text
    address = re.search(r'href="(/admin/editors/a[^"]+)"', page[page.index("a.b_c") - 60 :])
    assert address
    assert f"<h1>{name}</h1>" in ada.get(address[1]).text
    answer = ada.post(f"{address[1]}/role", data={"role": "publisher"})
    assert f"<h1>{name}</h1>" in ada.get(answer.headers["location"]).text


def test_a_sentence_that_no_code_stands_for_is_not_said(ada: Site):
    page = ada.get("/admin/editors?done=%3Cb%3EYou%20won")
    assert (page.status_code, "You won" in page.text, 'class="notice good"' in page.text) == (200, False, False)


def test_the_audit_shows_before_and_after(site: Site, ada: Site):
    add(ada, "fay")
    ada.post("/admin/editors/fay/role", data={"role": "publisher"})
    ada.post("/admin/editors/fay/disable")
    told = [(what, who, change) for what, who, _, change in rows(ada.get("/admin/audit?search=fay"))]
    assert told == [
        ("disable fay", "ada", "disabled no → yes"),
        ("set role of fay", "ada", "role editor → publisher"),
        ("make a set-up link for fay", "ada", ""),
        ("add editor fay", "ada", "role editor"),
    ]


def test_revisions_are_listed_and_can_be_read(site: Site, ada: Site):
    async def save(database: Database) -> list[int]:
        saved = []
        for number in range(60):
            words = replace(WORDS, takeaway=f"Number {number}.")
            state = "draft" if number % 2 else "published"
            saved += [
                await revisions.save(
                    database, "made-here", words, author="grace", why=f"Try {number}", based_on=number, state=state
                )
            ]
        return [revision.id for revision in saved]

    ids = in_database(site, save)
    page = ada.get("/admin/revisions")
    assert [row[:4] + row[5:] for row in rows(page)[:2]] == [
        ["made-here", "60", "draft", "grace", "Try 59"],
        ["made-here", "59", "published", "grace", "Try 58"],
    ]
    assert "60 rows, page 1 of 2" in text(page.text)
    older = re.search(r'rel="next" href="([^"]+)"', page.text)
    assert older
    second = ada.get(f"/admin/revisions{html.unescape(older[1])}")
    assert [row[5] for row in rows(second)] == [f"Try {number}" for number in range(9, -1, -1)]
    assert 'rel="next"' not in second.text
    assert [row[5] for row in rows(ada.get("/admin/revisions?search=try+7"))] == ["Try 7"]
    one = ada.get(f"/admin/revisions/{ids[1]}")
    assert "made-here, number 2" in one.text
    assert "based on number 1" in one.text
    assert "A summary of &lt;b&gt; &amp; more." in one.text
    assert "### A note" in one.text
    assert "Number 1." in one.text


def test_a_table_names_only_the_pages_it_has(ada: Site):
    for query in ("page=3", "page=0", "page=-1", "page=1.0", "page=", "search=nothing-like-it&page=2"):
        assert ada.get(f"/admin/revisions?{query}").status_code == 404, query
    empty = ada.get("/admin/revisions?search=nothing-like-it")
    assert (empty.status_code, "Nothing fits." in empty.text) == (200, True)

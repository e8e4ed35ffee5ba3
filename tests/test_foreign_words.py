"""What another version of the site, or a hand, left in the database: it costs its own words, and the admin mends it."""

from __future__ import annotations

import html
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from admins import FEW, add_editor, admin_with, few_topics, in_database, sign_in, visitor
from forms import Form
from sites import Site, invoke

from explorer import revisions
from explorer.content import load_content
from explorer.content.wording import wording_of
from explorer.revisions import SECTIONS
from explorer.wording import Wording, read_kept

NOTES, SHIPPED, DRAFT = FEW
GONE = "no-files"
WORDS = Wording("# A title\n\nA summary.\n", "Taken away.", "start", 10, {"flask": "A note."})


@pytest.mark.parametrize(
    ("change", "unreadable"),
    [
        ({}, ()),
        ({"mood": "good"}, ()),
        ({"text": None, "position": "10"}, ("text", "position")),
        ({"position": True, "notes": []}, ("position", "notes")),
        ({"notes": {"flask": "A note.", "fastapi": 5}}, ("notes",)),
    ],
)
def test_fields_that_cannot_be_read_are_empty(change: dict[str, object], unreadable: tuple[str, ...]):
    empty = {"text": "", "takeaway": "", "section": "", "position": 0, "notes": {}}
    kept = json.loads(json.dumps(WORDS.as_dict() | change))
    assert read_kept(kept) == (Wording(**(WORDS.as_dict() | {name: empty[name] for name in unreadable})), unreadable)


@pytest.mark.parametrize("kept", [None, [], "text", 5, {}])
def test_words_of_which_nothing_can_be_read(kept: object):
    assert read_kept(kept) == (Wording("", "", "", 0), ("text", "takeaway", "section", "position", "notes"))


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return few_topics(tmp_path_factory.mktemp("foreign"))


@pytest.fixture(scope="module")
def olga(content: Path) -> Iterator[Site]:
    """An owner, on a site that started with words of every other form in its database."""
    shipped = {topic.slug: wording_of(topic) for topic in load_content(content).topics}
    with admin_with(content.parent, content=content) as site:
        add_editor(site, "olga", "owner")
        for slug in (*FEW, GONE, SECTIONS):
            words = (
                Wording("[[[", "", "", 0)
                if slug == SECTIONS
                else replace(WORDS, text=f"# Edited {slug}\n\nA summary.\n")
            )
            state = "draft" if slug == DRAFT else "published"
            how = {"author": "ada", "why": "Edit.", "based_on": 0, "state": state, "shipped": shipped.get(slug)}
            in_database(site, lambda d, slug=slug, words=words, how=how: revisions.save(d, slug, words, **how))
    with closing(sqlite3.connect(content.parent / "data" / "explorer.db", isolation_level=None)) as database:
        less = {name: value for name, value in shipped[SHIPPED].as_dict().items() if name != "takeaway"}
        for slug, column, kept in (
            (NOTES, "notes", '{"flask": 5}'),
            (SHIPPED, "shipped", json.dumps(less)),
            (DRAFT, "notes", "no JSON"),
            (GONE, "notes", "[]"),
        ):
            database.execute(f"UPDATE revisions SET {column} = ? WHERE topic = ?", (kept, slug))
    with admin_with(content.parent, content=content) as site:
        yield sign_in(visitor(site), "olga")


def text(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_every_page_answers(olga: Site):
    for slug in (*FEW, GONE):
        for page in ("", "/upgrade", "/history", "/compare?old=1&new=live"):
            assert olga.get(f"/admin/topics/{slug}{page}").status_code in (200, 404), (slug, page)
    for path in ("/", "/admin/topics", "/admin/sections", "/admin/revisions", f"/topics/{NOTES}"):
        assert olga.get(path).status_code == 200
    assert olga.get(f"/topics/{GONE}").status_code == 404
    assert f"Edited {NOTES}" not in olga.get(f"/topics/{NOTES}").text
    assert f"Edited {SHIPPED}" in olga.get(f"/topics/{SHIPPED}").text


def test_the_dashboard_names_them_with_what_is_wrong(olga: Site):
    said = text(olga.get("/admin/").text)
    for slug in (NOTES, GONE):
        assert f"{slug} {slug}, number 1, cannot be read (notes): save it again." in said
    assert f"{SECTIONS} The order of the sections is no text as in sections.toml: put them in order again." in said
    decide = "The shipped text that number 1 is based on cannot be read (takeaway): decide once more."
    assert f"{SHIPPED} {decide}" in said
    assert "words" in olga.get("/readyz").json()["parts"]


def test_an_export_leaves_them_out_and_says_so(olga: Site, content: Path, tmp_path: Path):
    to = tmp_path / "words"
    done = invoke("export", "--to", to, content=content, data=content.parent / "data")
    assert done.returncode == 1
    assert sorted(done.stderr.splitlines()) == sorted(
        (
            f"{NOTES}, number 1, cannot be read (notes): save it again.",
            f"{GONE}, number 1, cannot be read (notes): save it again.",
            "The order of the sections is no text as in sections.toml: put them in order again.",
        )
    )
    assert f"# Edited {SHIPPED}" in (to / "topics" / SHIPPED / "topic.md").read_text()


def test_saving_and_deciding_mend_them(olga: Site):
    """The last test of this site."""
    olga.post("/admin/sections/order", data={"slug": "start", "move": "down"})
    for path, name, what in (
        (f"/admin/topics/{NOTES}", "edit", {"button": "publish", "why": "Mended."}),
        (f"/admin/topics/{SHIPPED}/upgrade", "keep-form", {"choice": "keep", "why": "Mended."}),
    ):
        answer = olga.post(path, data=Form(olga.get(path).text, name).fields | what)
        if answer.status_code == 400:  # there are warnings: accept them
            answer = olga.post(path, data=Form(answer.text, name).fields | what)
        assert answer.status_code == 303, text(answer.text)
    said = text(olga.get("/admin/").text)
    assert said.count("cannot be read") == 1, "what has no files is still there"
    assert "sections.toml" not in said

"""The history of a topic in the admin: what was saved, what differs, back to an old version, off the site, shared."""

from __future__ import annotations

import html
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from admins import admin_with, desk_of, in_database, unwritable, visitor
from databases import entries
from forms import Form
from histories import QUOTE, newest_of, refresh, save, ship, words
from httpx2 import Response
from sites import Site
from sqlalchemy import update

from explorer import revisions, shares
from explorer.database import Database
from explorer.errors import DatabaseAway
from explorer.models import Share
from explorer.web.request_log import loggable

FRONT = "topic-1"
"""The topic on the front page."""
POOL = [f"topic-{number}" for number in range(2, 41)]
READING = ("history", "compare", "rendered", "restore?of=shipped", "archive", "upgrade")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a shipped topic for each test; the first is on the front page."""
    folder = tmp_path_factory.mktemp("history")
    content = ship(folder / "content", [FRONT, *POOL])
    with admin_with(folder, content=content) as site:
        yield site


def get(client: Site, slug: str, page: str, status: int = 200) -> Response:
    answer = client.get(f"/admin/topics/{slug}/{page}")
    assert answer.status_code == status, answer.text
    return answer


def post(client: Site, slug: str, page: str, fields: dict[str, str], **typed: str) -> Response:
    return client.post(f"/admin/topics/{slug}/{page}", data=fields | typed)


def form(client: Site, slug: str, page: str, name: str) -> dict[str, str]:
    return Form(get(client, slug, page).text, name).fields


def plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def rows(answer: Response) -> list[str]:
    """The list of versions, a line each."""
    return [plain(row) for row in re.findall(r"<tr[^>]*>(?:(?!</tr>).)*<td.*?</tr>", answer.text, re.S)]


def lines(answer: Response) -> list[str]:
    """A comparison as it is read: what was taken away in [-…-], what was added in {+…+}; equal lines are left out."""
    found = []
    for kind, row in re.findall(r'<div class="line" data-kind="(\w+)">(.*?)</div>', answer.text, re.S):
        sides = re.findall(r'<span class="(?:was|is)">(.*?)</span>', row, re.S)
        texts = [re.sub("</?ins>", "+", re.sub("</?del>", "-", side)).replace("\n", "") for side in sides]
        if kind != "same":
            found.append(f"{kind}: {html.unescape(' | '.join(texts))}")
    return found


def alert(answer: Response) -> str:
    found = re.search(r'role="alert">(.*?)</p>', answer.text, re.S)
    return plain(found[1]) if found else ""


def said(answer: Response) -> str:
    found = re.search(r'<p class="notice good" role="status">(.*?)</p>', answer.text)
    return plain(found[1]) if found else ""


def remarks(answer: Response) -> list[str]:
    return [plain(row) for row in re.findall(r"<li data-level.*?</li>", answer.text, re.S)]


def follow(client: Site, answer: Response) -> Response:
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["location"])


def number(client: Site, slug: str) -> int:
    newest = newest_of(client, slug)
    return newest.number if newest else 0


@contextmanager
def without(site: Site, table: str) -> Iterator[None]:
    """Let every use of a table fail, at once."""
    with closing(sqlite3.connect(desk_of(site).database.file, isolation_level=None)) as other:
        other.execute(f"ALTER TABLE {table} RENAME TO away")
        yield
        other.execute(f"ALTER TABLE away RENAME TO {table}")


# The list


def test_the_history_says_who_when_why_and_what_is_live(grace: Site, ada: Site, slug: str):
    save(grace, slug, words(slug), why="First words.")
    save(grace, slug, replace(words(slug), takeaway="Two."), why="Second <words>.", author="ada")
    third = save(grace, slug, replace(words(slug), takeaway="Three."), "draft", why="Half a thought.")
    answer = get(grace, slug, "history")
    when = f"{third.saved_at:%Y-%m-%d %H:%M}"
    assert rows(answer) == [
        f"Left Right Number 3 draft grace {when} Half a thought. with live with 2 Publish",
        f"Left Right Number 2 live ada {when} Second <words>. with 1",
        f"Left Right Number 1 was live grace {when} First words. with live with shipped Publish again",
    ]
    assert re.findall(r'<tr aria-current="true">', answer.text) == ['<tr aria-current="true">']
    assert "Readers see number 2 Draft on top: number 3" in plain(answer.text)
    assert f'href="/admin/topics/{slug}/compare?left=live&right=3">Compare draft with live<' in html.unescape(
        answer.text
    )
    assert [row.replace(" Publish again", "").removesuffix(" Publish") for row in rows(answer)] == rows(
        get(ada, slug, "history")
    ), "an editor sees the same without what only publishers may do"
    assert "/archive" not in get(ada, slug, "history").text


def test_a_topic_that_nobody_edited_has_an_empty_history(ada: Site, slug: str):
    text = plain(get(ada, slug, "history").text)
    assert "Nothing was saved yet: readers see the shipped words." in text
    assert "Readers see the shipped words" in text


def test_a_new_topic_that_was_never_published_says_so(ada: Site):
    save(ada, "brand-new", replace(words("brand-new"), position=99), "draft")
    answer = get(ada, "brand-new", "history")
    assert "Readers see nothing: it is not published yet" in plain(answer.text)
    assert "with shipped" not in rows(answer)[0]


def test_a_long_history_has_pages(ada: Site, slug: str):
    async def fill(database: Database) -> None:
        for before in range(60):
            text = replace(words(slug), takeaway=f"Take {before}.")
            await revisions.save(database, slug, text, author="ada", why=f"Change {before}.", based_on=before)

    in_database(ada, fill)
    pages = [get(ada, slug, f"history?page={page}") for page in (1, 2, 3)]
    numbers = [int(re.findall(r"Number (\d+)", row)[0]) for page in pages for row in rows(page)]
    assert numbers == list(range(60, 0, -1))
    assert [len(rows(page)) for page in pages] == [25, 25, 10]
    assert "60 rows, page 2 of 3 Newer Older" in plain(pages[1].text)
    for page in ("0", "4", "x", "-1", "1.0", "", "9" * 30, "１"):
        get(ada, slug, f"history?page={page}", 404)


@pytest.mark.parametrize("name", ["no-such-topic", "UPPER", "a.b", "x" * 200, "%00", "..%2Fadmin"])
def test_a_topic_that_is_not_there_is_a_page_that_says_so(grace: Site, name: str):
    for page in READING:
        answer = grace.get(f"/admin/topics/{name}/{page}")
        assert (answer.status_code, "<h1>" in answer.text) == (404, True), page
    for page in ("restore", "archive", "upgrade", "share", "unshare"):
        answer = grace.post(f"/admin/topics/{name}/{page}", data={"why": "x", "of": "1", "based_on": "0"})
        assert (answer.status_code, "<h1>" in answer.text) == (404, True), page


@pytest.mark.parametrize("name", ["", "0", "2", "-1", "1.5", "draft", "LIVE", "１", "9" * 9, "9" * 30, "1'", "%00"])
def test_a_version_that_is_not_there_is_a_page_that_says_so(grace: Site, name: str):
    if number(grace, FRONT) == 0:
        save(grace, FRONT, words(FRONT))
    for page in (f"compare?left={name}", f"compare?right={name}", f"rendered?of={name}", f"restore?of={name}"):
        answer = get(grace, FRONT, page, 404)
        assert "There is no version of this name" in answer.text or "topic-1 has no number" in answer.text
    assert post(grace, FRONT, "restore", {"of": name, "why": "x", "based_on": "1"}).status_code == 404
    assert number(grace, FRONT) == 1


# Comparing


def test_a_draft_is_compared_with_what_is_live_word_by_word(ada: Site, slug: str):
    save(ada, slug, words(slug))
    draft = replace(
        words(slug),
        text=words(slug).text.replace("Second sentence.", "Second sentence, better.") + "\nA new end.\n",
        position=20,
        notes={"left": "### A trap\n"},
    )
    save(ada, slug, draft, "draft")
    answer = get(ada, slug, "compare")
    assert lines(answer) == [
        "changed: Second sentence. | Second sentence+, better+.",
        "added:  | ++",
        "added:  | +A new end.+",
        "removed: -10- | ",
        "added:  | +20+",
        "added:  | +### A trap+",
    ]
    assert "Text lines: 1 changed, 2 added" in plain(answer.text)
    assert "The same in both: Takeaway, Section." in plain(answer.text)
    assert re.findall(r'<iframe src="([^"]+)"', answer.text) == [
        f"/admin/topics/{slug}/rendered?of=live",
        f"/admin/topics/{slug}/rendered?of=2",
    ]
    assert lines(get(ada, slug, "compare?left=live&right=2")) == lines(answer)
    assert f'href="/admin/topics/{slug}/compare"' in ada.get("/admin/topics").text, "one click from the list"


def test_any_two_versions_can_be_compared(ada: Site, slug: str):
    for take in ("One two three.", "One four three.", "One five three."):
        save(ada, slug, replace(words(slug), takeaway=take, section="other" if "five" in take else "only"))
    assert lines(get(ada, slug, "compare?left=1&right=2")) == ["changed: One -two- three. | One +four+ three."]
    assert lines(get(ada, slug, "compare?left=2&right=1")) == ["changed: One -four- three. | One +two+ three."]
    assert lines(get(ada, slug, "compare?left=2&right=live")) == [
        "changed: One -four- three. | One +five+ three.",
        "removed: -Only- | ",
        "added:  | +Other+",
    ], "a section stands with its title"
    assert lines(get(ada, slug, "compare?left=shipped&right=1")) == [
        "removed: -Only for tests.- | ",
        "added:  | +One two three.+",
    ]
    same = get(ada, slug, "compare?left=3&right=live")
    assert lines(same) == []
    assert "The words are the same." in same.text


def test_long_equal_stretches_are_folded_and_all_there(ada: Site, slug: str):
    many = words(slug).text + "".join(f"\nSentence {n}.\n" for n in range(20))
    save(ada, slug, replace(words(slug), text=many))
    save(ada, slug, replace(words(slug), text=many.replace("Sentence 10.", "Sentence ten.")), "draft")
    answer = get(ada, slug, "compare")
    assert lines(answer) == ["changed: Sentence -10-. | Sentence +ten+."]
    folded = [plain(found) for found in re.findall(r"<summary>(.*?lines, the same in both)</summary>", answer.text)]
    total = many.count("\n")
    assert folded == [f"{total - 22} lines, the same in both", "15 lines, the same in both"]
    shown = re.findall(r'<span class="was">([^<]*)\n</span>', answer.text)
    assert html.unescape("".join(f"{line}\n" for line in shown)) == many.replace("Sentence 10.\n", "")


def test_a_text_cannot_put_markup_into_a_comparison(ada: Site, slug: str):
    evil = "<script>alert(1)</script> <img src=x onerror=alert(1)>"
    save(ada, slug, replace(words(slug), takeaway=evil), "draft", why=evil, author="ada")
    answer = get(ada, slug, "compare")
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text
    assert lines(answer)[-1] == f"added:  | +{evil}+"
    assert "<script>alert" not in get(ada, slug, "history").text


def test_a_rendered_version_is_the_page_without_what_runs_in_it(ada: Site, slug: str):
    save(ada, slug, replace(words(slug), takeaway="Live now."))
    save(ada, slug, replace(words(slug), takeaway="Only a draft."), "draft")
    public = ada.get(f"/topics/{slug}").text
    live = get(ada, slug, "rendered")
    assert live.text == re.sub(r"<script\b[^>]*></script>", "", public)
    assert "<script" in public
    draft = get(ada, slug, "rendered?of=2")
    assert draft.text == live.text.replace("Live now.", "Only a draft.")
    assert "Only for tests." in get(ada, slug, "rendered?of=shipped").text
    policy = draft.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-same-origin; default-src 'none'; ")
    assert "frame-ancestors 'self'" in policy
    assert "script-src" not in policy
    assert (draft.headers["x-frame-options"], draft.headers["cache-control"]) == ("SAMEORIGIN", "no-store")


def test_words_that_no_page_can_be_made_of_say_why(ada: Site, slug: str):
    save(ada, slug, replace(words(slug), text="No heading.\n"), "draft")
    answer = get(ada, slug, "rendered?of=1", 404)
    assert "Number 1 cannot be shown" in answer.text
    assert remarks(answer)[0].startswith("Error Text, line 1")
    assert get(ada, slug, "compare").status_code == 200


# Restoring


def test_an_old_version_is_published_again_as_a_new_one(grace: Site, slug: str):
    save(grace, slug, replace(words(slug), takeaway="The first."), author="ada", why="First.")
    save(grace, slug, replace(words(slug), takeaway="The second."), why="Second.")
    page = get(grace, slug, "restore?of=1")
    text = plain(page.text)
    assert f"Publish number 1 again: {slug.replace('topic-', 'Topic ')}" in text
    assert "become number 3. Readers see them at once." in text
    assert lines(page) == ["changed: The -second-. | The +first+."]
    fields = Form(page.text, "restore-form").fields
    assert fields == {"of": "1", "based_on": "2", "accepted": "", "why": "Back to number 1."}
    answer = follow(grace, post(grace, slug, "restore", fields, why="The first was better."))
    assert said(answer) == "It is published again: readers see these words now."
    assert [row.split(" 20")[0] for row in rows(answer)] == [
        "Left Right Number 3 live grace",
        "Left Right Number 2 was live grace",
        "Left Right Number 1 was live ada",
    ]
    assert "The first." in grace.get(f"/topics/{slug}").text
    entry = in_database(grace, lambda database: entries(database, 1))[0]
    assert (entry.who, entry.what, entry.before, entry.after) == (
        "grace",
        f"publish {slug}",
        {"number": 2, "state": "published"},
        {"number": 3, "state": "published"},
    )


def test_warnings_ask_before_an_old_version_is_published(grace: Site, slug: str):
    unquoted = words(slug).text.replace(f"```python left\n{QUOTE}\n```\n", "")
    save(grace, slug, replace(words(slug), text=unquoted))
    save(grace, slug, words(slug))
    page = get(grace, slug, "restore?of=1")
    told = remarks(page)
    assert told == [
        (
            "Warning Text, line 5 The note 'The same route' quotes no line. "
            "Add a fence tagged with a side that quotes the lines it is about."
        )
    ]
    assert "Publish again with 1 warning" in plain(page.text)
    fields = Form(page.text, "restore-form").fields
    assert len(fields["accepted"]) == 64
    for accepted in ("", "0" * 64):
        answer = post(grace, slug, "restore", fields, accepted=accepted, why="Anyway.")
        assert (answer.status_code, remarks(answer)) == (400, told)
        assert alert(answer) == "Not published yet: look at the warnings. Publish again if it is to be so."
    assert number(grace, slug) == 2
    again = Form(answer.text, "restore-form").fields
    assert again == fields | {"why": "Anyway."}
    assert post(grace, slug, "restore", again).status_code == 303
    assert number(grace, slug) == 3


def test_errors_stand_in_the_way(grace: Site, slug: str):
    save(grace, slug, words(slug))
    save(grace, slug, replace(words(slug), text=words(slug).text.replace(QUOTE, "nowhere()")), "draft")
    save(grace, slug, replace(words(slug), text="No heading.\n"), "draft")
    for name in ("2", "3"):
        page = get(grace, slug, f"restore?of={name}")
        assert "1 error" in plain(page.text)
        assert "It cannot be published with errors." in plain(page.text)
        assert "restore-form" not in page.text
        answer = post(grace, slug, "restore", {"of": name, "based_on": "3", "accepted": "", "why": "x"})
        assert (answer.status_code, number(grace, slug)) == (400, 3)
        assert alert(answer).startswith("Not published: mend what is listed as an error first.")


def test_a_stale_base_is_refused_in_words(grace: Site, slug: str):
    save(grace, slug, replace(words(slug), takeaway="The first."))
    save(grace, slug, replace(words(slug), takeaway="The second."))
    fields = form(grace, slug, "restore?of=1", "restore-form")
    save(grace, slug, replace(words(slug), takeaway="The third."), author="ada", why="I was quicker.")
    answer = post(grace, slug, "restore", fields, why="Mine.")
    assert answer.status_code == 409
    assert alert(answer) == (
        "Nothing was changed: ada saved number 3 meanwhile (I was quicker.). "
        "Look at it, then decide again: what is shown here is how it stands now."
    )
    assert lines(answer) == ["changed: The -third-. | The +first+."]
    assert number(grace, slug) == 3
    again = Form(answer.text, "restore-form").fields
    assert again == fields | {"based_on": "3", "why": "Mine."}
    assert post(grace, slug, "restore", again).status_code == 303
    for based_on in ("", "-1", "x", "9" * 20):
        assert post(grace, slug, "restore", fields, of="2", based_on=based_on).status_code == 409


def test_restoring_needs_a_reason_that_fits(grace: Site, slug: str):
    save(grace, slug, words(slug))
    save(grace, slug, replace(words(slug), takeaway="Two."))
    fields = form(grace, slug, "restore?of=1", "restore-form")
    answer = post(grace, slug, "restore", fields, why=" ")
    assert (answer.status_code, alert(answer)) == (
        400,
        "Not published: say in a few words why. It stands in the history.",
    )
    answer = post(grace, slug, "restore", fields, why="x" * 501)
    assert (answer.status_code, "is too long" in alert(answer)) == (422, True)
    assert number(grace, slug) == 2


def test_what_is_live_already_is_not_published_again(grace: Site, slug: str):
    save(grace, slug, words(slug))
    assert "Readers see these words already." in get(grace, slug, "restore?of=1").text
    answer = post(grace, slug, "restore", {"of": "1", "based_on": "1", "accepted": "", "why": "x"})
    assert (answer.status_code, alert(answer)) == (409, "Nothing was changed: readers see these words already.")
    assert number(grace, slug) == 1


def test_a_database_that_is_away_gives_the_form_back(grace: Site, slug: str):
    save(grace, slug, words(slug))
    save(grace, slug, replace(words(slug), takeaway="Two."))
    fields = form(grace, slug, "restore?of=1", "restore-form")
    with unwritable(grace):
        answer = post(grace, slug, "restore", fields, why="A reason that was typed.")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "A reason that was typed." in answer.text
    assert "Two." in grace.get(f"/topics/{slug}").text
    assert post(grace, slug, "restore", fields, why="A reason that was typed.").status_code == 303


def test_a_draft_that_is_left_behind_is_named(grace: Site, slug: str):
    save(grace, slug, words(slug))
    save(grace, slug, replace(words(slug), takeaway="Two."))
    save(grace, slug, replace(words(slug), takeaway="Draft."), "draft")
    assert "The draft number 3 is not part of it." in plain(get(grace, slug, "restore?of=1").text)
    assert "not part of it" not in plain(get(grace, slug, "restore?of=3").text)
    fields = form(grace, slug, "restore?of=3", "restore-form")
    assert fields["why"] == "Published the draft number 3."
    assert follow(grace, post(grace, slug, "restore", fields)).status_code == 200
    assert "Draft." in grace.get(f"/topics/{slug}").text


def test_a_draft_that_is_older_than_the_files_says_so_before_it_is_published(grace: Site, slug: str):
    save(grace, slug, replace(words(slug), takeaway="Draft."), "draft", shipped=replace(words(slug), takeaway="Older."))
    page = get(grace, slug, "restore?of=1")
    assert [told[:74] for told in remarks(page)] == [
        "Warning Text, line 1 The text in the files changed after this draft was be"
    ]
    fields = Form(page.text, "restore-form").fields
    assert post(grace, slug, "restore", fields, accepted="").status_code == 400
    assert post(grace, slug, "restore", fields).status_code == 303


def test_what_is_saved_while_readers_cannot_see_it_yet_says_so(grace: Site, slug: str, monkeypatch: pytest.MonkeyPatch):
    save(grace, slug, words(slug))
    save(grace, slug, replace(words(slug), takeaway="Two."))
    fields = form(grace, slug, "restore?of=1", "restore-form")

    async def fail(*_: object, **__: object) -> int:
        raise DatabaseAway("PostgreSQL is shutting down.")

    monkeypatch.setattr("explorer.publisher.revisions.latest", fail)
    answer = follow(grace, post(grace, slug, "restore", fields))
    assert said(answer) == ("It is saved. The database does not answer now: readers see the change as soon as it does.")
    assert "Two." in grace.get(f"/topics/{slug}").text
    monkeypatch.undo()
    refresh(grace)
    assert "Two." not in grace.get(f"/topics/{slug}").text


def test_live_words_that_this_version_cannot_show_are_named(grace: Site, slug: str):
    save(grace, slug, replace(words(slug), section="cellar"))
    text = plain(get(grace, slug, "history").text)
    assert "cannot be shown by this version of the site; readers see the shipped ones." in text
    assert "section 'cellar' does not exist" in text


def test_the_shipped_words_can_be_published_again(grace: Site, slug: str):
    save(grace, slug, replace(words(slug), takeaway="Edited."), shipped=replace(words(slug), takeaway="Older."))
    assert desk_of(grace).publisher.shown(slug).news == "changed"
    fields = form(grace, slug, "restore?of=shipped", "restore-form")
    assert fields["why"] == "Back to the shipped words."
    assert post(grace, slug, "restore", fields).status_code == 303
    newest = newest_of(grace, slug)
    assert newest
    assert (newest.wording, newest.shipped_wording) == (words(slug), words(slug))
    assert desk_of(grace).publisher.shown(slug).news is None


# Archiving


def test_an_archived_topic_is_off_the_site_and_comes_back_as_it_was(grace: Site, slug: str, fresh: Callable[[], str]):
    other = fresh()
    save(grace, other, replace(words(other), takeaway=f"See [it](../{slug}/topic.md)."))
    save(grace, slug, replace(words(slug), takeaway="As it was."))
    save(grace, slug, replace(words(slug), takeaway="Half a thought."), "draft")
    before = grace.get(f"/topics/{slug}").text
    page = get(grace, slug, "archive")
    assert "1 topic links to it" in plain(page.text)
    assert re.findall(r'<ul class="leading"><li><a href="([^"]+)"', page.text) == [f"/admin/topics/{other}"]
    assert "The draft number 2 is not part of it." in plain(page.text)
    fields = Form(page.text, "archive-form").fields
    assert fields == {"based_on": "2", "why": ""}
    answer = post(grace, slug, "archive", fields)
    assert (answer.status_code, alert(answer)) == (
        400,
        "Not archived: say in a few words why. It stands in the history.",
    )
    answer = follow(grace, post(grace, slug, "archive", fields, why="Folded into another."))
    assert said(answer) == "It is archived: the topic is off the site. It can be brought back from here."
    assert "Readers see nothing: it is archived" in plain(answer.text)
    assert rows(answer)[0].startswith("Left Right Number 3 archived grace")
    assert grace.get(f"/topics/{slug}").status_code == 404
    assert slug not in grace.get("/").text
    assert post(grace, slug, "archive", {"based_on": "3", "why": "Again."}).status_code == 409
    assert "It is archived: readers do not see it." in get(grace, slug, "archive").text

    page = get(grace, slug, "restore?of=3")
    assert "Bring back: " in plain(page.text)
    assert "The topic comes back to the site with them at once." in plain(page.text)
    answer = follow(grace, post(grace, slug, "restore", Form(page.text, "restore-form").fields))
    assert rows(answer)[0].startswith("Left Right Number 4 live grace")
    assert grace.get(f"/topics/{slug}").text == before


def test_a_shipped_topic_that_nobody_edited_can_be_archived(grace: Site, slug: str):
    fields = form(grace, slug, "archive", "archive-form")
    assert fields["based_on"] == "0"
    assert post(grace, slug, "archive", fields, why="Not now.").status_code == 303
    newest = newest_of(grace, slug)
    assert newest
    assert (newest.state, newest.wording, newest.shipped_wording) == ("archived", words(slug), words(slug))
    assert desk_of(grace).publisher.shown(slug).news is None


def test_archiving_from_a_stale_page_is_refused(grace: Site, slug: str):
    fields = form(grace, slug, "archive", "archive-form")
    save(grace, slug, replace(words(slug), takeaway="Better."), author="ada", why="Worth keeping.")
    answer = post(grace, slug, "archive", fields, why="Nobody edits it.")
    assert answer.status_code == 409
    assert alert(answer).startswith("Nothing was changed: ada saved number 1 meanwhile (Worth keeping.).")
    assert Form(answer.text, "archive-form").fields == {"based_on": "1", "why": "Nobody edits it."}
    assert grace.get(f"/topics/{slug}").status_code == 200


# Sharing


def share(client: Site, slug: str, **fields: str) -> tuple[str, str]:
    """Make a link to a draft; return the whole link and the path of it."""
    answer = post(client, slug, "share", form(client, slug, "history", "share-form"), **fields)
    assert answer.status_code == 200, answer.text
    found = re.search(r'id="link" value="([^"]+)"', answer.text)
    assert found
    return found[1], found[1].removeprefix("https://testserver")


def test_a_link_shows_a_draft_to_somebody_without_an_account(site: Site, ada: Site, slug: str):
    save(ada, slug, replace(words(slug), takeaway="Live words."))
    draft = save(ada, slug, replace(words(slug), takeaway="Zebra crossing words."), "draft", author="ada")
    link, path = share(ada, slug)
    assert re.fullmatch(r"https://testserver/preview/[A-Za-z0-9_-]{43}", link)
    stranger = visitor(site)
    answer = stranger.get(path)
    banner = re.search(r'\n    <p class="notice draft" role="note">.*?</p>', answer.text)
    assert banner
    (opened,) = in_database(ada, lambda database: shares.open_shares(database, slug))
    assert opened.expires_at - opened.created_at == timedelta(days=7)
    assert plain(banner[0]) == (
        f"This is a draft, not what readers see. Number 2, saved by ada on {draft.saved_at:%Y-%m-%d %H:%M} UTC. "
        f"The topic as it is now: /topics/{slug} . This link works until {opened.expires_at:%Y-%m-%d %H:%M} UTC."
    )
    public = stranger.get(f"/topics/{slug}")
    assert answer.text.replace(banner[0], "").replace('<meta name="robots" content="noindex, nofollow">', "") == (
        public.text.replace("Live words.", "Zebra crossing words.")
    ), "but for the banner it is the page that readers would see"
    assert answer.headers["content-security-policy"] == public.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow, noarchive"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers
    assert (stranger.head(path).status_code, stranger.post(path).status_code) == (200, 405)

    assert "Zebra" not in stranger.get(f"/topics/{slug}").text
    assert stranger.get("/api/search", params={"q": "zebra crossing"}).json()["hits"] == []
    assert stranger.get("/api/search", params={"q": "live words"}).json()["hits"] != []
    assert "Zebra" not in stranger.get("/search?q=zebra").text
    assert path not in get(ada, slug, "history").text, "the link was shown once"
    assert loggable(path) == "/preview/..."


def test_a_link_to_something_older_says_so(site: Site, ada: Site):
    save(ada, "never-live", replace(words("never-live"), position=98), "draft")
    _, path = share(ada, "never-live")
    first = plain(visitor(site).get(path).text)
    assert "Something newer was saved since." not in first
    assert "The topic as it is now" not in first
    save(ada, "never-live", replace(words("never-live"), position=98, takeaway="Newer."), "draft")
    assert "Something newer was saved since." in plain(visitor(site).get(path).text)


def test_a_link_that_is_not_good_is_a_page_that_says_so(site: Site, ada: Site, slug: str):
    save(ada, slug, words(slug), "draft")
    _, path = share(ada, slug)
    stranger = visitor(site)
    bad = [path[:-1], f"{path}A", path.swapcase().replace("/PREVIEW", "/preview"), "/preview/x", "/preview/%00"]
    for wrong in (*bad, f"/preview/{'x' * 5_000}"):
        answer = stranger.get(wrong)
        assert (answer.status_code, "This link was ended, is too old" in answer.text) == (404, True), wrong
        assert answer.headers["x-robots-tag"] == "noindex, nofollow, noarchive"
    assert stranger.get(path).status_code == 200

    async def expire(database: Database) -> None:
        async with database.writing() as session:
            await session.execute(update(Share).where(Share.topic == slug).values(expires_at=datetime.now(UTC)))

    in_database(ada, expire)
    answer = stranger.get(path)
    assert (answer.status_code, "This link was ended, is too old" in answer.text) == (404, True)


def test_all_links_of_a_topic_can_be_ended(site: Site, ada: Site, grace: Site, slug: str):
    save(ada, slug, words(slug), "draft")
    paths = [share(ada, slug, days="1")[1], share(grace, slug, days="30")[1]]
    stranger = visitor(site)
    assert [stranger.get(path).status_code for path in paths] == [200, 200]
    page = get(ada, slug, "history")
    assert [row.split(" 20")[0] for row in rows(page)[1:]] == ["number 1 grace", "number 1 ada"]
    assert "End all 2 links" in page.text
    answer = follow(ada, post(ada, slug, "unshare", {}))
    assert said(answer) == "All links to drafts of this topic are over."
    assert [stranger.get(path).status_code for path in paths] == [404, 404]
    assert "No link is open." in answer.text


def test_only_drafts_are_shared_and_only_for_a_time(ada: Site, slug: str):
    save(ada, slug, words(slug))
    save(ada, slug, replace(words(slug), takeaway="Draft."), "draft")
    for fields, sentence in (
        ({"number": "1", "days": "7"}, f"Number 1 of {slug} is no draft: it needs no link."),
        ({"number": "3", "days": "7"}, f"{slug} has no draft of this number."),
        ({"number": "x", "days": "7"}, f"{slug} has no draft of this number."),
        ({"number": "2", "days": "365"}, "A link lasts 1, 7 or 30 days."),
        ({"number": "2"}, "A link lasts 1, 7 or 30 days."),
    ):
        answer = post(ada, slug, "share", fields)
        assert (answer.status_code, alert(answer)) == (422, sentence)


def test_a_draft_that_is_no_page_says_so_behind_its_link(site: Site, ada: Site, slug: str):
    save(ada, slug, replace(words(slug), text="No heading.\n"), "draft")
    answer = visitor(site).get(share(ada, slug)[1])
    assert (answer.status_code, "The words behind this link cannot be shown as a page." in answer.text) == (404, True)


def test_a_link_waits_for_a_database_that_is_away(site: Site, ada: Site, slug: str):
    save(ada, slug, words(slug), "draft")
    _, path = share(ada, slug)
    with without(ada, "shares"):
        answer = visitor(site).get(path)
        assert (answer.status_code, "The tables are missing" in answer.text) == (503, True)
        assert visitor(site).get(f"/topics/{slug}").status_code == 200
    assert visitor(site).get(path).status_code == 200

"""Editing in the admin: whatever a save is answered with, no character of what was typed is lost."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from admins import FEW, admin_with, desk_of, few_topics, in_database, unwritable, visitor
from forms import Form
from httpx2 import Response
from sites import ROOT, Site

from explorer import revisions
from explorer.database import Database
from explorer.migrations import upgrade
from explorer.models import Revision
from explorer.wording import Wording

UNTOUCHED = "url-parameters"
"""A shipped topic that no test changes; it links no topic that this site lacks."""
WRONG = "query-parameters"
"""A shipped topic that declares an answer that no demo gives."""
POOL = [f"topic-{number}" for number in range(1, 49)]
WORDS = "# {title}\n\nA summary of it.\n\n## What differs\n\n### A line\n\nWords.\n\n## Sources\n\n- None.\n"
NO_QUOTE = (
    "Warning Text, line 5 The note 'A line' quotes no line. "
    "Add a fence tagged with a side that quotes the lines it is about."
)
QUIET = {"Accept": "application/json"}
"""What script sends with a form."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a topic for each test, and one whose declaration of an answer is wrong."""
    folder = tmp_path_factory.mktemp("editing")
    content = few_topics(folder, (*FEW, UNTOUCHED))
    table = content / "topics" / WRONG / "topic.toml"
    broken = re.sub(
        r'(id = "missing".*?expect\.flask\]\nstatus = )400', r"\g<1>418", table.read_text(), count=1, flags=re.S
    )
    assert broken != table.read_text()
    table.write_text(broken)
    (folder / "data").mkdir()
    asyncio.run(fill(f"sqlite+aiosqlite:///{folder / 'data' / 'explorer.db'}"))
    with admin_with(folder, content=content) as site:
        yield site


async def fill(address: str) -> None:
    """Publish words of topics that are not shipped: each has a note that quotes no line, which is a warning."""
    database = Database(address)
    await upgrade(database)
    for number, slug in enumerate(POOL, 1):
        words = Wording(WORDS.format(title=f"Topic {number}"), "", "start", 1000 + number, {})
        how = {"author": "grace", "why": "First", "based_on": 0}
        await revisions.save(database, slug, words, state="published", shipped=None, **how)
    await database.close()


def form(client: Site, slug: str) -> dict[str, str]:
    answer = client.get(f"/admin/topics/{slug}")
    assert answer.status_code == 200, answer.text
    return Form(answer.text, "edit").fields


def send(client: Site, slug: str, button: str, headers: dict[str, str] | None = None, **typed: str) -> Response:
    """Open the editor, type, press a button."""
    fields = form(client, slug) | {name.replace("notes_", "notes."): text for name, text in typed.items()}
    return post(client, slug, fields | {"button": button}, headers)


def post(client: Site, slug: str, fields: dict[str, str], headers: dict[str, str] | None = None) -> Response:
    files = {name: (None, text) for name, text in fields.items()}  # as a browser sends a multipart form
    return client.post(f"/admin/topics/{slug}", files=files, headers=headers)


def head(client: Site, slug: str) -> Revision:
    found = in_database(client, lambda database: revisions.revision_of(database, slug))
    assert found is not None
    return found


def saved(client: Site, slug: str) -> int:
    found = in_database(client, lambda database: revisions.revision_of(database, slug))
    return found.number if found else 0


def page(client: Site, slug: str) -> str:
    return client.get(f"/topics/{slug}").text


def alert(answer: Response) -> str:
    found = re.search(r'role="alert">(.*?)</p>', answer.text, re.S)
    return html.unescape(found[1]) if found else ""


def remarks(answer: Response | str) -> list[str]:
    """The list of what is wrong, one line each."""
    text = answer if isinstance(answer, str) else answer.text
    found = re.findall(r"<li data-level.*?</li>", text, re.S)
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in found]


# Showing


def test_the_editor_opens_with_the_shipped_words_to_the_letter(ada: Site):
    fields = form(ada, "middleware")
    folder = ROOT / "content" / "topics" / "middleware"
    assert fields["text"] == (folder / "topic.md").read_text()
    assert fields["notes.flask"] == (folder / "flask" / "notes.md").read_text()
    assert fields["notes.fastapi"] == (folder / "fastapi" / "notes.md").read_text()
    assert (fields["section"], fields["based_on"]) == ("structure", "0")
    assert fields["takeaway"] == desk_of(ada).publisher.wordings["middleware"].takeaway


@pytest.mark.parametrize("name", ["nothing", "Middleware", "a" * 61, "-", "%00", "order"])
def test_an_address_that_is_no_topic_is_a_page_that_says_so(ada: Site, name: str):
    answer = ada.get(f"/admin/topics/{name}")
    assert answer.status_code == 404
    assert "<title>Not found, Two Routes admin</title>" in answer.text


def test_what_is_typed_for_a_topic_that_is_gone_comes_back(ada: Site):
    fields = form(ada, "middleware") | {"text": "Half a day's work.\n", "button": "draft"}
    answer = post(ada, "gone", fields)
    assert (answer.status_code, "Half a day&#39;s work." in answer.text) == (404, True)


# Saving


def test_a_draft_is_saved_and_readers_see_nothing_of_it(ada: Site, slug: str):
    before = page(ada, slug)
    text = WORDS.format(title="Only a draft")
    answer = send(ada, slug, "draft", text=text, takeaway="Wait.", position="70", kept="abc123")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/admin/topics/{slug}?done=draft&kept=abc123")
    revision = head(ada, slug)
    assert (revision.number, revision.state, revision.author, revision.why) == (2, "draft", "ada", "Draft")
    assert revision.wording == Wording(text, "Wait.", "start", 70, {})
    assert page(ada, slug) == before
    again = ada.get(answer.headers["location"])
    assert "The draft is saved. Readers see nothing of it until it is published." in again.text
    assert Form(again.text, "edit").fields["text"] == text
    assert Form(again.text, "edit").fields["based_on"] == "2"


def test_what_is_published_is_on_the_page_in_the_same_moment(grace: Site, slug: str):
    answer = send(grace, slug, "draft", takeaway="Now it is so.", why="Clearer")
    answer = send(grace, slug, "publish", why="Clearer", accepted=Form(answer.text, "edit").fields.get("accepted", ""))
    answer = send(grace, slug, "publish", why="Clearer", accepted=Form(answer.text, "edit").fields["accepted"])
    assert answer.headers["location"] == f"/admin/topics/{slug}?done=published"
    assert "Now it is so." in page(grace, slug)
    revision = head(grace, slug)
    assert (revision.number, revision.state, revision.author, revision.why) == (3, "published", "grace", "Clearer")


def test_the_first_edit_of_a_shipped_topic_remembers_what_was_shipped(grace: Site):
    shipped = desk_of(grace).publisher.wordings["hello-world"]
    answer = send(grace, "hello-world", "publish", takeaway="Two files, one answer.", why="Shorter")
    assert answer.status_code == 303, remarks(answer)
    assert "Two files, one answer." in page(grace, "hello-world")
    assert head(grace, "hello-world").shipped_wording == shipped


@pytest.mark.parametrize(
    "text",
    [
        "\n\n# A title\n\nTwo empty lines before it.\n",
        "# A title\n\n</textarea><script>alert(1)</script> &amp; &lt;\n",
        "# A title\n\nTabs\there, two spaces at the end  \nand no line feed at the end",
        "# A title\n\nΩ 字 🙂 \u200b \u2028 \x7f\n\n\n\n",
    ],
)
def test_every_character_comes_back(ada: Site, slug: str, text: str):
    assert send(ada, slug, "draft", text=text).status_code == 303
    assert form(ada, slug)["text"] == text
    assert head(ada, slug).text == text


def test_lines_end_with_a_line_feed_whatever_the_browser_sends(ada: Site, slug: str):
    assert send(ada, slug, "draft", text="# A\r\n\r\nB\rC\n", notes_flask="### D\r\n").status_code == 303
    assert (head(ada, slug).text, dict(head(ada, slug).notes)) == ("# A\n\nB\nC\n", {"flask": "### D\n"})


def test_words_that_are_saved_already_are_not_saved_again(grace: Site, slug: str):
    assert send(grace, slug, "draft").headers["location"] == f"/admin/topics/{slug}?done=unchanged"
    assert send(grace, slug, "draft", why="Once more").headers["location"].endswith("?done=unchanged")
    assert saved(grace, slug) == 1
    assert send(grace, "query-parameters", "draft").headers["location"].endswith("?done=unchanged")
    assert saved(grace, "query-parameters") == 0


def test_script_is_told_where_a_draft_is_and_stays_in_its_page(ada: Site, slug: str):
    answer = send(ada, slug, "draft", QUIET, text="# A\n\nB\n", kept="k1")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["based_on"], told["url"]) == (2, f"/admin/topics/{slug}?done=draft&kept=k1")
    assert told["said"] == "The draft is saved. Readers see nothing of it until it is published."
    assert told["last"].startswith("number 2, ada, ")


# What stands in the way


def kept(answer: Response, **typed: str) -> bool:
    """Whether the form came back with all of it."""
    fields = Form(answer.text, "edit").fields
    return all(fields[name.replace("notes_", "notes.")] == text for name, text in typed.items())


def test_an_error_stands_in_the_way_of_publishing_but_not_of_a_draft(grace: Site):
    shipped = desk_of(grace).publisher.wordings["query-parameters"].text
    lines = shipped.split("\n")
    number = next(n for n, line in enumerate(lines, 1) if line.startswith("```python flask"))
    typed = {
        "text": "\n".join([*lines[:number], "a_line_of_no_demo()", *lines[number + 1 :]]),
        "notes_flask": "### A link\n\n[Nowhere](../nowhere/topic.md)\n",
        "why": "I try",
    }
    answer = send(grace, "query-parameters", "publish", **typed)
    assert (answer.status_code, kept(answer, **typed)) == (400, True)
    assert alert(answer) == "Not published: mend what is listed as an error. A draft can be saved as it is."
    found = remarks(answer)
    quote = "The quote a_line_of_no_demo() does not occur in flask/. Quote whole consecutive lines to the letter"
    assert any(row.startswith(f"Error Text, line {number} {quote}") for row in found), found
    link = "Error Notes of flask, line 3 The link ../nowhere/topic.md leads to no topic. Correct the slug."
    assert link in found
    assert saved(grace, "query-parameters") == 0
    assert send(grace, "query-parameters", "draft", **typed).status_code == 303
    assert saved(grace, "query-parameters") == 1


def test_words_that_are_no_topic_say_what_is_missing(grace: Site, slug: str):
    answer = send(grace, slug, "publish", text="Just words.", why="I try")
    assert (answer.status_code, kept(answer, text="Just words.")) == (400, True)
    assert remarks(answer) == [
        "Error Text, line 1 Title or summary is missing. Start with # Title , an empty line and one paragraph."
    ]
    assert Form(answer.text, "edit").source == "", "there is no page to show"


def test_warnings_ask_once_and_publish_when_they_were_seen(grace: Site, slug: str):
    typed = {"takeaway": "Asked.", "why": "It is so"}
    answer = send(grace, slug, "publish", **typed)
    assert (answer.status_code, kept(answer, **typed), saved(grace, slug)) == (400, True, 1)
    assert alert(answer) == "Not published yet: look at the warnings. Publish again if it is to be so."
    assert remarks(answer) == [NO_QUOTE]
    again = Form(answer.text, "edit")
    assert again.buttons["publish"] == "Publish with 1 warning"

    # other warnings than those that were seen
    more = again.fields | {"text": again.fields["text"].replace("### A line", "### A line\n\nA.\n\n### Another")}
    answer = post(grace, slug, more | {"button": "publish"})
    assert (answer.status_code, len(remarks(answer)), saved(grace, slug)) == (400, 2, 1)

    assert post(grace, slug, again.fields | {"button": "publish"}).status_code == 303
    assert (saved(grace, slug), "Asked." in page(grace, slug)) == (2, True)


def test_a_warning_that_nobody_saw_is_not_accepted(grace: Site, slug: str):
    fields = form(grace, slug) | {"takeaway": "Unseen.", "why": "It is so", "accepted": "f" * 64, "button": "publish"}
    assert (post(grace, slug, fields).status_code, saved(grace, slug)) == (400, 1)


def test_script_gets_the_list_and_the_mark_of_the_warnings(grace: Site, slug: str):
    answer = send(grace, slug, "publish", QUIET, takeaway="Asked.", why="It is so")
    told = answer.json()
    assert answer.status_code == 400
    assert told["detail"].startswith("Not published yet: look at the warnings.")
    assert len(remarks(told["remarks"])) == 1
    fields = form(grace, slug) | {"takeaway": "Asked.", "why": "It is so", "accepted": told["accepted"]}
    assert post(grace, slug, fields | {"button": "publish"}, QUIET).json()["said"] == (
        "It is published: readers see it now."
    )


def test_publishing_needs_a_reason(grace: Site, slug: str):
    typed = {"takeaway": "No reason.", "why": "  "}
    answer = send(grace, slug, "publish", **typed)
    assert (answer.status_code, kept(answer, takeaway="No reason."), saved(grace, slug)) == (400, True, 1)
    assert alert(answer) == "Not published: say in a few words why. It stands in the history."


def test_a_claim_that_no_demo_answers_is_a_warning(grace: Site):
    answer = send(grace, WRONG, "publish", takeaway="Claims.", why="Claims")
    assert answer.status_code == 400
    found = [row for row in remarks(answer) if "does not hold" in row]
    assert found
    assert all(row.startswith("Warning ") and "418" in row and "400" in row for row in found), found
    assert re.search(r"\d+ claims, \d+ hold", " ".join(re.sub("<[^>]+>", "", answer.text).split()))


def test_an_editor_saves_drafts_only(ada: Site, slug: str):
    assert "publish" not in Form(ada.get(f"/admin/topics/{slug}").text, "edit").buttons
    answer = send(ada, slug, "publish", takeaway="By force.", why="I can")
    assert (answer.status_code, kept(answer, takeaway="By force."), saved(ada, slug)) == (403, True, 1)
    assert "By force." not in page(ada, slug)


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("position", "third", "the position 'third' is no number."),
        ("position", "", "the position '' is no number."),
        ("text", "a\0b", "holds a character that is none: remove it."),
        ("text", "x" * (256 * 1024 + 1), "is too long."),
        ("why", "y" * 501, "is too long."),
    ],
)
def test_what_cannot_be_stored_is_refused_and_kept(ada: Site, slug: str, name: str, typed: str, sentence: str):
    answer = send(ada, slug, "draft", **{"takeaway": "Also here."} | {name: typed})
    assert (answer.status_code, saved(ada, slug)) == (400, 1)
    assert sentence in alert(answer)
    assert kept(answer, takeaway="Also here.", **{name: typed})


def test_a_long_text_of_any_characters_is_saved(ada: Site, slug: str):
    text = "# A\n\n" + "字" * (256 * 1024 - 5)
    assert send(ada, slug, "draft", text=text).status_code == 303
    assert head(ada, slug).text == text


def test_more_than_the_server_reads_is_a_page_that_says_so(ada: Site, slug: str):
    limit = Form(ada.get(f"/admin/topics/{slug}").text, "edit")
    assert 'data-form-limit="4194304"' in ada.get(f"/admin/topics/{slug}").text
    answer = post(ada, slug, limit.fields | {"text": "x" * 4_194_304})
    assert (answer.status_code, "Shorten the text." in answer.text) == (413, True)


def test_a_database_that_is_away_gives_the_form_back(grace: Site, slug: str):
    fields = form(grace, slug) | {"text": "# A\n\nTyped for an hour.\n", "why": "Long", "button": "draft"}
    with unwritable(grace):
        answer = post(grace, slug, fields)
        quiet = post(grace, slug, fields, QUIET)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert kept(answer, text="# A\n\nTyped for an hour.\n", why="Long")
        assert alert(answer).startswith("Not saved: The tables are missing")
        assert (quiet.status_code, quiet.json()["detail"]) == (503, alert(answer))
        assert page(grace, slug)
    again = Form(answer.text, "edit").fields
    assert post(grace, slug, again | {"button": "draft"}).status_code == 303
    assert head(grace, slug).text == "# A\n\nTyped for an hour.\n"


def test_an_expired_session_gives_everything_back(site: Site, grace: Site, slug: str):
    fields = form(grace, slug) | {"text": "# A\n\nTyped for a day.\n", "button": "draft"}
    answer = post(visitor(site), slug, fields)
    assert answer.status_code == 401
    assert "Typed for a day." in answer.text
    back = re.findall(r'<(?:input type="hidden"|textarea[^>]*) name="([^"]+)"', answer.text)
    assert set(back) == set(fields)
    quiet = post(visitor(site), slug, fields, QUIET)
    assert (quiet.status_code, quiet.json()) == (401, {"detail": "Your session is over. Sign in again."})


# Two editors


def test_a_stale_save_gets_both_texts_and_a_choice(grace: Site, ada: Site, slug: str):
    mine = form(ada, slug)
    base = mine["text"]
    theirs = base.replace("A summary of it.", "A better summary.").replace("- None.", "- Theirs.")
    assert send(grace, slug, "draft", text=theirs, why="Better").status_code == 303
    typed = base.replace("Words.", "My words.").replace("- None.", "- Mine.")
    answer = post(ada, slug, mine | {"text": typed, "why": "Mine", "kept": "k9", "button": "draft"})
    assert (answer.status_code, saved(ada, slug)) == (409, 2)
    assert "grace saved number 2 (draft)" in re.sub("<[^>]+>", "", answer.text)
    conflict = Form(answer.text, "conflict").fields
    assert (conflict["text"], conflict["against"], conflict["why"], conflict["kept"]) == (typed, "2", "Mine", "k9")
    legends = re.findall(r"<legend>(.*?)</legend>", answer.text)
    assert legends == ["grace changed this", "You changed this", "Both changed this"]
    picks = {name: value for name, value in conflict.items() if name.startswith("pick.")}
    assert sorted(picks.values()) == ["mine", "theirs"], "what both changed is not chosen"

    # without the choice it is asked again, with those that were made
    again = ada.post(f"/admin/topics/{slug}/merge", data=conflict)
    assert (again.status_code, alert(again)) == (
        400,
        "A choice is missing: choose for each change that both of you made.",
    )
    assert Form(again.text, "conflict").fields == conflict

    open_one = next(name for name in re.findall(r'name="(pick[^"]+)"', answer.text) if name not in picks)
    expected = {"mine": "- Mine.\n", "theirs": "- Theirs.\n", "both": "- Mine.\n- Theirs.\n"}
    for choice, lines in expected.items():
        merged = ada.post(f"/admin/topics/{slug}/merge", data=conflict | {open_one: choice})
        fields = Form(merged.text, "edit").fields
        assert merged.status_code == 200
        wanted = base.replace("A summary of it.", "A better summary.").replace("Words.", "My words.")
        assert fields["text"] == wanted.replace("- None.\n", lines)
        assert (fields["based_on"], fields["why"], fields["kept"]) == ("2", "Mine", "k9")
        assert 'data-saved="no"' in merged.text
    assert saved(ada, slug) == 2, "merging saves nothing"
    assert post(ada, slug, fields | {"button": "draft"}).status_code == 303
    assert (head(ada, slug).text, head(ada, slug).based_on) == (fields["text"], 2)


def test_fields_of_one_value_are_one_or_the_other(grace: Site, ada: Site, slug: str):
    mine = form(ada, slug)
    assert send(grace, slug, "draft", section="data", position="5").status_code == 303
    answer = post(ada, slug, mine | {"section": "async", "position": mine["position"], "button": "draft"})
    conflict = Form(answer.text, "conflict").fields
    assert answer.status_code == 409
    assert 'value="both"' not in answer.text
    for choice, section in (("mine", "async"), ("theirs", "data")):
        merged = ada.post(f"/admin/topics/{slug}/merge", data=conflict | {"pick.section.0": choice})
        fields = Form(merged.text, "edit").fields
        assert (fields["section"], fields["position"]) == (section, "5")
    refused = ada.post(f"/admin/topics/{slug}/merge", data=conflict | {"pick.section.0": "both"})
    assert refused.status_code == 400


def test_the_same_words_of_two_editors_are_no_conflict(grace: Site, ada: Site, slug: str):
    mine = form(grace, slug)
    assert send(ada, slug, "draft", takeaway="Agreed.").status_code == 303
    asked = post(grace, slug, mine | {"takeaway": "Agreed.", "why": "Agreed", "button": "publish"})
    answer = post(grace, slug, Form(asked.text, "edit").fields | {"button": "publish"})
    assert answer.headers["location"] == f"/admin/topics/{slug}?done=published"
    assert (head(grace, slug).number, head(grace, slug).based_on) == (3, 2)


def test_script_is_told_that_it_is_stale_and_sends_the_form_itself(grace: Site, ada: Site, slug: str):
    mine = form(ada, slug)
    assert send(grace, slug, "draft", takeaway="First.").status_code == 303
    answer = post(ada, slug, mine | {"takeaway": "Second.", "button": "draft"}, QUIET)
    assert (answer.status_code, answer.json()) == (409, {"detail": "Somebody else saved this topic."})


@pytest.mark.parametrize("number", ["-1", "x", "99", ""])
def test_a_base_that_never_was_is_stale(ada: Site, slug: str, number: str):
    fields = form(ada, slug) | {"takeaway": "From nowhere.", "based_on": number, "button": "draft"}
    answer = post(ada, slug, fields)
    conflict = Form(answer.text, "conflict").fields
    assert (answer.status_code, conflict["takeaway"], saved(ada, slug)) == (409, "From nowhere.", 1)
    assert "Both changed this" in answer.text, "without the words both began with, every difference is to be chosen"


def test_words_that_were_shipped_meanwhile_are_seen_before_the_first_edit(grace: Site):
    """A form that was opened before a deployment."""
    slug = FEW[2]
    fields = form(grace, slug) | {"takeaway": "Edited.", "shipped": "0" * 64, "button": "draft"}
    answer = post(grace, slug, fields)
    assert (answer.status_code, saved(grace, slug)) == (409, 0)
    assert "the words in the files are other ones" in answer.text
    conflict = Form(answer.text, "conflict").fields
    merged = Form(grace.post(f"/admin/topics/{slug}/merge", data=conflict | {"pick.takeaway.0": "mine"}).text, "edit")
    assert merged.fields["takeaway"] == "Edited."
    assert post(grace, slug, merged.fields | {"button": "draft"}).status_code == 303


# Preview


def test_the_preview_is_the_real_page_without_what_runs_in_it(ada: Site):
    fields, live = form(ada, UNTOUCHED), page(ada, UNTOUCHED)
    answer = ada.post(f"/admin/topics/{UNTOUCHED}/preview", data=fields, headers=QUIET)
    shown = answer.json()["html"]
    assert "<script" in live
    assert "<script" not in shown
    assert shown == re.sub(r"<script\b[^>]*></script>", "", live)
    verdict = re.sub(r"<[^>]+>", "", answer.json()["remarks"])
    assert "Nothing is wrong." in verdict
    assert re.search(r"\d+ claims, all hold", verdict)
    other = fields | {"takeaway": "Only in the preview."}
    shown = ada.post(f"/admin/topics/{UNTOUCHED}/preview", data=other, headers=QUIET).json()["html"]
    assert "Only in the preview." in shown
    assert page(ada, UNTOUCHED) == live


def test_a_preview_of_words_that_are_no_topic_says_why(ada: Site, slug: str):
    answer = ada.post(f"/admin/topics/{slug}/preview", data=form(ada, slug) | {"text": "none"}, headers=QUIET)
    assert answer.json()["html"] is None
    assert len(remarks(answer.json()["remarks"])) == 1


@pytest.mark.parametrize(("count", "mend"), [(200_000, "Shorten them"), (40_000, "Put empty lines between them")])
def test_a_preview_of_words_that_take_too_long_to_render_says_where_and_how_to_mend_it(
    ada: Site, count: int, mend: str
):
    fields = form(ada, UNTOUCHED) | {"text": "# A\n\nB.\n\n" + "[" * count}
    answer = ada.post(f"/admin/topics/{UNTOUCHED}/preview", data=fields, headers=QUIET)
    assert answer.json()["html"] is None
    (remark,) = remarks(answer.json()["remarks"])
    assert mend in str(remark)


def test_without_script_a_button_shows_the_preview_beside_what_was_typed(ada: Site, slug: str):
    answer = send(ada, slug, "preview", takeaway="Seen before it is saved.")
    shown = Form(answer.text, "edit")
    assert answer.status_code == 200
    assert kept(answer, takeaway="Seen before it is saved.")
    assert "Seen before it is saved." in shown.source
    assert "<script" not in shown.source
    assert saved(ada, slug) == 1


def test_a_text_cannot_put_a_script_into_the_preview(ada: Site, slug: str):
    text = WORDS.format(title="T") + "\n<script>alert(1)</script> <iframe src=/></iframe>\n\n`<script>x</script>`\n"
    answer = ada.post(f"/admin/topics/{slug}/preview", data=form(ada, slug) | {"text": text}, headers=QUIET)
    assert "&lt;script&gt;alert(1)" in answer.json()["html"]
    assert "<script" not in answer.json()["html"]


def test_frames_of_demos_stay_out_of_the_preview(ada: Site):
    topic = "hello-world"
    shown = ada.post(f"/admin/topics/{topic}/preview", data=form(ada, topic), headers=QUIET).json()["html"]
    assert "<iframe" not in shown


# Presence


def test_editors_see_who_else_is_in_the_topic(grace: Site, ada: Site, slug: str):
    def arrive(client: Site) -> Any:
        return client.post(f"/admin/topics/{slug}/presence", data={}, headers=QUIET).json()

    assert arrive(ada) == {"others": [], "number": 1, "author": "grace"}
    assert arrive(grace)["others"] == ["ada"]
    assert arrive(ada)["others"] == ["grace"]
    notice = re.search(r"data-others[^>]*>(.*?)</p>", grace.get(f"/admin/topics/{slug}").text)
    assert notice
    assert notice[1] == "ada has this topic open, too."
    assert "ada, grace in it" in grace.get("/admin/topics").text
    assert grace.post(f"/admin/topics/{slug}/leave").status_code == 200
    assert arrive(ada)["others"] == []
    assert ada.post(f"/admin/topics/{slug}/leave").status_code == 200
    assert "in it" not in ada.get("/admin/topics").text


def test_presence_tells_of_what_was_saved_meanwhile(grace: Site, ada: Site, slug: str):
    assert send(grace, slug, "draft", takeaway="Newer.").status_code == 303
    told = ada.post(f"/admin/topics/{slug}/presence", data={}, headers=QUIET).json()
    assert (told["number"], told["author"]) == (2, "grace")
    ada.post(f"/admin/topics/{slug}/leave")


# New topics


def test_a_new_topic_is_a_draft_until_it_is_published(ada: Site, grace: Site):
    made = {"title": "Blueprints", "slug": "blueprints", "summary": "Parts of an app.", "section": "structure"}
    answer = ada.post("/admin/topics/new", data=made)
    assert answer.headers["location"] == "/admin/topics/blueprints?done=created"
    assert ada.get("/topics/blueprints").status_code == 404
    fields = form(ada, "blueprints")
    assert fields["text"].startswith("# Blueprints\n\nParts of an app.\n\n## What differs\n")
    assert (fields["section"], head(ada, "blueprints").author) == ("structure", "ada")
    middleware = desk_of(ada).publisher.wordings["middleware"].position
    assert int(fields["position"]) > middleware
    listed = ada.get("/admin/topics").text
    assert re.search(r'id="absent">Not on the site.*?Blueprints.*?new draft', listed, re.S)
    shown = post(grace, "blueprints", fields | {"why": "New", "button": "publish"})
    answer = post(grace, "blueprints", Form(shown.text, "edit").fields | {"button": "publish"})
    assert answer.status_code == 303
    assert "Parts of an app." in page(ada, "blueprints")
    assert '<a href="/topics/blueprints"' in page(ada, "middleware")


@pytest.mark.parametrize(
    ("wrong", "status", "sentence"),
    [
        ({"slug": "Hello World"}, 400, "Use small letters, digits and single hyphens, 60 characters at most."),
        ({"slug": "a" * 61}, 400, "60 characters at most."),
        ({"slug": "new"}, 400, "The address new is a page of the admin"),
        ({"slug": "order"}, 400, "The address order is a page of the admin"),
        ({"slug": "middleware"}, 400, "There is a topic middleware already."),
        ({"slug": "../etc"}, 400, "Use small letters"),
        ({"title": " "}, 400, "Write a title of one line."),
        ({"title": "One\nTwo"}, 400, "Write a title of one line."),
        ({"summary": ""}, 400, "Write one or two sentences."),
        ({"section": "cellar"}, 400, "Choose one of the sections."),
    ],
)
def test_a_new_topic_that_will_not_do_is_refused_with_the_form(
    ada: Site, wrong: dict[str, str], status: int, sentence: str
):
    made = {"title": "A title", "slug": "a-slug", "summary": "A summary.", "section": "data"} | wrong
    answer = ada.post("/admin/topics/new", data=made)
    assert (answer.status_code, sentence in answer.text) == (status, True)
    assert "A summary." in answer.text or "summary" in wrong
    assert saved(ada, "a-slug") == 0


# The list


def row(client: Site, slug: str) -> str:
    found = re.search(rf'<li id="topic-{slug}".*?</li>', client.get("/admin/topics").text, re.S)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def test_the_list_says_in_what_state_each_topic_is(grace: Site, slug: str):
    assert "edited" in row(grace, slug)
    send(grace, slug, "draft", takeaway="On top.", why="Next words")
    assert "edited draft on top Compare with live grace," in row(grace, slug)
    assert "Next words" in row(grace, slug)
    archived = head(grace, slug)

    async def archive(database: Database) -> Revision:
        return await revisions.save(
            database, slug, archived.wording, author="grace", why="Old", based_on=2, state="archived"
        )

    in_database(grace, archive)
    grace.portal.call(desk_of(grace).publisher.refresh)
    assert "archived" in row(grace, slug)


def test_an_unedited_topic_is_shipped(ada: Site):
    assert row(ada, UNTOUCHED) == "URL parameters url-parameters shipped"


def test_the_list_can_be_searched(ada: Site):
    found = re.findall(r'data-slug="([^"]+)"', ada.get("/admin/topics?search=QUERY+param").text)
    assert found == ["query-parameters"]
    nothing = ada.get("/admin/topics?search=%3Cb%3E").text
    assert re.findall(r'data-slug="([^"]+)"', nothing) == []
    assert "<b>" not in nothing.partition("<h1>")[2].partition("search")[2]

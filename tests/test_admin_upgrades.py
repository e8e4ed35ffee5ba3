"""Deployments that bring other words, in the admin: the twelve cases, and what can be decided, which ends the news."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from admins import admin_with, desk_of, unwritable
from forms import Form
from histories import QUOTE, newest_of, save, ship, words
from httpx2 import Response
from sites import Site

from explorer.models import State
from explorer.wording import Wording

POOL = [f"topic-{number}" for number in range(1, 31)]
CASES = [f"{text}-{topic}" for text in ("same", "changed", "new") for topic in ("unedited", "edited", "archived")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose files hold other words than those that were shipped before, see `then`."""
    folder = tmp_path_factory.mktemp("upgrades")
    content = ship(folder / "content", [*CASES, *POOL])
    for slug in (*CASES, *POOL):
        if not slug.startswith("same"):
            file = content / "topics" / slug / "topic.md"
            file.write_text(now(slug).text)
    with admin_with(folder, content=content) as site:
        yield site


def then(slug: str) -> Wording:
    """What was shipped when the topic was edited."""
    return words(slug)


def now(slug: str) -> Wording:
    """What is shipped now."""
    return replace(words(slug), text=words(slug).text.replace("Second sentence.", "Second sentence, shipped."))


def mine(slug: str) -> Wording:
    """The edit: another line than the one that changed in the files."""
    return replace(words(slug), text=words(slug).text.replace("First sentence.", "First sentence, edited."))


def both(slug: str) -> Wording:
    return replace(mine(slug), text=mine(slug).text.replace("Second sentence.", "Second sentence, shipped."))


def upgrade(client: Site, slug: str, status: int = 200) -> Response:
    answer = client.get(f"/admin/topics/{slug}/upgrade")
    assert answer.status_code == status, answer.text
    return answer


def form(client: Site, slug: str, choice: str) -> dict[str, str]:
    return Form(upgrade(client, slug).text, f"{choice}-form").fields


def decide(client: Site, slug: str, fields: dict[str, str], **typed: str) -> Response:
    return client.post(f"/admin/topics/{slug}/upgrade", data=fields | typed)


def ended(client: Site, slug: str, answer: Response, sentence: str) -> None:
    """A decision was saved, the page says so, and there is nothing to decide any more, here and in the list."""
    assert answer.status_code == 303, alert(answer)
    shown = client.get(answer.headers["location"])
    assert sentence in plain(shown.text)
    assert "There is nothing to decide." in upgrade(client, slug).text
    assert f"/admin/topics/{slug}/upgrade" not in client.get("/admin/").text


def plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def alert(answer: Response) -> str:
    found = re.search(r'role="alert">(.*?)</p>', answer.text, re.S)
    return plain(found[1]) if found else ""


def remarks(answer: Response) -> list[str]:
    return [plain(row) for row in re.findall(r"<li data-level.*?</li>", answer.text, re.S)]


def lede(answer: Response) -> str:
    found = re.search(r'<p class="lede">(.*?)</p>', answer.text, re.S)
    assert found
    return plain(found[1])


def choices(answer: Response) -> list[str]:
    return [plain(found) for found in re.findall(r'<h2 id="(?:keep|take|merge)">(.*?)</h2>', answer.text)]


def saved(client: Site, slug: str) -> tuple[int, State, Wording, Wording | None]:
    newest = newest_of(client, slug)
    assert newest
    return newest.number, newest.state, newest.wording, newest.shipped_wording


def shows(client: Site, slug: str) -> str | None:
    """The sentences that readers see, None if there is no page."""
    answer = client.get(f"/topics/{slug}")
    if answer.status_code == 404:
        return None
    assert answer.status_code == 200
    return " ".join(re.findall(r"<p>((?:First|Second) sentence[^<]*)</p>", answer.text))


SHIPPED, EDIT = "First sentence. Second sentence, shipped.", "First sentence, edited. Second sentence."
THREE, TWO = ["Keep the edit", "Take the shipped words", "Merge both"], ["Keep the edit", "Archive it"]
ARCHIVED = ["Stay archived", "Take the shipped words", "Merge both"]


@pytest.mark.parametrize(
    ("slug", "live", "said", "offered"),
    [
        ("same-unedited", "First sentence. Second sentence.", "Readers see the words in the files", []),
        ("same-edited", EDIT, "the words in the files are those that it takes into account", []),
        ("same-archived", None, "The topic is archived and stays so", []),
        ("changed-unedited", SHIPPED, "Readers see the words in the files", []),
        ("changed-edited", EDIT, "changed after number 1 was published. Readers still see number 1.", THREE),
        ("changed-archived", None, "changed after number 1 was archived. Readers do not see this topic.", ARCHIVED),
        ("deleted-edited", EDIT, "no longer have this topic. Readers still see number 1, without the demos", TWO),
        ("deleted-archived", None, "The files do not have this topic, and it is archived.", []),
        ("new-unedited", SHIPPED, "Readers see the words in the files", []),
        ("new-edited", EDIT, "have a topic of this name now, beside the one that was made here. Readers see", THREE),
        ("new-archived", None, "beside the one that was made here. It is archived: readers see neither.", ARCHIVED),
    ],
)
def test_the_twelve_cases(grace: Site, slug: str, live: str | None, said: str, offered: list[str]):
    text, _, topic = slug.partition("-")
    if topic != "unedited":
        considered = None if text == "new" else then(slug)
        save(grace, slug, mine(slug), "archived" if topic == "archived" else "published", shipped=considered)
    answer = upgrade(grace, slug)
    assert shows(grace, slug) == live
    assert said in lede(answer)
    assert choices(answer) == offered
    assert (f"/admin/topics/{slug}/upgrade" in grace.get("/admin/").text) == bool(offered)
    assert ("/upgrade" in grace.get(f"/admin/topics/{slug}/history").text) == bool(offered)


def test_the_twelfth_case_is_no_topic_at_all(grace: Site):
    """Shipped once, never edited, and no longer in the files."""
    upgrade(grace, "deleted-unedited", 404)
    assert shows(grace, "deleted-unedited") is None


def test_three_texts_and_what_differs_between_them(grace: Site, slug: str):
    save(grace, slug, mine(slug), shipped=then(slug))
    answer = upgrade(grace, slug)
    parts = re.split(r'<h2 id="(of-\w+|texts)">', answer.text)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    marked = {name: re.findall(r"<(del|ins)>([^<]+)</", part) for name, part in found.items()}
    assert marked == {
        "of-files": [("ins", ", shipped")],
        "of-edit": [("ins", ", edited")],
        "of-both": [("del", ", edited"), ("ins", ", shipped")],
        "texts": [],
    }
    raw = re.findall(r'<pre class="raw"[^>]*>(.*?)</pre>', found["texts"], re.S)
    assert [html.unescape(text) for text in raw] == [then(slug).text, now(slug).text, mine(slug).text]


def test_keeping_the_edit_ends_the_news(grace: Site, slug: str):
    save(grace, slug, mine(slug), shipped=then(slug))
    fields = form(grace, slug, "keep")
    assert fields == {
        "choice": "keep",
        "based_on": "1",
        "shipped": now(slug).fingerprint,
        "why": "Keeps the edit; the shipped text was seen.",
    }
    ended(grace, slug, decide(grace, slug, fields), "It stays as it is here.")
    assert saved(grace, slug) == (2, "published", mine(slug), now(slug))
    assert shows(grace, slug) == EDIT


def test_taking_the_shipped_words_ends_the_news(grace: Site, slug: str):
    save(grace, slug, mine(slug), shipped=then(slug))
    ended(grace, slug, decide(grace, slug, form(grace, slug, "take")), "It is as in the files now.")
    assert saved(grace, slug) == (2, "published", now(slug), now(slug))
    assert shows(grace, slug) == SHIPPED


def test_what_both_changed_in_other_lines_is_merged(grace: Site, slug: str):
    save(grace, slug, mine(slug), shipped=then(slug))
    assert "No line was changed in both: the proposal holds both changes." in plain(upgrade(grace, slug).text)
    fields = form(grace, slug, "merge")
    assert fields["text"] == both(slug).text
    assert (fields["takeaway"], fields["section"], fields["position"]) == ("Only for tests.", "only", "10")
    ended(grace, slug, decide(grace, slug, fields, why="Both."), "The merged words are published")
    assert saved(grace, slug) == (2, "published", both(slug), now(slug))
    assert shows(grace, slug) == "First sentence, edited. Second sentence, shipped."


def test_what_both_changed_stands_between_marks_until_somebody_chooses(grace: Site, slug: str):
    edit = replace(then(slug), text=then(slug).text.replace("Second sentence.", "Second sentence, mine."))
    edit = replace(edit, position=20, section="other", notes={"left": "### Trap\n"})
    save(grace, slug, edit, shipped=replace(then(slug), position=5, takeaway="Older."))
    answer = upgrade(grace, slug)
    assert "1 place was changed in both" in plain(answer.text)
    assert "Position: left as edited; the files have 10." in plain(answer.text)
    fields = Form(answer.text, "merge-form").fields
    conflict = "<<<<<<< edited\nSecond sentence, mine.\n=======\nSecond sentence, shipped.\n>>>>>>> shipped\n"
    assert fields["text"] == then(slug).text.replace("Second sentence.\n", conflict)
    assert (fields["section"], fields["position"], fields["notes.left"]) == ("other", "20", "### Trap\n")

    answer = decide(grace, slug, fields, why="Half done.")
    assert (answer.status_code, alert(answer)) == (400, "Nothing was changed: mend what is listed as an error.")
    assert [told.split(" A mark")[0] for told in remarks(answer)] == ["Error Text, line 15", "Error Text, line 19"]
    again = Form(answer.text, "merge-form").fields
    assert again == fields | {"why": "Half done."}, "nothing that was typed is lost"
    assert saved(grace, slug)[0] == 1

    solved = then(slug).text.replace("Second sentence.", "Second sentence, mine and shipped.")
    ended(grace, slug, decide(grace, slug, again, text=solved), "The merged words are published")
    assert saved(grace, slug)[2] == replace(edit, text=solved, takeaway="Only for tests.")


def test_two_topics_of_one_name_are_merged_around_what_they_have_in_common(grace: Site, slug: str):
    save(grace, slug, mine(slug), shipped=None)
    fields = form(grace, slug, "merge")
    assert fields["text"] == then(slug).text.replace(
        "First sentence.\n\nSecond sentence.\n",
        "<<<<<<< edited\nFirst sentence, edited.\n=======\nFirst sentence.\n>>>>>>> shipped\n\n"
        "<<<<<<< edited\nSecond sentence.\n=======\nSecond sentence, shipped.\n>>>>>>> shipped\n",
    )
    ended(grace, slug, decide(grace, slug, fields, text=both(slug).text), "The merged words are published")
    assert saved(grace, slug) == (2, "published", both(slug), now(slug))


def test_warnings_of_merged_words_ask_once(grace: Site, slug: str):
    save(grace, slug, mine(slug), shipped=then(slug))
    unquoted = both(slug).text.replace(f"```python left\n{QUOTE}\n```\n", "")
    fields = form(grace, slug, "merge") | {"text": unquoted}
    answer = decide(grace, slug, fields)
    assert (answer.status_code, alert(answer)) == (
        400,
        "Nothing was changed yet: look at the warnings. Send it again if it is to be so.",
    )
    assert [told[:43] for told in remarks(answer)] == ["Warning Text, line 5 The note 'The same rou"]
    assert "Publish what is merged with 1 warning" in plain(answer.text)
    again = Form(answer.text, "merge-form").fields
    assert again["text"] == unquoted
    assert again["accepted"] != fields["accepted"]
    ended(grace, slug, decide(grace, slug, again), "The merged words are published")


def test_errors_of_shipped_words_stand_in_the_way_of_taking_them(
    grace: Site, slug: str, monkeypatch: pytest.MonkeyPatch
):
    save(grace, slug, mine(slug), shipped=then(slug))
    broken = replace(now(slug), text=now(slug).text.replace(QUOTE, "nowhere()"))
    monkeypatch.setattr(desk_of(grace).publisher, "wordings", desk_of(grace).publisher.wordings | {slug: broken})
    answer = upgrade(grace, slug)
    assert "With errors they cannot be published from here" in answer.text
    assert "take-form" not in answer.text
    fields = Form(answer.text, "keep-form").fields
    answer = decide(grace, slug, fields, choice="take", accepted="")
    assert (answer.status_code, saved(grace, slug)[0]) == (400, 1)
    ended(grace, slug, decide(grace, slug, fields), "It stays as it is here.")


@pytest.mark.parametrize("known", [True, False], ids=["changed", "new"])
def test_an_archived_topic_stays_off_the_site_or_comes_back(grace: Site, fresh: Callable[[], str], known: bool):
    for choice, state, wording in (
        ("keep", "archived", mine),
        ("take", "published", now),
        ("merge", "published", both),
    ):
        slug = fresh()
        save(grace, slug, mine(slug), "archived", shipped=then(slug) if known else None)
        fields = form(grace, slug, choice)
        typed = {"text": both(slug).text} if choice == "merge" else {}
        said = {"keep": "It stays as it is here.", "take": "It is as in the files now.", "merge": "The merged words"}
        ended(grace, slug, decide(grace, slug, fields, **typed), said[choice])
        assert saved(grace, slug) == (2, state, wording(slug), now(slug))
        assert (shows(grace, slug) is None) == (choice == "keep")


def test_a_topic_that_is_out_of_the_files_stays_or_goes(grace: Site):
    save(grace, "deleted-1", mine("deleted-1"), shipped=then("deleted-1"))
    assert form(grace, "deleted-1", "keep")["shipped"] == ""
    ended(grace, "deleted-1", decide(grace, "deleted-1", form(grace, "deleted-1", "keep")), "It stays as it is here.")
    assert saved(grace, "deleted-1") == (2, "published", mine("deleted-1"), None)
    assert shows(grace, "deleted-1") == EDIT

    save(grace, "deleted-2", mine("deleted-2"), shipped=then("deleted-2"))
    fields = form(grace, "deleted-2", "take")
    assert fields["why"] == "Archived, as it is out of the files."
    assert decide(grace, "deleted-2", fields, choice="merge").status_code == 400
    ended(grace, "deleted-2", decide(grace, "deleted-2", fields), "It is as in the files now.")
    assert saved(grace, "deleted-2") == (2, "archived", mine("deleted-2"), None)
    assert shows(grace, "deleted-2") is None


def test_a_stale_decision_is_refused_and_keeps_what_was_merged(grace: Site, slug: str):
    save(grace, slug, mine(slug), shipped=then(slug))
    typed = {"text": both(slug).text + "\nTyped for an hour.\n", "why": "Long work."}
    fields = form(grace, slug, "merge")
    save(grace, slug, replace(mine(slug), takeaway="Quicker."), author="ada", why="I was quicker.")
    answer = decide(grace, slug, fields, **typed)
    assert answer.status_code == 409
    assert alert(answer).startswith("Nothing was changed: ada saved number 2 meanwhile (I was quicker.).")
    again = Form(answer.text, "merge-form").fields
    assert again == fields | typed | {"based_on": "2"}
    assert saved(grace, slug)[0] == 2
    assert f'href="/admin/topics/{slug}/compare?left=1&right=2"' in html.unescape(answer.text)


def test_other_files_that_came_meanwhile_are_seen_first(grace: Site, slug: str):
    save(grace, slug, mine(slug), shipped=then(slug))
    for choice in ("keep", "take", "merge"):
        fields = form(grace, slug, choice)
        answer = decide(grace, slug, fields, shipped=then(slug).fingerprint)
        assert answer.status_code == 409
        assert alert(answer).startswith("Nothing was changed: other files were deployed meanwhile.")
    assert saved(grace, slug)[0] == 1


def test_a_decision_names_what_is_to_be_done_and_why(grace: Site, slug: str):
    save(grace, slug, mine(slug), shipped=then(slug))
    fields = form(grace, slug, "keep")
    for typed, sentence in (
        ({"choice": "x"}, "Nothing was changed: choose what is to be done."),
        ({"choice": ""}, "Nothing was changed: choose what is to be done."),
        ({"why": " "}, "Nothing was changed: say in a few words why. It stands in the history."),
    ):
        answer = decide(grace, slug, fields, **typed)
        assert (answer.status_code, alert(answer)) == (400, sentence)
    assert saved(grace, slug)[0] == 1
    assert decide(grace, slug, fields).status_code == 303
    answer = decide(grace, slug, fields)
    assert (answer.status_code, alert(answer)) == (
        409,
        "Nothing was changed: there is nothing to decide any more.",
    )
    assert saved(grace, slug)[0] == 2


def test_a_position_that_is_no_number_is_named(grace: Site, slug: str):
    save(grace, slug, mine(slug), shipped=then(slug))
    answer = decide(grace, slug, form(grace, slug, "merge"), position="first")
    assert (answer.status_code, remarks(answer)) == (
        400,
        ["Error Position The position 'first' is no number. Write one such as 30."],
    )
    assert Form(answer.text, "merge-form").fields["position"] == "first"


def test_a_database_that_is_away_gives_what_was_merged_back(grace: Site, slug: str):
    save(grace, slug, mine(slug), shipped=then(slug))
    fields = form(grace, slug, "merge")
    with unwritable(grace):
        answer = decide(grace, slug, fields, text=f"{both(slug).text}\nTyped for an hour.\n")
    assert answer.status_code == 503
    assert "Typed for an hour." in answer.text
    assert shows(grace, slug) == EDIT


def test_an_editor_reads_and_a_publisher_decides(ada: Site, grace: Site, slug: str):
    save(grace, slug, mine(slug), shipped=then(slug))
    answer = upgrade(ada, slug)
    assert "A publisher or an owner decides." in answer.text
    assert choices(answer) == []
    assert decide(ada, slug, form(grace, slug, "keep")).status_code == 403
    assert saved(grace, slug)[0] == 1


def test_a_draft_is_not_part_of_a_decision_and_stays(grace: Site, slug: str):
    save(grace, slug, mine(slug), shipped=then(slug))
    save(grace, slug, replace(mine(slug), takeaway="Half a thought."), "draft")
    assert "The draft number 2 is not part of this." in upgrade(grace, slug).text
    ended(grace, slug, decide(grace, slug, form(grace, slug, "keep")), "It stays as it is here.")
    assert saved(grace, slug) == (3, "published", mine(slug), now(slug))
    assert "Half a thought." in grace.get(f"/admin/topics/{slug}/compare?left=3&right=2").text


def test_moving_a_topic_under_an_older_draft_is_no_news_until_the_draft_is_published(grace: Site, slug: str):
    """Readers see the shipped words of today; only the draft goes back to those of then."""
    save(grace, slug, mine(slug), "draft", shipped=then(slug))
    assert grace.post("/admin/topics/order", data={"slug": slug, "section": "other", "before": ""}).status_code == 303
    assert choices(upgrade(grace, slug)) == []
    assert (shows(grace, slug), saved(grace, slug)[0], saved(grace, slug)[3]) == (SHIPPED, 3, then(slug))
    save(grace, slug, mine(slug))
    assert lede(upgrade(grace, slug)).startswith("The words in the files changed after number 4 was published.")


def test_archiving_a_topic_under_an_older_draft_is_no_news(grace: Site, slug: str):
    save(grace, slug, mine(slug), "draft", shipped=then(slug))
    answer = grace.post(f"/admin/topics/{slug}/archive", data={"why": "Not needed.", "based_on": "1"})
    assert answer.status_code == 303
    assert saved(grace, slug) == (2, "archived", now(slug), now(slug))
    assert choices(upgrade(grace, slug)) == []


def publish(client: Site, slug: str, page: Response) -> Response:
    fields = Form(page.text, "edit").fields | {"button": "publish", "why": "Ready."}
    return client.post(f"/admin/topics/{slug}", data=fields)


def test_a_draft_that_is_older_than_the_files_says_so_before_it_takes_their_place(grace: Site, slug: str):
    save(grace, slug, mine(slug), "draft", shipped=then(slug))
    answer = publish(grace, slug, grace.get(f"/admin/topics/{slug}"))
    assert answer.status_code == 400
    assert shows(grace, slug) == SHIPPED
    [told] = remarks(answer)
    assert told.startswith("Warning Text, line 1 The text in the files changed after this draft was begun")
    assert publish(grace, slug, answer).status_code == 303
    assert shows(grace, slug) == EDIT
    assert choices(upgrade(grace, slug)) == THREE


def test_a_draft_of_the_files_of_today_is_published_at_once(grace: Site, slug: str):
    save(grace, slug, mine(slug), "draft", shipped=now(slug))
    assert publish(grace, slug, grace.get(f"/admin/topics/{slug}")).status_code == 303
    assert shows(grace, slug) == EDIT

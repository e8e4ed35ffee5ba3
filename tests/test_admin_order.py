"""Putting topics in another order: nothing is saved but what has to change, and no words are lost."""

from __future__ import annotations

import html
import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from admins import admin_with, desk_of, in_database, person
from httpx2 import Response
from sites import Site, site_with

from explorer import revisions
from explorer.content.sections import in_order
from explorer.database import Database
from explorer.models import Revision
from explorer.positions import changed_positions
from explorer.wording import Wording

QUIET = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with admin_with(tmp_path_factory.mktemp("order")) as site:
        yield site


def place(site: Site, section: str, **positions: int) -> None:
    """Publish topics of one word each at these positions of a section that is empty but for them."""

    async def publish(database: Database) -> None:
        for name, position in positions.items():
            words = Wording(f"# {name.title()}\n\nA topic.\n", "", section, position, {})
            how = {"author": "test", "why": "First", "based_on": 0}
            await revisions.save(database, name, words, state="published", shipped=None, **how)

    in_database(site, publish)
    site.portal.call(desk_of(site).publisher.refresh)


def save(site: Site, slug: str, words: Wording, state: str, based_on: int, why: str = "Other words") -> None:
    """Save as another process would: this one has not heard of it yet."""

    async def other(database: Database) -> None:
        how = {"author": "ada", "why": why, "based_on": based_on}
        await revisions.save(database, slug, words, state=state, **how)

    in_database(site, other)


def head(site: Site, slug: str, number: int | None = None) -> Revision:
    found = in_database(site, lambda database: revisions.revision_of(database, slug, number))
    assert found is not None
    return found


def latest(site: Site) -> int:
    return in_database(site, revisions.latest)


def move(client: Site, headers: dict[str, str] | None = None, **fields: str) -> Response:
    return client.post("/admin/topics/order", data=fields, headers=headers)


def order(site: Site, section: str) -> list[str]:
    """The topics of a section as the admin lists them; readers see the same."""
    listed = site.get("/admin/topics").text
    part = re.search(rf'data-section="{section}".*?</section>', listed, re.S)
    assert part
    slugs = re.findall(r'data-slug="([^"]+)"', part[0])
    front = [slug for slug in re.findall(r'href="/topics/([a-z0-9-]+)"', site.get("/").text) if slug in slugs]
    assert list(dict.fromkeys(front)) == slugs
    return slugs


def test_a_topic_that_moves_up_is_the_only_one_that_is_saved(grace: Site):
    place(grace, "data", ant=10, bee=20, cat=30)
    before = latest(grace)
    answer = move(grace, slug="cat", move="up")
    assert answer.headers["location"] == "/admin/topics?done=moved#topic-cat"
    assert order(grace, "data") == ["ant", "cat", "bee"]
    assert latest(grace) == before + 1
    moved, was = head(grace, "cat"), head(grace, "cat", 1)
    assert (moved.state, moved.author, moved.why) == ("published", "grace", "Moved to place 2 of 3 in Data")
    assert moved.wording == replace(was.wording, position=15)

    # on through the end of the section into the next one, and back
    for section, slugs in (("data", ["ant", "bee", "cat"]), ("structure", ["cat", "middleware"])):
        move(grace, slug="cat", move="down")
        assert order(grace, section) == slugs
    assert head(grace, "cat").wording == replace(was.wording, section="structure", position=head(grace, "cat").position)
    move(grace, slug="cat", move="up")
    assert order(grace, "data") == ["ant", "bee", "cat"]


def test_at_the_ends_of_the_site_a_topic_stays(grace: Site):
    before = latest(grace)
    assert move(grace, slug="hello-world", move="up").status_code == 303
    assert latest(grace) == before
    place(grace, "ship", zebra=10)
    before = latest(grace)
    assert move(grace, slug="zebra", move="down").status_code == 303
    assert latest(grace) == before


def test_script_names_the_place(grace: Site):
    place(grace, "async", dog=1, eel=2, fox=3)
    answer = move(grace, QUIET, slug="fox", section="async", before="eel")
    assert answer.json() == {"said": "Fox is at place 2 of 3 in Async."}
    assert order(grace, "async") == ["dog", "fox", "eel"]
    changed = {slug for slug in ("dog", "eel", "fox") if head(grace, slug).number > 1}
    assert len(changed) == 2, "there was no room between 1 and 2: one other had to make it"
    assert "fox" in changed
    (other,) = changed - {"fox"}
    assert head(grace, other).why == "Makes room for Fox"
    assert move(grace, QUIET, slug="fox", section="async", before="").json() == {
        "said": "Fox is at place 3 of 3 in Async."
    }
    assert order(grace, "async") == ["dog", "eel", "fox"]


def test_a_shipped_topic_that_moves_remembers_what_was_shipped(grace: Site):
    shipped = desk_of(grace).publisher.wordings["query-parameters"]
    assert move(grace, QUIET, slug="query-parameters", section="tooling", before="").status_code == 200
    assert order(grace, "tooling") == ["query-parameters"]
    revision = head(grace, "query-parameters")
    assert revision.shipped_wording == shipped
    assert revision.wording == replace(shipped, section="tooling")


def test_a_draft_stays_on_top_of_its_topic(grace: Site):
    place(grace, "security", gnu=10, hen=20)
    draft = replace(head(grace, "hen").wording, text="# Hen\n\nHalf a sentence")
    save(grace, "hen", draft, "draft", 1, "Half of it")
    move(grace, slug="hen", move="up")
    assert order(grace, "security") == ["hen", "gnu"]
    published, on_top = head(grace, "hen", 3), head(grace, "hen")
    assert (published.state, published.text) == ("published", "# Hen\n\nA topic.\n")
    assert (on_top.number, on_top.state) == (4, "draft")
    assert on_top.wording == replace(draft, position=published.position)
    assert on_top.why == "The draft of ada, moved along: Half of it"


def test_words_that_another_process_just_published_are_moved_not_lost(grace: Site):
    place(grace, "requests", imp=10, jay=20)
    words = replace(head(grace, "jay").wording, text="# Jay\n\nPublished a moment ago.\n")
    save(grace, "jay", words, "published", 1)
    assert move(grace, QUIET, slug="jay", section="requests", before="imp").status_code == 200
    assert head(grace, "jay").text == "# Jay\n\nPublished a moment ago.\n"
    assert "Published a moment ago." in grace.get("/topics/jay").text


def test_a_topic_that_another_process_just_archived_does_not_come_back(grace: Site):
    place(grace, "start", kid=100, lux=110)
    save(grace, "lux", head(grace, "lux").wording, "archived", 1)
    answer = move(grace, QUIET, slug="lux", section="start", before="kid")
    assert answer.status_code == 409
    assert head(grace, "lux").state == "archived"


@pytest.mark.parametrize(
    "fields",
    [
        {"slug": "nobody", "move": "up"},
        {"slug": "hello-world", "section": "cellar", "before": ""},
        {"slug": "hello-world", "section": "start", "before": "middleware"},
        {"slug": "hello-world", "section": "start", "before": "hello-world"},
        {},
    ],
)
def test_a_place_that_is_not_there_shows_the_order_as_it_is(grace: Site, fields: dict[str, str]):
    before = latest(grace)
    answer = move(grace, **fields)
    assert answer.status_code == 409
    assert "The order changed meanwhile" in answer.text
    assert 'data-slug="hello-world"' in answer.text
    quiet = move(grace, QUIET, **fields)
    assert (quiet.status_code, list(quiet.json())) == (409, ["detail"])
    assert latest(grace) == before


def test_only_publishers_move_topics(site: Site, grace: Site):
    ada = person(site, "ada", "editor")
    before = latest(site)
    assert move(ada, slug="hello-world", move="down").status_code == 403
    assert latest(site) == before
    assert "Move Hello World up" in grace.get("/admin/topics").text
    assert "Move Hello World up" not in ada.get("/admin/topics").text
    assert "Move Hello World up" not in grace.get("/admin/topics?search=hello").text, "neighbours are not all there"


# Sections


def sections(site: Site) -> list[str]:
    """The sections as the admin lists them; readers see those with topics in the same order."""
    listed = re.findall(r'<li id="topic-([a-z]+)"', site.get("/admin/sections").text)
    titles = {section.title: section.id for section in desk_of(site).state.live.current.content.sections}
    menu = re.findall(r"<h2>([^<]+)</h2>\s*<ol>", site.get("/topics/middleware").text)
    shown = [titles[html.unescape(title)] for title in menu if html.unescape(title) in titles]
    assert shown == [name for name in listed if name in shown]
    assert {"start", "structure"} <= set(shown)
    return listed


def test_a_section_moves_with_its_topics_and_is_kept_as_a_revision(grace: Site):
    before = sections(grace)
    at = before.index("structure")
    answer = grace.post("/admin/sections/order", data={"slug": "structure", "move": "up"})
    assert answer.headers["location"] == "/admin/sections?done=placed#topic-structure"
    assert sections(grace) == [*before[: at - 1], "structure", before[at - 1], *before[at + 1 :]]
    quiet = grace.post("/admin/sections/order", data={"slug": "structure", "before": before[0]}, headers=QUIET)
    assert quiet.json() == {"said": f"App structure is at place 1 of {len(before)}."}
    assert sections(grace) == ["structure", *[name for name in before if name != "structure"]]
    topics = [topic.slug for topic in desk_of(grace).state.live.current.content.topics]
    assert topics[0] == "middleware"
    revision = head(grace, "~sections")
    assert (revision.number, revision.author, revision.state) == (2, "grace", "published")
    assert revision.why == f"Moved App structure to place 1 of {len(before)}"
    text = (desk_of(grace).state.settings.content / "sections.toml").read_text()
    assert sorted(revision.text.splitlines()) == sorted(text.splitlines())
    assert revision.text.startswith(text.partition("[[")[0]), "what stands above the sections stays there"

    # it is no topic, and it can be read
    assert grace.get("/admin/topics/~sections").status_code == 404
    assert "~sections" not in grace.get("/admin/topics").text
    assert '<a href="/admin/sections">Order of sections</a>' in grace.get("/admin/revisions?search=sections").text
    assert grace.get(f"/admin/revisions/{revision.id}").status_code == 200

    # an edit of a topic knows the new order, and a new process starts with it
    save(grace, "middleware", replace(desk_of(grace).publisher.wordings["middleware"], position=99), "published", 0)
    grace.portal.call(desk_of(grace).publisher.refresh)
    assert sections(grace)[0] == "structure"
    with site_with(content=desk_of(grace).state.settings.content, data=desk_of(grace).state.settings.data) as other:
        order = [section.id for section in other.state.live.current.content.sections]
        assert order == sections(grace)
    grace.post("/admin/sections/order", data={"slug": "structure", "before": before[at + 1]})
    assert sections(grace) == before


def test_a_section_stays_at_the_ends_and_goes_to_the_end(grace: Site):
    before, latest_before = sections(grace), latest(grace)
    for name, step in ((before[0], "up"), (before[-1], "down")):
        assert grace.post("/admin/sections/order", data={"slug": name, "move": step}).status_code == 303
    assert (sections(grace), latest(grace)) == (before, latest_before)
    grace.post("/admin/sections/order", data={"slug": before[0], "before": ""})
    assert sections(grace) == [*before[1:], before[0]]
    grace.post("/admin/sections/order", data={"slug": before[0], "before": before[1]})
    assert sections(grace) == before


@pytest.mark.parametrize("fields", [{"slug": "cellar", "move": "up"}, {"slug": "data", "before": "cellar"}, {}])
def test_a_section_that_is_not_there_moves_nothing(grace: Site, fields: dict[str, str]):
    before = latest(grace)
    answer = grace.post("/admin/sections/order", data=fields)
    assert (answer.status_code, "The order changed meanwhile." in answer.text) == (409, True)
    quiet = grace.post("/admin/sections/order", data=fields, headers=QUIET)
    assert (quiet.status_code, list(quiet.json())) == (409, ["detail"])
    assert latest(grace) == before


def test_only_publishers_move_sections(site: Site, grace: Site):
    eve = person(site, "eve", "editor")
    assert eve.post("/admin/sections/order", data={"slug": "data", "move": "up"}).status_code == 403
    assert "Move Data up" not in eve.get("/admin/sections").text
    assert "Move Data up" in grace.get("/admin/sections").text


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (["b", "a"], '# Head.\n\n[[sections]] # two\nid = "b"\ntitle = "B"\n\n[[sections]]\nid = "a"\ntitle = "A"\n'),
        (["a", "b"], None),
        ([], None),
        (
            ["gone", "b"],
            '# Head.\n\n[[sections]] # two\nid = "b"\ntitle = "B"\n\n[[sections]]\nid = "a"\ntitle = "A"\n',
        ),
    ],
)
def test_the_file_changes_in_nothing_but_its_order(order: list[str], expected: str | None):
    text = '# Head.\n\n[[sections]]\nid = "a"\ntitle = "A"\n\n[[sections]] # two\nid = "b"\ntitle = "B"\n'
    assert in_order(text, order) == (text if expected is None else expected)


# The numbers


def sorted_by_position(places: list[tuple[str, int]]) -> list[str]:
    return [slug for slug, _ in sorted(places, key=lambda place: (place[1], place[0]))]


def least(order: list[tuple[str, int]], moved: str) -> int:
    """How many others must change at least: found by trying all."""
    others = [n for n, (slug, _) in enumerate(order) if slug != moved]
    for size in range(len(others), -1, -1):
        for kept in itertools.combinations(others, size):
            pairs = itertools.pairwise(kept)
            if all(
                (order[i][1], order[i][0]) < (order[j][1], order[j][0])
                if j == i + 1
                else order[j][1] - order[i][1] >= j - i
                for i, j in pairs
            ):
                return len(others) - size
    return len(others)


def test_positions_give_the_order_and_change_as_little_as_can_be():
    chance = random.Random(5)
    for _ in range(400):
        names = [chr(97 + n) for n in range(chance.randint(1, 6))]
        places = [(name, chance.choice([chance.randint(0, 8), chance.randint(-30, 90)])) for name in names]
        stood = sorted(places, key=lambda place: (place[1], place[0]))
        moved = chance.choice(stood)
        rest = [one for one in stood if one != moved]
        rest.insert(chance.randint(0, len(rest)), moved)
        changed = changed_positions(rest, moved[0])
        after = [(slug, changed.get(slug, position)) for slug, position in rest]
        assert sorted_by_position(after) == [slug for slug, _ in rest], (rest, changed)
        assert len(changed.keys() - {moved[0]}) == least(rest, moved[0]), (rest, changed)
        assert all(changed[slug] != position for slug, position in rest if slug in changed)


def test_positions_of_a_topic_that_is_where_it_was_stay():
    assert changed_positions([("a", 10), ("b", 20), ("c", 30)], "b") == {}
    assert changed_positions([("b", 20), ("a", 10), ("c", 30)], "b") == {"b": 5}
    assert changed_positions([("a", 10), ("c", 30), ("b", 20)], "b") == {"b": 40}
    assert changed_positions([("a", 7)], "a") == {}

"""What a deployment with other files does to topics: the twelve cases, and those in which both sides agree."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.topics import Wording
from explorer.upgrades import Edit, News, Shown, decide

OLD = Wording("# Old\n\nText.\n", "Take.", "start", 10)
NEW = replace(OLD, text="# New\n\nText.\n")
MINE = replace(OLD, takeaway="Mine.", notes={"one": "### Gotcha\n"})


def edited(considered: Wording | None) -> Edit:
    return Edit(MINE, False, considered)


def archived(considered: Wording | None) -> Edit:
    return Edit(MINE, True, considered)


@pytest.mark.parametrize(
    ("shipped", "edit", "live", "news"),
    [
        pytest.param(OLD, None, OLD, None, id="same-unedited"),
        pytest.param(OLD, edited(OLD), MINE, None, id="same-edited"),
        pytest.param(OLD, archived(OLD), None, None, id="same-archived"),
        pytest.param(NEW, None, NEW, None, id="changed-unedited"),
        pytest.param(NEW, edited(OLD), MINE, "changed", id="changed-edited"),
        pytest.param(NEW, archived(OLD), None, "changed", id="changed-archived"),
        pytest.param(None, None, None, None, id="deleted-unedited"),
        pytest.param(None, edited(OLD), MINE, "deleted", id="deleted-edited"),
        pytest.param(None, archived(OLD), None, None, id="deleted-archived"),
        pytest.param(NEW, None, NEW, None, id="new-unedited"),
        pytest.param(NEW, edited(None), MINE, "new", id="new-edited"),
        pytest.param(NEW, archived(None), None, "new", id="new-archived"),
        # both agree, or an editor has decided
        pytest.param(MINE, edited(OLD), MINE, None, id="exported-and-deployed"),
        pytest.param(MINE, archived(OLD), None, "changed", id="archived-after-an-export"),
        pytest.param(NEW, edited(NEW), MINE, None, id="changed-and-kept"),
        pytest.param(None, edited(None), MINE, None, id="made-in-the-admin"),
        pytest.param(None, archived(None), None, None, id="made-in-the-admin-archived"),
    ],
)
def test_what_is_live_and_what_is_told(shipped: Wording | None, edit: Edit | None, live: Wording, news: News | None):
    assert decide(shipped, edit) == Shown(live, news)


def test_words_have_one_fingerprint():
    same = Wording(**{**MINE.as_dict(), "notes": dict(MINE.notes)})  # type: ignore[arg-type]
    assert same == MINE
    assert same.fingerprint == MINE.fingerprint
    assert len({words.fingerprint for words in (OLD, NEW, MINE, replace(MINE, position=11))}) == 4

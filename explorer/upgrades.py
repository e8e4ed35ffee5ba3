"""What is live when a deployment brings other files, and what the admin has to tell about it. Pure: no I/O.

An edit is never overwritten. Who has not edited a topic gets the shipped words, new ones included; who has keeps the
edit, and the admin shows that the shipped text changed until an editor has decided about it.

| shipped text      | unedited         | edited                    | archived                   |
|-------------------|------------------|---------------------------|----------------------------|
| same              | shipped          | the edit                  | not on the site            |
| changed           | shipped (new)    | the edit, told: changed   | not on the site, told      |
| deleted           | not on the site  | the edit, told: deleted   | not on the site            |
| new               | shipped (new)    | the edit, told: new       | not on the site, told      |

Nothing is told where both agree: the shipped words are the edited ones now (somebody exported and committed them), or
a topic is archived and no longer shipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explorer.topics import Wording

News = Literal["changed", "deleted", "new"]


@dataclass(frozen=True, slots=True)
class Edit:
    """What editors decided about a topic last."""

    words: Wording
    archived: bool
    considered: Wording | None
    """The shipped words that the decision takes into account; None if there were none."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a topic shows, and what happened to its shipped text meanwhile."""

    live: Wording | None
    """None: the topic is not on the site."""
    news: News | None
    """What the admin tells: the shipped text changed, was deleted, or is new beside a topic made in the admin."""


def decide(shipped: Wording | None, edit: Edit | None) -> Shown:
    """Return what a topic shows. `shipped` are the words in the files, None if they have no such topic."""
    if edit is None:
        return Shown(shipped, None)
    return Shown(None if edit.archived else edit.words, _news(shipped, edit))


def _news(shipped: Wording | None, edit: Edit) -> News | None:
    if shipped == edit.considered:
        return None
    if shipped is None:
        return None if edit.archived else "deleted"
    if shipped == edit.words and not edit.archived:
        return None
    return "new" if edit.considered is None else "changed"

"""What somebody typed into the editor of a topic: the fields of its form, to words and back.

Keeps every character, also of what cannot be saved: a form is shown again as it was sent. Decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from explorer.errors import Complaint
from explorer.models import Revision
from explorer.topics import Wording

Button = Literal["draft", "publish", "preview"]

NOTES = "notes."
"""Before a variant's id in the name of the field with its notes."""
_VARIANT = re.compile(r"[a-z0-9][a-z0-9+-]{0,99}")
_POSITION = re.compile(r"-?[0-9]{1,9}")
_NUMBER = re.compile(r"[0-9]{1,9}")
_KEPT = re.compile(r"[a-z0-9]{1,40}")


@dataclass(frozen=True, slots=True)
class Typed:
    """The form of the editor."""

    text: str
    takeaway: str
    section: str
    position: str
    notes: Mapping[str, str] = field(default_factory=dict)
    """Variant id to its notes."""
    why: str = ""
    based_on: int = 0
    """The number of the revision that was there when the form was made; -1 stands for what is no number."""
    shipped: str = ""
    """The fingerprint of the words in the files when the form was made."""
    kept: str = ""
    """Under which name the browser keeps what is typed until it is saved."""
    accepted: str = ""
    """The mark of the warnings that were seen and are to be published."""

    @property
    def words(self) -> Wording:
        """Return the words; a position that is no number counts as 0, see `complaint`."""
        position = int(self.position) if _POSITION.fullmatch(self.position.strip()) else 0
        notes = {variant: text for variant, text in self.notes.items() if text}
        return Wording(self.text, self.takeaway, self.section, position, notes)

    @property
    def complaint(self) -> Complaint | None:
        """Return what is wrong with a field that no words can be made of."""
        if _POSITION.fullmatch(self.position.strip()):
            return None
        return Complaint("position", 1, f"the position {self.position[:40]!r} is no number.", "write one such as 30.")


def texts_of(words: Wording | Typed) -> dict[str, str]:
    """Return the fields of words by name, in the order of the form: the text, its place, the notes."""
    notes = {f"{NOTES}{variant}": text for variant, text in sorted(words.notes.items())}
    place = {"section": words.section, "position": str(words.position)}
    return {"text": words.text, "takeaway": words.takeaway} | place | notes


def notes_among(*texts: Mapping[str, str]) -> list[str]:
    """Return the names of fields with notes that any of these have."""
    return sorted({name for fields in texts for name in fields if name.startswith(NOTES)})


def field_title(name: str) -> str:
    """Return what a field is called."""
    return f"Notes of {name.removeprefix(NOTES)}" if name.startswith(NOTES) else name.capitalize()


def typed_of(words: Wording, newest: Revision | None, shipped: Wording | None) -> Typed:
    """Return a fresh form with words in it."""
    number = newest.number if newest else 0
    fingerprint = shipped.fingerprint if shipped else ""
    fields = (words.text, words.takeaway, words.section, str(words.position), words.notes)
    return Typed(*fields, based_on=number, shipped=fingerprint)


def rebased(typed: Typed, newest: Revision | None, shipped: Wording | None) -> Typed:
    """Return a form whose author has seen the newest revision and the shipped words."""
    seen = typed_of(typed.words, newest, shipped)
    return replace(typed, based_on=seen.based_on, shipped=seen.shipped, accepted="")


def read_typed(form: Mapping[str, str]) -> Typed:
    """Read a form that was sent. A field that is missing is empty; names that are none of ours are left out."""
    notes = {name.removeprefix(NOTES): text for name, text in form.items() if name.startswith(NOTES)}
    kept = form.get("kept", "")
    return Typed(
        text=form.get("text", ""),
        takeaway=form.get("takeaway", ""),
        section=form.get("section", ""),
        position=form.get("position", ""),
        notes={variant: text for variant, text in notes.items() if _VARIANT.fullmatch(variant)},
        why=form.get("why", ""),
        based_on=number_of(form.get("based_on", "")),
        shipped=form.get("shipped", "")[:64],
        kept=kept if _KEPT.fullmatch(kept) else "",
        accepted=form.get("accepted", "")[:64],
    )


def number_of(text: str) -> int:
    """Return the number of a revision, -1 for what is none."""
    return int(text) if _NUMBER.fullmatch(text) else -1


def button_of(form: Mapping[str, str]) -> Button:
    """Return which button sent a form; Enter in a field sends it without one, and that changes nothing live."""
    sent = form.get("button", "")
    return "publish" if sent == "publish" else "preview" if sent == "preview" else "draft"

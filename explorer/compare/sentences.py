"""What a comparison says in words: a headline of a few words and one sentence that names the sides.

Knows no topic: a scenario's own words are better where there are some. Plain text, not escaped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from explorer.compare.bodies import read_body
from explorer.compare.differences import Difference
from explorer.compare.effects import COSMETIC, LEAKS, SEVERITY
from explorer.topics import Exchange, Response

TOLD = 2
"""Differences that a sentence names; it counts the others."""

SHOWN = 60
"""Characters of a value in a sentence."""

_PLAIN_STEP = re.compile(r"[\w-]+")


def sentence(left: Exchange, right: Exchange, material: Sequence[Difference], titles: tuple[str, str]) -> str:
    """Return one sentence on what differs between two answers."""
    answers = _answer(left), _answer(right)
    if answers[0] != answers[1] or left.response is None:
        echoes = [any(d.effect == LEAKS and d.kind == kind for d in material) for kind in ("missing", "extra")]
        return _contrast(titles, answers, echoes)
    if not material:
        return f"Both {answers[0]}, the same answer."
    ordered = sorted(material, key=lambda difference: SEVERITY.index(difference.effect))
    phrases = [_phrase(difference, titles) for difference in ordered[:TOLD]]
    more = len(ordered) - TOLD
    if more > 0:
        phrases.append(f"{more} more difference{'s' if more > 1 else ''}")
    return f"Both {answers[0]}; {'; '.join(phrases)}."


def _contrast(titles: tuple[str, str], answers: tuple[str, str], echoes: list[bool]) -> str:
    if answers[0] == answers[1]:
        return f"Both give {answers[0]}."
    sides = zip(titles, answers, echoes, strict=True)
    return ", ".join(f"{title} {answer}{' that echoes the input' * echo}" for title, answer, echo in sides) + "."


def _answer(exchange: Exchange) -> str:
    """Return an answer in two or three words, for example "422 JSON"."""
    response, failure = exchange.response, exchange.failure
    if response is None:
        return f"no answer ({failure.kind})" if failure else "no answer"
    cut = f", cut ({failure.kind})" if failure else ""
    location = response.header("location")
    if 300 <= response.status < 400 and location:
        return f"{response.status} to {_short(location)}{cut}"
    return f"{response.status} {_form(response)}{cut}"


def _form(response: Response) -> str:
    form = read_body(response).form
    if form in ("text", "bytes") and response.media_type not in ("", "text/plain"):
        return response.media_type
    return form or "without a body"


def _phrase(difference: Difference, titles: tuple[str, str]) -> str:
    left, right = (None if text is None else _short(text.strip()) for text in (difference.left, difference.right))
    subject = _subject(difference)
    if difference.effect == LEAKS:
        return f"only {titles[0 if right is None else 1]} echoes the input"
    if difference.kind == "order":
        return f"{subject} in another order"
    if difference.area == "header" or subject.startswith("line "):
        left, right = (None if text is None else f'"{text}"' for text in (left, right))
    if left is None or right is None:
        return f"{subject} only on {titles[0 if right is None else 1]}"
    return f"{subject} is {left} on {titles[0]} and {right} on {titles[1]}"


def _subject(difference: Difference) -> str:
    where = difference.where
    if difference.area == "header":
        return "-".join(part.capitalize() for part in where.split("-"))
    names = difference.kind == "order" and difference.effect == COSMETIC
    if not where.startswith("/"):
        return where or ("the names" if names else "the body")
    steps = where[1:].split("/")
    if all(_PLAIN_STEP.fullmatch(step) for step in steps):
        where = "".join(f"[{step}]" if step.isdecimal() else f".{step}" for step in steps).removeprefix(".")
    return f"the names in {where}" if names else where


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"

"""Exchanges to what a reader sees: two panes, their marks, a headline and a sentence.

Decides what is shown and how it is cut; colours come from `highlight`, differences from `compare`. Sends nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from http import HTTPStatus

from markupsafe import Markup

from explorer.compare import DEFAULT_NOISE, NOISE, Comparison, Difference, compare
from explorer.compare.effects import SEVERITY
from explorer.highlight import body_lines
from explorer.json_text import JsonLine, indent
from explorer.topics import Exchange, Failure, Request, Response
from explorer.views.answers import AnswerPane, Answers, DifferenceView, HeaderRow
from explorer.views.site import SideView

FAILURES: Mapping[str, str] = {
    "timeout": "No answer in time",
    "busy": "The demo is busy",
    "unavailable": "This demo does not run",
    "crashed": "The demo crashed",
    "endless": "The answer was cut",
    "stopped": "Stopped",
}


def build_answers(
    request: Request,
    exchanges: Sequence[Exchange],
    sides: Mapping[str, SideView],
    titles: Mapping[str, str],
    sentence: str | None = None,
    recorded: str | None = None,
    noise: Collection[str] = DEFAULT_NOISE,
) -> Answers:
    """Return the view of one request's exchanges, each compared with the first.

    `titles` maps variant ids to titles; `sentence` replaces the derived one; `recorded` says when they were sent if
    not just now; `noise` are the rules that are on.
    """
    first, *others = exchanges
    comparisons = [compare(first, other, noise) for other in others]
    main = comparisons[0] if comparisons else compare(first, first, noise)
    panes = [
        _pane(exchange, sides[exchange.side], titles[exchange.variant], *_marks(exchanges, comparisons, index))
        for index, exchange in enumerate(exchanges)
    ]
    names = (titles[first.variant], titles[others[0].variant] if others else "")
    return Answers(
        method=request.method,
        target=request.target,
        panes=tuple(panes),
        status_mark=main.area_mark("status"),
        body_mark=main.area_mark("body"),
        mark=main.mark,
        headline=main.headline,
        sentence=sentence or main.sentence(*names),
        differences=tuple(map(difference_view, sorted(main.material, key=lambda d: SEVERITY.index(d.effect)))),
        suppressed=tuple(map(difference_view, main.suppressed)),
        recorded=recorded,
    )


def difference_view(difference: Difference) -> DifferenceView:
    """Return a difference in words."""
    return DifferenceView(
        area=difference.area,
        kind=difference.kind,
        where=difference.where,
        left=difference.left,
        right=difference.right,
        effect=difference.effect,
        noise=_RULES[difference.noise] if difference.noise else None,
    )


_RULES = {rule.id: rule.title for rule in NOISE}

Marks = tuple[frozenset[str], frozenset[str], frozenset[int]]
"""Header names, JSON pointers and line numbers (from 0) that differ, as they are on this pane."""


def _marks(exchanges: Sequence[Exchange], comparisons: Sequence[Comparison], index: int) -> Marks:
    """Collect what to mark in one pane: the first pane shows its differences from the second."""
    if not comparisons:
        return frozenset(), frozenset(), frozenset()
    comparison = comparisons[max(0, index - 1)]
    material = comparison.material
    lines = (d.left_line if index == 0 else d.right_line for d in material)
    places = [(d.area, d.kind, d.left_place if index == 0 else d.right_place) for d in material]
    return (
        frozenset(place for area, _, place in places if area == "header" and place),
        frozenset(place for area, kind, place in places if area == "body" and kind != "order" and place),
        frozenset(line - 1 for line in lines if line is not None),
    )


def _pane(
    exchange: Exchange,
    side: SideView,
    title: str,
    headers: frozenset[str],
    pointers: frozenset[str],
    lines: frozenset[int],
) -> AnswerPane:
    response, failure = exchange.response, exchange.failure
    text = _text(response) if response else ""
    return AnswerPane(
        side=side,
        variant=exchange.variant,
        variant_title=title,
        status=response.status if response else None,
        reason=_reason(response.status) if response else "",
        media_type=response.media_type if response else "",
        size=_size(response) if response else "",
        headers=tuple(HeaderRow(n, v, n.lower() in headers) for n, v in response.headers) if response else (),
        body=_body(response, text, pointers, lines) if response else Markup(),
        raw=text,
        failure=failure.detail if failure else None,
        failure_title=_failure_title(failure),
    )


def _failure_title(failure: Failure | None) -> str | None:
    return FAILURES[failure.kind] if failure else None


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _text(response: Response) -> str:
    """Return the body as text; bytes that are none are described."""
    try:
        return response.body.decode()
    except UnicodeDecodeError:
        if b"\0" not in response.body:
            return response.body.decode(errors="replace")
        return f"Binary, sha256 {hashlib.sha256(response.body).hexdigest()}"


def _size(response: Response) -> str:
    shown, size = _bytes(len(response.body)), _bytes(response.size)
    if not response.truncated:
        return size
    return f"at least {size}" if shown == size else f"{shown} shown of at least {size}"


def _bytes(count: int) -> str:
    return f"{count} B" if count < 10_000 else f"{count / 1024:.0f} KiB"


def _body(response: Response, text: str, pointers: frozenset[str], lines: frozenset[int]) -> Markup:
    if response.media_type.endswith("json") and _is_json(text):
        indented = indent(text)
        differing = _differing(indented, pointers)
        marked = differing if len(differing) < len(indented) else ()
        return body_lines("\n".join(line.text for line in indented), "json", marked)
    language = "html" if response.media_type == "text/html" else "text"
    return body_lines(text.rstrip("\n"), language, lines) if text else Markup()


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _differing(lines: Sequence[JsonLine], pointers: frozenset[str]) -> frozenset[int]:
    """Return the numbers of the lines that hold a value that differs or lies in one.

    That the whole body differs is not marked line by line. What is known of a container is not asked again for each
    value in it: with 25,000 of them 450 levels deep that takes a second.
    """
    known = {pointer: True for pointer in pointers if pointer} | {"": False}

    def differs(pointer: str) -> bool:
        passed = []
        while pointer not in known:
            passed.append(pointer)
            pointer = pointer.rpartition("/")[0]
        known.update(dict.fromkeys(passed, known[pointer]))
        return known[pointer]

    return frozenset(number for number, line in enumerate(lines) if differs(line.pointer or ""))

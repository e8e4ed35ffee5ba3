"""Two sets of headers to differences, one a header and one a cookie.

Fields that occur several times are compared as one list (RFC 9110 5.3), Set-Cookie cookie by cookie.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urljoin, urlsplit

from explorer.compare.differences import Difference, Kind, excerpts
from explorer.compare.effects import effect_of
from explorer.compare.noise import header_noise
from explorer.topics import Exchange, Response

_LISTS = frozenset(
    {
        "accept-ranges",
        "access-control-allow-headers",
        "access-control-allow-methods",
        "access-control-expose-headers",
        "allow",
        "cache-control",
        "connection",
        "vary",
    }
)
"""Headers whose value is a list without order."""

LONGEST = 64
"""Characters of a header's name that its effect may depend on."""

NO_CONTENT = (204, 205, 304)
"""Statuses after which a media type describes nothing."""

Sides = tuple[Exchange, Exchange]

Fields = dict[str, list[tuple[str, str]]]
"""Names in lower case to the names and values as sent."""


def header_differences(left: Exchange, right: Exchange) -> Iterator[Difference]:
    """Yield how the headers of two exchanges differ, by name."""
    ours, theirs = _fields(left.response), _fields(right.response)
    for name in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(name, []), theirs.get(name, [])
        if name == "set-cookie":
            yield from _cookie_differences([v for _, v in one], [v for _, v in other])
        else:
            yield from _field_differences(name, one, other, (left, right))
        if one and other and one[0][0] != other[0][0]:
            yield Difference("header", "value", name, one[0][0], other[0][0], effect_of("form.name"), "header-case")


def _fields(response: Response | None) -> Fields:
    fields: Fields = {}
    for name, value in response.headers if response else ():
        fields.setdefault(name.lower(), []).append((name, value.strip()))
    return fields


def _field_differences(
    name: str, left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]], sides: Sides
) -> Iterator[Difference]:
    ours, theirs = (", ".join(value for _, value in side) if side else None for side in (left, right))
    if ours == theirs:
        return
    kind, aspect = _relation(name, ours, theirs, sides)
    noise = header_noise(name, kind)
    yield Difference("header", kind, name, *excerpts(ours, theirs), effect_of(aspect), noise)


def _relation(name: str, left: str | None, right: str | None, sides: Sides) -> tuple[Kind, str]:
    """Return the kind of a difference and the aspect that decides its effect."""
    aspect = f"header.{name[:LONGEST]}"
    if name == "content-type" and all(side.response and side.response.status in NO_CONTENT for side in sides):
        aspect = "header.content-type.unused"
    if left is None or right is None:
        return "missing" if right is None else "extra", aspect
    if name in _LISTS:
        ours, theirs = (value.replace(" ", "").lower().split(",") for value in (left, right))
        if sorted(ours) == sorted(theirs):
            return ("value" if ours == theirs else "order"), "form.list"
    if name == "content-type" and _same_content_type(left, right):
        return "value", "form.parameters"
    return "value", _target(left, right, sides) if name == "location" else aspect


def _same_content_type(left: str, right: str) -> bool:
    """Tell whether media types are equal and no two charsets contradict each other."""
    (one, *ours), (other, *theirs) = ([part.strip().lower() for part in v.split(";")] for v in (left, right))
    charsets = {part.replace('"', "") for part in (*ours, *theirs) if part.startswith("charset=")}
    return one == other and len(charsets) < 2


def _target(left: str, right: str, sides: Sides) -> str:
    """Return the aspect of two targets of a redirect, as a client that sent the request would follow them."""
    try:
        ours, theirs = (urlsplit(urljoin(s.request.path, v)) for s, v in zip(sides, (left, right), strict=True))
    except ValueError:
        return "header.location"
    if ours == theirs:
        return "form.target"
    one_is_absolute = bool(ours.netloc) != bool(theirs.netloc)
    return "header.location.origin" if one_is_absolute and ours[2:] == theirs[2:] else "header.location"


def _cookie_differences(left: Sequence[str], right: Sequence[str]) -> Iterator[Difference]:
    ours, theirs = _cookies(left), _cookies(right)
    for name in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(name), theirs.get(name)
        if one == other:
            continue
        kind: Kind = "missing" if other is None else "extra" if one is None else "value"
        aspect, noise = "header.set-cookie", None
        if one is not None and other is not None:
            if _attributes(one) == _attributes(other):
                aspect = "form.cookie"
            elif _attributes(one, clock=False) == _attributes(other, clock=False):
                noise = "date"
        yield Difference("header", kind, "set-cookie", *excerpts(one, other), effect_of(aspect), noise)


def _cookies(values: Sequence[str]) -> dict[tuple[str, int], str]:
    """Return cookies by name, and by number where a name is set several times."""
    cookies: dict[tuple[str, int], str] = {}
    for value in values:
        name = value.partition("=")[0].strip()
        number = 0
        while (name, number) in cookies:
            number += 1
        cookies[name, number] = value
    return cookies


def _attributes(cookie: str, *, clock: bool = True) -> tuple[str, dict[str, str]]:
    """Return a cookie's name and value, and its attributes without regard to case; without the clock, Expires is "".

    Where Max-Age is set, Expires is ignored (RFC 6265 5.3).
    """
    pair, *rest = cookie.split(";")
    attributes = {}
    for part in rest:
        name, _, value = part.partition("=")
        attributes[name.strip().lower()] = value.strip() if "path" in name.lower() else value.strip().lower()
    if "expires" in attributes and (not clock or "max-age" in attributes):
        attributes["expires"] = ""
    return pair.strip(), attributes

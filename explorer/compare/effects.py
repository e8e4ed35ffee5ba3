"""What a difference does to whoever reads the answer, as one table of rules.

Knows no exchange: the modules that find a difference name its aspect, for example "header.vary".
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal

Effect = Literal["breaks clients", "leaks data", "changes caching or security", "cosmetic"]

BREAKS: Effect = "breaks clients"
LEAKS: Effect = "leaks data"
GUARDS: Effect = "changes caching or security"
COSMETIC: Effect = "cosmetic"

SEVERITY: tuple[Effect, ...] = (LEAKS, BREAKS, GUARDS, COSMETIC)
"""What a reader is told first."""


@dataclass(frozen=True, slots=True)
class EffectRule:
    """One row of the table; the first row whose pattern matches an aspect decides."""

    pattern: str
    effect: Effect
    why: str


EFFECTS: tuple[EffectRule, ...] = (
    EffectRule("form.*", COSMETIC, "the same meaning in another form"),
    EffectRule("answer.*", BREAKS, "one side gives no complete answer"),
    EffectRule("status.class", BREAKS, "success, redirect and error are different branches in a client"),
    EffectRule("status.4xx", BREAKS, "clients tell the reason of an error by its code"),
    EffectRule("status.3xx", GUARDS, "the code decides whether a redirect is kept and which method follows it"),
    EffectRule("status.*", COSMETIC, "another code of the same class that is not an error of the client"),
    EffectRule("header.content-type", BREAKS, "clients choose a parser by the media type"),
    EffectRule("header.content-type.unused", COSMETIC, "no content follows that it could describe"),
    EffectRule("header.content-encoding", BREAKS, "clients unpack the body by it"),
    EffectRule("header.content-range", BREAKS, "clients put parts together by it"),
    EffectRule("header.allow", BREAKS, "clients ask it which methods they may use"),
    EffectRule("header.location", BREAKS, "clients follow it"),
    EffectRule("header.location.origin", GUARDS, "an absolute target repeats the Host header that the request brought"),
    EffectRule("header.access-control-*", GUARDS, "decides which pages may read the answer"),
    EffectRule("header.cross-origin-*", GUARDS, "isolates pages from each other"),
    EffectRule("header.content-security-policy*", GUARDS, "limits what a page may run"),
    EffectRule("header.content-disposition", GUARDS, "decides between showing and saving"),
    EffectRule("header.*-policy", GUARDS, "a browser policy"),
    EffectRule("header.*-authenticate", GUARDS, "says how to log in"),
    EffectRule("header.x-content-type-options", GUARDS, "stops guessing of media types"),
    EffectRule("header.x-frame-options", GUARDS, "stops framing"),
    EffectRule("header.strict-transport-security", GUARDS, "keeps browsers on HTTPS"),
    EffectRule("header.clear-site-data", GUARDS, "empties the browser's storage"),
    EffectRule("header.set-cookie", GUARDS, "cookies and their attributes carry sessions"),
    EffectRule("header.cache-control", GUARDS, "decides who keeps the answer"),
    EffectRule("header.expires", GUARDS, "decides how long the answer is kept"),
    EffectRule("header.pragma", GUARDS, "old form of Cache-Control"),
    EffectRule("header.age", GUARDS, "says that a cache answered"),
    EffectRule("header.vary", GUARDS, "decides which requests share a cached answer"),
    EffectRule("header.etag", GUARDS, "conditional requests need it"),
    EffectRule("header.last-modified", GUARDS, "conditional requests need it"),
    EffectRule("header.*", COSMETIC, "no client is known to depend on it"),
    EffectRule("body.echo", LEAKS, "an error answer gives back what was sent, into logs and other people's screens"),
    EffectRule("body.*", BREAKS, "another body altogether"),
    EffectRule("json.*", BREAKS, "clients read names, types, values and the order of arrays"),
    EffectRule("line.error", COSMETIC, "the wording of an error page, written for people"),
    EffectRule("line.*", BREAKS, "other content than on the other side"),
)


@lru_cache(maxsize=512)
def effect_of(aspect: str) -> Effect:
    """Return the effect of an aspect by the first rule that matches."""
    return next(rule.effect for rule in EFFECTS if fnmatchcase(aspect, rule.pattern))

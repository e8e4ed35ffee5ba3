"""The visible list of noise rules: what two servers say differently without meaning anything by it.

A rule suppresses, it never hides: a suppressed difference keeps its place and names its rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from explorer.compare.differences import Kind


@dataclass(frozen=True, slots=True)
class NoiseRule:
    """One switch. Rules without headers speak of bodies and are named where such a difference is found."""

    id: str
    title: str
    description: str
    default: bool = True
    """Whether the rule is on unless a reader says otherwise."""
    headers: tuple[str, ...] = ()
    """Header names in lower case that it covers."""
    values_only: bool = False
    """Whether a header on one side only still counts."""


NOISE: tuple[NoiseRule, ...] = (
    NoiseRule(
        "date",
        "Date",
        "The clock at the moment of answering, also as the Expires of a cookie.",
        headers=("date",),
    ),
    NoiseRule("server", "Server", "The name of the server program, not of the framework.", headers=("server", "via")),
    NoiseRule(
        "connection",
        "Connection",
        "How the bytes travel to the next hop: Connection, Keep-Alive, Transfer-Encoding.",
        headers=("connection", "keep-alive", "transfer-encoding"),
    ),
    NoiseRule(
        "content-length",
        "Content-Length",
        "It follows from the body, and the bodies are compared themselves.",
        headers=("content-length",),
    ),
    NoiseRule("header-case", "Capitals in header names", "Header names mean the same in any case."),
    NoiseRule(
        "request-ids",
        "Request ids",
        "Ids that are new for each request. A side that sends none is still told.",
        headers=("x-request-id", "request-id", "x-correlation-id", "x-trace-id", "traceparent"),
        values_only=True,
    ),
    NoiseRule(
        "timing",
        "Measured durations",
        "Durations that the demo measured. A side that sends none is still told.",
        headers=("x-process-time", "x-response-time", "x-runtime", "server-timing"),
        values_only=True,
    ),
    NoiseRule(
        "etag-and-last-modified",
        "Values of ETag and Last-Modified",
        "They are derived from the content. A side that sends none is still told.",
        headers=("etag", "last-modified"),
        values_only=True,
    ),
    NoiseRule("random-ids", "Random ids in JSON", "Two different random UUIDs (version 4) at the same place."),
    NoiseRule("trailing-newline", "Newline at the end", "One side ends its body with a newline."),
    NoiseRule("json-whitespace", "White space in JSON", "Spaces and line breaks between the tokens of a JSON body."),
    NoiseRule(
        "key-order",
        "Order of names in JSON objects",
        "Parsers ignore it, people who read or hash the text do not. Told once for each set of names.",
        default=False,
    ),
)

DEFAULT_NOISE: frozenset[str] = frozenset(rule.id for rule in NOISE if rule.default)

_BY_HEADER = {name: rule for rule in NOISE for name in rule.headers}


def header_noise(name: str, kind: Kind) -> str | None:
    """Return the id of the rule that covers a difference of a header, or None."""
    rule = _BY_HEADER.get(name)
    if rule is None or (rule.values_only and kind in ("missing", "extra")):
        return None
    return rule.id

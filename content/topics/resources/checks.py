"""The form of the site's links, and whose classes the frameworks hand out. No request goes out."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import starlette.responses
import werkzeug.wrappers
from fastapi import responses
from flask import Flask, redirect

TOPICS = Path(__file__).parent.parent


def _links() -> list[tuple[str, str]]:
    """Return all addresses outside of this site that topics name, with the topic."""
    return [
        (path.parent.name, link)
        for path in sorted(TOPICS.glob("[a-z]*/topic.md"))
        for link in re.findall(r"\]\((\w+:[^)\s]+)\)", path.read_text())
        if not link.startswith(("scenario:", "check:"))
    ]


def check_form_of_links() -> None:
    """Every link out of the site is https with a host, without a port, a user or what a tracker adds."""
    for topic, link in _links():
        parts = urlsplit(link)
        assert parts.scheme == "https", (topic, link)
        assert parts.hostname, (topic, link)
        assert parts.netloc == parts.hostname, (topic, link)
        assert not re.search(r"utm_|fbclid|gclid", parts.query), (topic, link)


def check_no_old_versions() -> None:
    """No link leads to the documentation of a numbered release."""
    for topic, link in _links():
        assert not re.search(r"/v?\d+\.(\d+|x)(\.(\d+|x))?/", urlsplit(link).path), (topic, link)


def check_below() -> None:
    """Flask's redirect returns a Werkzeug response; FastAPI's RedirectResponse is Starlette's class."""
    with Flask(__name__).test_request_context():
        assert isinstance(redirect("/"), werkzeug.wrappers.Response)
    assert responses.RedirectResponse is starlette.responses.RedirectResponse

"""The form of the site's links, and whose classes the frameworks hand out. No request goes out."""

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import starlette.responses
import werkzeug.wrappers
from fastapi import FastAPI, Request, responses
from fastapi import Path as PathParameter
from fastapi.testclient import TestClient
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


def check_method_after_redirect() -> None:
    """A client that follows a redirect of its POST sends POST after 307, GET after 302 and 303."""
    app = FastAPI()

    @app.post("/old/{status}")
    def old(status: int) -> responses.RedirectResponse:
        return responses.RedirectResponse("/new", status)

    @app.api_route("/new", methods=["GET", "POST"])
    def new(request: Request) -> str:
        return request.method

    client = TestClient(app)
    assert {status: client.post(f"/old/{status}").json() for status in (302, 303, 307)} == {
        302: "GET",
        303: "GET",
        307: "POST",
    }


def check_path_ge() -> None:
    """With `Path(ge=0)` the number -1 is a 422, and 0 is not."""
    app = FastAPI()

    @app.get("/{number}")
    def show(number: Annotated[int, PathParameter(ge=0)]) -> int:
        return number

    client = TestClient(app)
    assert [client.get(path).status_code for path in ("/-1", "/0")] == [422, 200]


def check_below() -> None:
    """Flask's redirect returns a Werkzeug response; FastAPI's RedirectResponse is Starlette's class."""
    with Flask(__name__).test_request_context():
        assert isinstance(redirect("/"), werkzeug.wrappers.Response)
    assert responses.RedirectResponse is starlette.responses.RedirectResponse

"""Downloads of a topic: chosen scenarios as a pytest file, and everything as a project in a zip.

Both are put together outside of the event loop, a few at a time. What is asked for without choices is kept as long as
the topic stays as it is. The OpenAPI document describes the JSON API, not these.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from explorer.errors import NotFound
from explorer.parity import parity_file, parity_name
from explorer.project import project_zip
from explorer.topics import Scenario, Topic
from explorer.web.api import find_noise, find_scenario, find_topic
from explorer.web.state import State, state_of

router = APIRouter(include_in_schema=False)


@router.api_route("/topics/{slug}/parity.py", methods=["GET", "HEAD"])
async def parity(
    request: Request,
    slug: str,
    scenario: Annotated[list[str] | None, Query()] = None,
    noise: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """Send scenarios, all where none is named, as a pytest file.

    Without `noise` the default rules are on, with `noise=` alone none is.
    """
    state = state_of(request)
    topic = find_topic(state, slug)
    chosen = {find_scenario(topic, name).id for name in scenario or ()}
    scenarios = [s for s in topic.scenarios if (s.id in chosen or not chosen) and s.is_exchange]
    if not scenarios:
        raise NotFound("This topic has no scenarios yet, so there is nothing to compare.")
    rules = find_noise(noise if noise is None else [name for name in noise if name])
    name = parity_name(topic)
    make = partial(_parity, topic, scenarios, rules)
    body = await _made(state, topic, name, make, keep=scenario is None and noise is None)
    return _download(body, "text/x-python; charset=utf-8", name)


@router.api_route("/topics/{slug}/project.zip", methods=["GET", "HEAD"])
async def project(request: Request, slug: str) -> Response:
    """Send a topic as a project that runs without the site."""
    state = state_of(request)
    topic, name = find_topic(state, slug), f"{slug}.zip"
    return _download(await _made(state, topic, name, partial(project_zip, topic), keep=True), "application/zip", name)


def _parity(topic: Topic, scenarios: Sequence[Scenario], noise: Collection[str]) -> bytes:
    return parity_file(topic, scenarios, noise).encode()


async def _made(state: State, topic: Topic, name: str, make: Callable[[], bytes], *, keep: bool) -> bytes:
    """Return a file of a topic: the kept one, or a new one when it is this reader's turn."""

    def made() -> bytes:
        made_for, body = state.downloads.get((topic.slug, name), (None, b""))
        if keep and made_for is topic:
            return body
        body = make()
        if keep:
            state.downloads[topic.slug, name] = topic, body
        return body

    return await state.compose(made)


def _download(body: bytes, media_type: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex",
    }
    return Response(body, 200, headers, media_type)

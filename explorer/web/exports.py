"""Downloads of a topic: chosen scenarios as a pytest file, and everything as a project in a zip.

Both are put together when they are asked for, outside of the event loop, and kept nowhere. The OpenAPI document
describes the JSON API, not these.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from explorer.errors import NotFound
from explorer.parity import parity_file, parity_name
from explorer.project import project_zip
from explorer.web.api import find_noise, find_scenario, find_topic
from explorer.web.state import state_of

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
    topic = find_topic(state_of(request), slug)
    chosen = {find_scenario(topic, name).id for name in scenario or ()}
    scenarios = [s for s in topic.scenarios if s.id in chosen or not chosen]
    if not scenarios:
        raise NotFound("This topic has no scenarios yet, so there is nothing to compare.")
    rules = find_noise(noise if noise is None else [name for name in noise if name])
    text = await run_in_threadpool(parity_file, topic, scenarios, rules)
    return _download(text.encode(), "text/x-python; charset=utf-8", parity_name(topic))


@router.api_route("/topics/{slug}/project.zip", methods=["GET", "HEAD"])
async def project(request: Request, slug: str) -> Response:
    """Send a topic as a project that runs without the site."""
    topic = find_topic(state_of(request), slug)
    return _download(await run_in_threadpool(project_zip, topic), "application/zip", f"{topic.slug}.zip")


def _download(body: bytes, media_type: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex",
    }
    return Response(body, 200, headers, media_type)

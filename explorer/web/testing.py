"""The button that runs the tests a topic shows. A fragment for htmx, the whole page for a browser without script."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from explorer import topics
from explorer.errors import Busy, NotFound
from explorer.live import ran_view
from explorer.networks import network_of
from explorer.views.live import Tests
from explorer.web.api import find_topic
from explorer.web.fragments import send_html, topic_html, wants_fragment
from explorer.web.limits import address_of, count_try
from explorer.web.state import State, state_of

router = APIRouter(include_in_schema=False)


@router.post("/topics/{slug}/tests")
async def run_tests(request: Request, slug: str) -> Response:
    """Run the shown tests of all sides, now. Reads nothing of the request but who sent it."""
    state = state_of(request)
    topic = find_topic(state, slug)
    if not topic.tests:
        raise NotFound("This topic shows no tests that could be run.")
    composer = state.live.current.composer
    action = composer.tests_action(topic)
    reader = network_of(address_of(request.scope))
    try:
        count_try(request)
        runs = await state.tests.run(topic, reader)
    except Busy as error:
        refused = Tests(action, topic.tests, refused=error.detail)
        return await _answer(request, state, topic, refused, error.status, {"Retry-After": str(error.retry_after)})
    return await _answer(request, state, topic, ran_view(topic, runs, composer.sides, action))


async def _answer(
    request: Request,
    state: State,
    topic: topics.Topic,
    tests: Tests,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    if wants_fragment(request):
        return send_html(state.templates.render_fragment("_tests.html", "results", tests), status, headers)
    return send_html(await topic_html(state, topic.slug, tests=tests), status, headers)

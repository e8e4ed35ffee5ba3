"""The request form of a topic's page: sends to all sides, answers with the page's part that shows the answers.

htmx gets a fragment, a browser without script the whole page. Whatever the demos do is a result with status 200.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from explorer import topics
from explorer.errors import Busy, MalformedRequest, UnusableRequest
from explorer.views.answers import Answers, Console
from explorer.web.api import find_scenario, find_topic
from explorer.web.requests import header_lines, usable_request
from explorer.web.state import State, state_of

router = APIRouter(include_in_schema=False)

FIELDS = ("scenario", "method", "path", "query", "headers", "body")


@router.post("/topics/{slug}/try")
async def send(request: Request, slug: str) -> Response:
    """Send the form's request, or a scenario's if one is named, to both sides."""
    state = state_of(request)
    topic = find_topic(state, slug)
    form = await _form(request)
    try:
        wanted, scenario = _wanted(state, topic, form)
        exchanges = await state.running_demos.send(topic, wanted, topic.default_variants)
    except (UnusableRequest, Busy) as error:
        return _problem(request, state, topic, form, error)
    composer = state.live.current.composer
    sentence = scenario.why if scenario else None
    answers = await run_in_threadpool(composer.answers, topic, wanted, exchanges, sentence)
    console = composer.filled_console(topic, wanted, scenario.id if scenario else None)
    return _respond(request, state, topic, console, answers, 200)


async def _form(request: Request) -> FormData:
    """Read the form; only its known text fields are used."""
    try:
        form = await request.form(max_files=0, max_fields=20, max_part_size=512 * 1024)
    except Exception as error:  # every parser error of starlette and python-multipart means the same to the visitor
        if isinstance(error, HTTPException) and error.status_code == 413:
            raise
        raise MalformedRequest("request", "The form cannot be read. Reload the page and send it again.") from error
    return FormData([(key, value) for key, value in form.multi_items() if key in FIELDS and isinstance(value, str)])


def _text(form: FormData, field: str) -> str:
    return str(form.get(field, "")).replace("\r\n", "\n")


def _wanted(state: State, topic: topics.Topic, form: FormData) -> tuple[topics.Request, topics.Scenario | None]:
    if name := _text(form, "scenario"):
        scenario = find_scenario(topic, name)
        return scenario.request, scenario
    request = usable_request(
        _text(form, "method"),
        _text(form, "path"),
        _text(form, "query"),
        header_lines(_text(form, "headers")),
        _text(form, "body"),
        state.settings.try_body_limit,
    )
    return request, next((s for s in topic.scenarios if s.request == request), None)


def _problem(
    request: Request, state: State, topic: topics.Topic, form: FormData, error: UnusableRequest | Busy
) -> Response:
    """Say what is wrong beside the field, with everything that was typed still there."""
    field = error.field if isinstance(error, UnusableRequest) else "request"
    console = state.live.current.composer.filled_console(topic, topics.Request(), None, problem=(field, error.detail))
    typed: dict[str, Any] = {name: _text(form, name) for name in ("method", "path", "query", "headers", "body")}
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, Busy) else None
    return _respond(request, state, topic, replace(console, **typed), None, error.status, headers)


def _respond(
    request: Request,
    state: State,
    topic: topics.Topic,
    console: Console,
    answers: Answers | None,
    status: int,
    headers: dict[str, str] | None = None,
) -> Response:
    all_headers = {"Cache-Control": "no-store", "Vary": "HX-Request", "X-Robots-Tag": "noindex", **(headers or {})}
    if request.headers.get("hx-request") == "true":
        macro, shown = ("results", answers) if answers else ("problem", console)
        html = state.templates.render_fragment("_try.html", macro, shown)
    else:
        catalog = state.live.current
        page = replace(catalog.contexts[topic.slug], console=console, answers=answers)
        html = state.templates.render("topic.html", catalog.site, page)
    return HTMLResponse(html, status, all_headers)

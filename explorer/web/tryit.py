"""The request form of a topic's page: sends to all sides, answers with the page's part that shows the answers.

htmx gets a fragment, a browser without script the whole page. Whatever the demos do is a result with status 200.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from explorer import topics
from explorer.compare import DEFAULT_NOISE
from explorer.consoles import Switches
from explorer.errors import Busy, MalformedRequest, UnusableRequest
from explorer.evidence import run_topic
from explorer.parts import Part
from explorer.scoreboard import build_scoreboard
from explorer.views.answers import Answers
from explorer.web.api import find_noise, find_scenario, find_shims, find_topic, find_variants
from explorer.web.fragments import send_html, topic_html, wants_fragment
from explorer.web.limits import count_try
from explorer.web.requests import header_lines, pieces_wanted, usable_parts, usable_request
from explorer.web.state import State, state_of

router = APIRouter(include_in_schema=False)

FIELDS = (
    "scenario",
    "method",
    "path",
    "query",
    "headers",
    "body",
    "parts",
    "file",
    "leave",
    "before",
    "variants",
    "noise",
    "noise-shown",
    "shims",
    "shims-shown",
)


@router.post("/topics/{slug}/run")
async def run_all(request: Request, slug: str) -> Response:
    """Send every scenario to every variant, now, and show the scoreboard."""
    state = state_of(request)
    topic = find_topic(state, slug)
    count_try(request, cost=len(topic.scenarios))
    composer = state.live.current.composer
    runs = await run_topic(state.running_demos, topic)
    scoreboard = await state.compose(build_scoreboard, topic, runs, composer.sides)
    if wants_fragment(request):
        return send_html(state.templates.render_fragment("_evidence.html", "scoreboard", scoreboard))
    return send_html(await topic_html(state, topic.slug, scoreboard=scoreboard))


@router.post("/topics/{slug}/try")
async def send(request: Request, slug: str) -> Response:
    """Send the form's request, or a scenario's if one is named, to both sides."""
    state = state_of(request)
    topic = find_topic(state, slug)
    form = await read_form(request)
    try:
        with state.metrics.refusals():
            count_try(request)
            asked = read_asked(state, topic, form)
            exchanges = await state.running_demos.send(topic, asked.request, asked.variants, asked.shims, asked.before)
    except (UnusableRequest, Busy) as error:
        return await problem(request, state, topic, form, error)
    state.metrics.count_tries(exchanges)
    answers = await compare_answers(state, topic, asked, exchanges)
    if wants_fragment(request):
        return send_html(state.templates.render_fragment("_try.html", "results", answers))
    composer, scenario = state.live.current.composer, asked.scenario
    switches = Switches(
        asked.noise, [s.id for s in asked.shims], [v.id for v in asked.variants], _before_id(form, scenario)
    )
    console = composer.consoles.fill(topic, asked.request, scenario.id if scenario else None, switches)
    if not scenario:
        console = replace(console, parts=_text(form, "parts"))  # a chosen file is sent once, and stands in no line
    follow = composer.follow(topic, exchanges)
    return send_html(await topic_html(state, topic.slug, console=console, answers=answers, follow=follow))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader's form asks for."""

    request: topics.Request
    scenario: topics.Scenario | None
    """The scenario that the request is."""
    before: Sequence[topics.Step]
    variants: Sequence[topics.Variant]
    noise: Collection[str]
    shims: Sequence[topics.Shim]

    @property
    def sentence(self) -> str | None:
        """Return the scenario's own words where the answers are those it is about."""
        plain = not self.shims and all(variant.is_default for variant in self.variants)
        return self.scenario.why if self.scenario and plain else None


def read_asked(state: State, topic: topics.Topic, form: FormData) -> Asked:
    """Return what a form asks for. Raises UnusableRequest, naming the field."""
    if not topic.default_variants:
        raise UnusableRequest("request", "This topic has no demo that could answer.")
    wanted, scenario, before = _wanted(state, topic, form)
    variants = _chosen(topic, _many(form, "variants"))
    noise, shims = find_noise(_many(form, "noise")), find_shims(state, topic, _many(form, "shims"))
    return Asked(wanted, scenario, before, variants, noise, shims)


async def compare_answers(
    state: State, topic: topics.Topic, asked: Asked, exchanges: Sequence[topics.Exchange]
) -> Answers:
    """Compare and colour answers in a thread, when it is this reader's turn."""
    answers = state.live.current.composer.answers
    return await state.compose(answers, topic, asked.request, exchanges, asked.sentence, None, asked.noise, asked.shims)


async def read_form(request: Request, fields: Collection[str] = FIELDS) -> FormData:
    """Read the form; only its known fields are used, and one file."""
    limit = state_of(request).settings.call_limit
    try:
        async with request.form(max_files=1, max_fields=60, max_part_size=limit) as form:
            known = [(key, await _kept(value)) for key, value in form.multi_items() if key in fields]
    except Exception as error:  # every parser error of starlette and python-multipart means the same to the visitor
        if isinstance(error, HTTPException) and error.status_code == 413:
            raise
        raise MalformedRequest("request", "The form cannot be read. Reload the page and send it again.") from error
    if any(isinstance(value, UploadFile) and key != "file" for key, value in known):
        raise MalformedRequest(
            "request", "The form holds a file where text belongs. Reload the page and send it again."
        )
    return FormData(known)


async def _kept(value: str | UploadFile) -> str | UploadFile:
    """Return a field that can be read when the form is closed."""
    if isinstance(value, str):
        return value
    return UploadFile(BytesIO(await value.read()), filename=value.filename, headers=value.headers)


def _text(form: FormData, field: str) -> str:
    return str(form.get(field, "")).replace("\r\n", "\n")


def _file(form: FormData) -> Part | None:
    """Return the file that was chosen; a browser sends one without a name where none was."""
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    return Part("file", filename=file.filename, type=file.content_type or "", data=file.file.read())


def _many(form: FormData, field: str) -> list[str] | None:
    """Return the ticked boxes of a group, None where the form has no such group."""
    if f"{field}-shown" not in form and field not in form:
        return None
    return [str(value) for value in form.getlist(field)]


def _chosen(topic: topics.Topic, ids: list[str] | None) -> Sequence[topics.Variant]:
    """Return one variant a side: the one named, else the plain one."""
    named = {variant.side.id: variant for variant in find_variants(topic, ids or None)}
    return [named.get(variant.side.id, variant) for variant in topic.default_variants]


def _before_id(form: FormData, scenario: topics.Scenario | None) -> str:
    if scenario:
        return scenario.id if scenario.before else ""
    return _text(form, "before")


Wanted = tuple[topics.Request, topics.Scenario | None, tuple[topics.Step, ...]]
"""A request, the scenario that it is, and the steps that are sent before it."""


def _wanted(state: State, topic: topics.Topic, form: FormData) -> Wanted:
    if name := _text(form, "scenario"):
        scenario = find_scenario(topic, name)
        return scenario.request, scenario, scenario.before
    before = find_scenario(topic, name).before if (name := _text(form, "before")) else ()
    limit = state.settings.try_body_limit
    request = usable_request(
        _text(form, "method"),
        _text(form, "path"),
        _text(form, "query"),
        header_lines(_text(form, "headers")),
        _text(form, "body"),
        limit,
        usable_parts(_text(form, "parts").split("\n"), _file(form), limit),
        topic.methods,
    )
    if topic.live:
        request = replace(request, leave=pieces_wanted(_text(form, "leave"), state.settings.live_pieces))
    same = (s for s in topic.scenarios if (s.request, s.before) == (request, before))
    return request, next(same, None), before


async def problem(
    request: Request, state: State, topic: topics.Topic, form: FormData, error: UnusableRequest | Busy
) -> Response:
    """Say what is wrong beside the field, with everything that was typed still there."""
    field = error.field if isinstance(error, UnusableRequest) else "request"
    consoles = state.live.current.composer.consoles
    noise = _many(form, "noise")
    switches = Switches(
        DEFAULT_NOISE if noise is None else noise,
        _many(form, "shims") or (),
        _many(form, "variants") or (),
        _text(form, "before"),
    )
    wrong = (field, error.detail)
    if scenario := topic.scenario(_text(form, "scenario")):  # a preset's button sends nothing else
        switches = replace(switches, before=_before_id(form, scenario))
        console = consoles.fill(topic, scenario.request, scenario.id, switches, wrong)
    else:
        typed: dict[str, Any] = {
            name: _text(form, name) for name in ("method", "path", "query", "headers", "body", "parts", "leave")
        }
        console = replace(consoles.fill(topic, topics.Request(), None, switches, wrong), **typed)
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, Busy) else None
    if wants_fragment(request):
        html = state.templates.render_fragment("_try.html", "problem", console)
    else:
        html = await topic_html(state, topic.slug, console=console, answers=None)
    return send_html(html, error.status, headers)

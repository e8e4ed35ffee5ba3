"""The JSON API: topics with their files and scenarios, one request to all sides, search.

Every try-it answers 200 with an envelope whatever the demos did; problems of the call itself are problem+json.
Uses no cookie and changes nothing, so other sites' scripts and command lines may call it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from explorer import topics
from explorer.compare import DEFAULT_NOISE, NOISE
from explorer.errors import NotFound, UnusableRequest
from explorer.search import QUERY_LIMIT
from explorer.shims import offered
from explorer.web.api_models import (
    ExchangeModel,
    ExchangesModel,
    FailureModel,
    HitModel,
    HitsModel,
    RequestModel,
    ResponseModel,
    ScenarioModel,
    SideModel,
    TopicModel,
    TopicsModel,
    TopicSummary,
    TryModel,
    VariantModel,
)
from explorer.web.limits import count_try
from explorer.web.requests import usable_parts, usable_request
from explorer.web.state import State, state_of

router = APIRouter(prefix="/api", tags=["api"])

Problem = {"content": {"application/problem+json": {}}, "description": "What is wrong, where, and the mend."}
PROBLEMS: dict[int | str, dict[str, Any]] = dict.fromkeys((400, 404, 413, 422, 429, 503), Problem)


@router.get("/topics")
async def list_topics(request: Request) -> TopicsModel:
    """List sides and topics."""
    catalog = state_of(request).live.current
    sides = [SideModel(id=s.id, title=s.title, version=s.version) for s in catalog.site.sides]
    return TopicsModel(sides=sides, topics=[_summary(state_of(request), t) for t in catalog.topics.values()])


@router.get("/topics/{slug}", responses={404: Problem, 422: Problem})
async def get_topic(request: Request, slug: str) -> TopicModel:
    """Return a topic's variants, files and scenarios."""
    state = state_of(request)
    topic = find_topic(state, slug)
    page = await state.compose(state.live.current.context, slug)
    marks = {scenario.id: scenario.mark for scenario in page.console.scenarios}
    return TopicModel(
        **_summary(state, topic).model_dump(),
        summary=page.description,
        takeaway=page.takeaway.striptags(),
        demos=[
            VariantModel(
                id=v.id,
                side=v.side.id,
                title=v.title,
                mount=state.templates.url(f"/demos/{slug}/{v.id}/"),
                files={file.path: file.text for file in v.files},
            )
            for v in topic.variants
        ],
        requests=[
            ScenarioModel(id=s.id, kind=s.kind, title=s.title, why=s.why, mark=marks[s.id], request=_request(s.request))
            for s in topic.scenarios
        ],
    )


@router.post("/topics/{slug}/try", responses=PROBLEMS)
async def try_topic(request: Request, slug: str, call: TryModel) -> ExchangesModel:
    """Send one request to the demos of a topic and return every answer."""
    state = state_of(request)
    topic = find_topic(state, slug)
    with state.metrics.refusals():
        count_try(request)
        wanted, before = _wanted(state, topic, call), _before(topic, call)
        shims, variants = find_shims(state, topic, call.shims), find_variants(topic, call.variants)
        exchanges = await state.running_demos.send(topic, wanted, variants, shims, before)
    state.metrics.count_tries(exchanges)
    return ExchangesModel(exchanges=[_exchange(exchange) for exchange in exchanges])


@router.get("/search", responses={422: Problem})
async def search(request: Request, q: Annotated[str, Query(max_length=QUERY_LIMIT)] = "") -> HitsModel:
    """Find topics, headings and lines of code."""
    state = state_of(request)
    hits = await state.compose(lambda: state.live.current.search.search(q))
    return HitsModel(
        query=q,
        hits=[
            HitModel(
                kind=hit.kind,
                title=str(hit.title),
                context=hit.context,
                url=hit.url,
                side=hit.side.position if hit.side else None,
                mark=hit.mark,
            )
            for hit in hits
        ],
    )


def find_topic(state: State, slug: str) -> topics.Topic:
    """Return a topic of the catalog. Raises NotFound."""
    topic = state.live.current.topics.get(slug)
    if topic is None:
        raise NotFound("There is no topic with this slug. GET /api/topics lists them.")
    return topic


def find_scenario(topic: topics.Topic, scenario_id: str) -> topics.Scenario:
    """Return a scenario of a topic. Raises UnusableRequest."""
    scenario = topic.scenario(scenario_id)
    if scenario is None:
        names = ", ".join(s.id for s in topic.scenarios)
        raise UnusableRequest("scenario", f"The topic has no scenario with this id. Use one of {names}.")
    return scenario


def find_noise(ids: Sequence[str] | None) -> frozenset[str]:
    """Return the noise rules that are on: those named, the default ones if none is. Raises UnusableRequest."""
    if ids is None:
        return DEFAULT_NOISE
    known = [rule.id for rule in NOISE]
    if not set(ids) <= set(known):
        raise UnusableRequest("noise", f"There is no such rule. Use some of {', '.join(known)}.")
    return frozenset(ids)


def find_shims(state: State, topic: topics.Topic, ids: Sequence[str] | None) -> tuple[topics.Shim, ...]:
    """Return the shims named, in the order in which the topic offers them. Raises UnusableRequest."""
    shims = offered(state.live.current.content.shims, topic)
    if not set(ids or ()) <= {shim.id for shim in shims}:
        names = ", ".join(shim.id for shim in shims) or "none"
        raise UnusableRequest("shims", f"The topic does not offer such a shim. It offers {names}.")
    return tuple(shim for shim in shims if shim.id in (ids or ()))


def _before(topic: topics.Topic, call: TryModel) -> tuple[topics.Step, ...]:
    name = call.before or call.scenario
    return find_scenario(topic, name).before if name else ()


def _wanted(state: State, topic: topics.Topic, call: TryModel) -> topics.Request:
    if (call.scenario is None) == (call.request is None):
        raise UnusableRequest("request", "Send either `scenario` or `request`, not both and not neither.")
    if call.scenario is not None:
        return find_scenario(topic, call.scenario).request
    wanted = call.request or RequestModel()
    pairs = list(wanted.headers.items()) if isinstance(wanted.headers, dict) else wanted.headers
    limit = state.settings.try_body_limit
    parts = usable_parts(wanted.parts, None, limit)
    return usable_request(wanted.method, wanted.path, wanted.query, pairs, wanted.body, limit, parts, topic.methods)


def find_variants(topic: topics.Topic, ids: Sequence[str] | None) -> Sequence[topics.Variant]:
    """Return the variants named, the plain ones if none is. Raises UnusableRequest."""
    if ids is None:
        return topic.default_variants
    found = {variant.id: variant for variant in topic.variants}
    unknown = [name for name in ids if name not in found]
    if unknown or len(set(ids)) < len(ids):
        raise UnusableRequest("variants", f"Name each variant once. This topic has {', '.join(found)}.")
    return [found[name] for name in ids]


def _summary(state: State, topic: topics.Topic) -> TopicSummary:
    link = state.live.current.composer.links[topic.slug]
    return TopicSummary(
        slug=topic.slug,
        title=topic.title,
        section=topic.section.id,
        url=link.url,
        mark=link.mark,
        variants=[variant.id for variant in topic.variants],
        scenarios=[scenario.id for scenario in topic.scenarios],
    )


def _request(request: topics.Request) -> RequestModel:
    return RequestModel(
        method=request.method,
        path=request.path,
        query=request.query,
        headers=list(request.headers),
        body=request.body,
        parts=[part.line for part in request.parts],
    )


def _exchange(exchange: topics.Exchange) -> ExchangeModel:
    response, failure = exchange.response, exchange.failure
    return ExchangeModel(
        side=exchange.side,
        variant=exchange.variant,
        request=_request(exchange.request),
        response=ResponseModel(
            status=response.status,
            headers=list(response.headers),
            body=response.body.decode(errors="replace"),
            size=response.size,
            truncated=response.truncated,
        )
        if response
        else None,
        error=FailureModel(kind=failure.kind, detail=failure.detail) if failure else None,
    )

"""The evidence over HTTP: the filtered atlas as a page, claims and differences as JSON.

The unfiltered pages are prepared and served by `pages`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from explorer.atlas import Chosen
from explorer.catalog import Catalog
from explorer.web.api import Problem
from explorer.web.api_models import ClaimModel, ClaimsModel, DifferenceModel, DifferencesModel
from explorer.web.fragments import send_html, wants_fragment
from explorer.web.state import State, state_of

router = APIRouter()

Effect = Literal["", "breaks clients", "leaks data", "changes caching or security", "cosmetic"]
Area = Literal["", "status", "header", "body"]
Status = Literal["", "changes", "same"]


@router.get("/differences/filter", include_in_schema=False)
async def filtered(
    request: Request,
    effect: Effect = "",
    area: Area = "",
    status: Status = "",
    topic: Annotated[str, Query(max_length=100)] = "",
    page_number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Response:
    """Show a page of the differences that fit; htmx gets the list alone."""
    state = state_of(request)
    chosen = Chosen(effect, area, status, topic, page_number)
    return send_html(await state.compose(_atlas_html, state, chosen, wants_fragment(request)))


@router.get("/api/differences", tags=["api"], responses={422: Problem})
async def differences(
    request: Request, effect: Effect = "", area: Area = "", status: Status = "", topic: str = ""
) -> DifferencesModel:
    """List the differences that the scenarios produce, the worst effect first."""
    state = state_of(request)
    return await state.compose(_differences, state.live.current, Chosen(effect, area, status, topic))


@router.get("/api/claims", tags=["api"])
async def claims(request: Request) -> ClaimsModel:
    """List every claim with its evidence, whether it holds, and the versions and day it was checked with."""
    state = state_of(request)
    return await state.compose(_claims, state.live.current)


def _atlas_html(state: State, chosen: Chosen, fragment: bool) -> str:
    catalog = state.live.current
    page = catalog.atlas.page(catalog.site.sides, chosen)
    if fragment:
        return state.templates.render_fragment("_evidence.html", "differences", page)
    return state.templates.render("differences.html", catalog.site, page)


def _differences(catalog: Catalog, chosen: Chosen) -> DifferencesModel:
    return DifferencesModel(
        total=catalog.atlas.total,
        differences=[
            DifferenceModel(
                topic=row.topic.slug,
                scenario=row.scenario,
                statuses=row.statuses,
                area=row.difference.area,
                kind=row.difference.kind,
                where=row.difference.where,
                left=row.difference.left,
                right=row.difference.right,
                effect=row.difference.effect,
            )
            for row in catalog.atlas.rows(chosen)
        ],
    )


def _claims(catalog: Catalog) -> ClaimsModel:
    ledger = catalog.ledger
    rows = [(topic.topic.slug, row) for topic in ledger.topics for row in topic.claims]
    return ClaimsModel(
        versions=dict(catalog.site.packages),
        python=catalog.site.python,
        tested=catalog.site.tested,
        holding=ledger.holding,
        broken=ledger.broken,
        claims=[
            ClaimModel(
                id=row.id,
                topic=slug,
                lead=row.lead,
                text=row.text,
                evidence=row.evidence,
                holds=row.holds,
                detail=row.detail,
            )
            for slug, row in rows
        ],
    )

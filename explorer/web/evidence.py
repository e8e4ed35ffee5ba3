"""The evidence over HTTP: the filtered atlas as a page, claims and differences as JSON.

The unfiltered pages are prepared and served by `pages`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from explorer.atlas import Chosen
from explorer.web.api import Problem
from explorer.web.api_models import ClaimModel, ClaimsModel, DifferenceModel, DifferencesModel
from explorer.web.fragments import send_html, wants_fragment
from explorer.web.state import state_of

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
    catalog = state.live.current
    page = catalog.atlas.page(catalog.site.sides, Chosen(effect, area, status, topic, page_number))
    if wants_fragment(request):
        html = state.templates.render_fragment("_evidence.html", "differences", page)
    else:
        html = state.templates.render("differences.html", catalog.site, page)
    return send_html(html)


@router.get("/api/differences", tags=["api"], responses={422: Problem})
async def differences(
    request: Request, effect: Effect = "", area: Area = "", status: Status = "", topic: str = ""
) -> DifferencesModel:
    """List the differences that the scenarios produce, the worst effect first."""
    atlas = state_of(request).live.current.atlas
    return DifferencesModel(
        total=atlas.total,
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
            for row in atlas.rows(Chosen(effect, area, status, topic))
        ],
    )


@router.get("/api/claims", tags=["api"])
async def claims(request: Request) -> ClaimsModel:
    """List every claim with its evidence, whether it holds, and the versions and day it was checked with."""
    catalog = state_of(request).live.current
    rows = [(topic.topic.slug, row) for topic in catalog.ledger.topics for row in topic.claims]
    return ClaimsModel(
        versions=dict(catalog.site.packages),
        python=catalog.site.python,
        tested=catalog.site.tested,
        holding=catalog.ledger.holding,
        broken=catalog.ledger.broken,
        claims=[
            ClaimModel(id=row.id, topic=slug, text=row.text, evidence=row.evidence, holds=row.holds, detail=row.detail)
            for slug, row in rows
        ],
    )

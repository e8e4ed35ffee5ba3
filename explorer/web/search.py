"""The search page, which also works without script."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from explorer.search import HIT_LIMIT, QUERY_LIMIT
from explorer.views.pages import SearchPage
from explorer.web.state import state_of

router = APIRouter(include_in_schema=False)


@router.api_route("/search", methods=["GET", "HEAD"])
async def search(request: Request) -> Response:
    """Show what a query finds."""
    query = request.query_params.get("q", "")[:QUERY_LIMIT]
    state = state_of(request)
    catalog = state.live.current
    hits = await state.compose(lambda: catalog.search.search(query, HIT_LIMIT + 1))
    page = SearchPage(query, hits[:HIT_LIMIT], len(hits) > HIT_LIMIT)
    html = state.templates.render("search.html", catalog.site, page)
    return HTMLResponse(html, headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})

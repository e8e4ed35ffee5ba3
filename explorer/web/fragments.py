"""Answers that depend on the request and may be a part of a page: what htmx swaps in, or the whole for a browser."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from explorer.web.state import State

HEADERS = {"Cache-Control": "no-store", "Vary": "HX-Request", "X-Robots-Tag": "noindex"}


def wants_fragment(request: Request) -> bool:
    """Tell whether htmx asks for a part. On the way back through the history it needs the whole page."""
    headers = request.headers
    return headers.get("hx-request") == "true" and "hx-history-restore-request" not in headers


def send_html(html: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return HTML that no cache keeps and no search engine lists."""
    return HTMLResponse(html, status, HEADERS | (headers or {}))


async def topic_html(state: State, slug: str, **parts: Any) -> str:
    """Return a topic's whole page with some of its parts replaced by what a reader just did."""
    catalog = state.live.current
    return await state.compose(
        lambda: state.templates.render("topic.html", catalog.site, replace(catalog.context(slug), **parts))
    )

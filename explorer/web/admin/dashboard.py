"""The start of the admin: what needs work, and what changed last."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from explorer import audit
from explorer.web.admin.desk import desk_of
from explorer.web.admin.pages import page


async def dashboard(request: Request) -> Response:
    """Show what needs work."""
    changes = await audit.entries(desk_of(request).database, limit=10)
    return page(request, "admin/dashboard.html", {"changes": changes})

"""What search engines ask for: which parts of the site are for them, and the addresses of its pages.

One address for each topic and each page of the evidence; nothing that is made of what somebody typed.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from fastapi import APIRouter, Request
from starlette.responses import Response

from explorer.web.sending import Checked
from explorer.web.state import state_of

router = APIRouter(include_in_schema=False)

_OTHER = re.compile(r"\.|/claims/")
CLOSED = ("/admin/", "/api/", "/demos/", "/preview/", "/search", "/differences/filter")


@router.api_route("/robots.txt", methods=["GET", "HEAD"])
async def robots(request: Request) -> Response:
    """Tell what is for people only, and where the list of pages is."""
    root = state_of(request).settings.root_path
    lines = ["User-agent: *", *(f"Disallow: {root}{path}" for path in CLOSED), f"Sitemap: {_site(request)}/sitemap.xml"]
    return Checked("\n".join(lines) + "\n", "text/plain")


@router.api_route("/sitemap.xml", methods=["GET", "HEAD"])
async def sitemap(request: Request) -> Response:
    """List every page that is prepared, but no page's other form and no page of what another one lists."""
    site, pages = _site(request), state_of(request).live.current.pages
    urls = "".join(f"<url><loc>{escape(site + path)}</loc></url>" for path in pages if not _OTHER.search(path))
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}'
    return Checked(f"{text}</urlset>\n", "application/xml")


def _site(request: Request) -> str:
    """Return the address of the site as the client has it; allowed hosts decide what it may be."""
    return f"{request.url.scheme}://{request.url.netloc}{state_of(request).settings.root_path}"

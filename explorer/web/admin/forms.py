"""Reads forms as plain text fields. Knows no form in particular."""

from __future__ import annotations

from starlette.requests import Request

PART = 2 * 1024 * 1024
"""Bytes of one field in a multipart form; longer ones are refused with 400."""


async def read_form(request: Request) -> dict[str, str]:
    """Return the text fields of a form, with line feeds only; of repeated names the last, no files.

    Raises HTTPException 400 for a form that cannot be read. May be called again.
    """
    form = await request.form(max_part_size=PART)
    return {name: _lines(value) for name, value in form.multi_items() if isinstance(value, str)}


def from_script(request: Request) -> bool:
    """Tell whether script sent a form: it is answered with JSON and the page stays as it is."""
    return "application/json" in request.headers.get("accept", "")


def _lines(text: str) -> str:
    """Return text as it is kept: browsers send CRLF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")

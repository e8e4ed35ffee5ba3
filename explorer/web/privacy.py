"""The privacy page: what this server keeps of people, for how long, taken from the code and settings that do it.

What a proxy in front or the host keeps is not known here, and the page says so.
"""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from explorer import expiry, presence, sessions, shares, throttle
from explorer.demos.visits import VISIT_SECONDS
from explorer.settings import Settings
from explorer.views.pages import PrivacyPage, Stored
from explorer.web.sending import Checked
from explorer.web.state import state_of

router = APIRouter(include_in_schema=False)

STORED = (
    Stored("theme", "light or dark, if you chose one", "", "Theme at the top of each page, until it says system"),
    Stored("view", "which layout of the code you chose", "", "the layout switch: any choice replaces the one before"),
    Stored("tab", "which side you look at on a small screen", "", "the same switch on a small screen"),
    Stored("keys", "off, if you switched single-key shortcuts off", "", "the box under Keys in the footer"),
    Stored("tried", "requests you sent in Try it and their answers", "1 MB, 20 a page", "Tried on this page"),
    Stored("recent", "topics you read last, for the search dialog", "6 topics", "the browser's settings for this site"),
    Stored("checklist", "steps you ticked on the checklist", "", "Clear all ticks at the top of the checklist"),
    Stored("words:…", "editors only: text that is not saved yet", "until it is saved", "saving, or dropping it"),
)
"""Every key of local storage that the scripts use."""


@router.api_route("/privacy", methods=["GET", "HEAD"])
async def privacy(request: Request) -> Response:
    """Show what is kept."""
    state = state_of(request)
    html = state.templates.render("privacy.html", state.live.current.site, page_of(state.settings))
    return Checked(html, "text/html")


def page_of(settings: Settings) -> PrivacyPage:
    """Return what the page says under these settings."""
    return PrivacyPage(
        stored=STORED,
        rates=tuple(rate for rate in (settings.try_rate, settings.request_rate) if rate),
        requests_logged=settings.log_level in ("debug", "info"),
        metrics=settings.metrics_port > 0,
        visit=_words(timedelta(seconds=VISIT_SECONDS)),
        idle=_words(sessions.IDLE),
        longest=_words(sessions.LONGEST),
        guesses=_words(throttle.FORGOTTEN),
        sweep=_words(timedelta(seconds=expiry.EVERY)),
        presence=_words(presence.LASTS),
        share=_words(timedelta(days=max(shares.DAYS))),
    )


def _words(duration: timedelta) -> str:
    """Return a duration as people say it, in the largest unit that fits."""
    seconds = int(duration.total_seconds())
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}{'s' if seconds > size else ''}"
    return f"{seconds} seconds"

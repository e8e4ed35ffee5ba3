"""Puts the site together: the only place where every object is built and handed on.

Importing this module starts nothing; `create_app` builds, the lifespan loads demos and catalog.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from explorer import ending, expiry
from explorer.assets import load_assets
from explorer.catalog import Catalog, LiveCatalog
from explorer.content import KnownTopics, load_content
from explorer.database import Database
from explorer.demos import Demos, Limits, LiveLimits
from explorer.kept import Shelf
from explorer.kept_pages import KeptPages
from explorer.listener import listen
from explorer.metrics import Metrics, Reading
from explorer.publisher import Publisher
from explorer.results import gather_results
from explorer.settings import ROOT, Settings
from explorer.templating import Templates
from explorer.web import (
    api,
    crawlers,
    evidence,
    exports,
    follow,
    health,
    mounts,
    privacy,
    problems,
    search,
    testing,
    tryit,
)
from explorer.web.admin import panel
from explorer.web.frames import FOLDERS
from explorer.web.headers import SecurityHeaders
from explorer.web.limits import Limits as RequestLimits
from explorer.web.pages import Pages, ReadyPages
from explorer.web.prefix import Prefix
from explorer.web.request_log import RequestLog
from explorer.web.state import State

logger = logging.getLogger("explorer")

WARM = 2.0
"""Seconds after which the pages of a new catalog are made: who reads just after a start or a save goes first."""


def create_app(settings: Settings | None = None) -> ASGIApp:
    """Return the site as an ASGI application, which this process runs until it ends.

    Settings come from the environment unless given.
    """
    return build_site(settings or Settings(), for_good=True)[0]


def build_site(settings: Settings, for_good: bool = False) -> tuple[ASGIApp, State]:
    """Return the site with its state, for benchmarks and tests that look inside.

    `for_good` says that this process runs no other site: what the start loaded is not walked again for garbage.
    """
    assets = load_assets(ROOT / "static")
    root_path = settings.root_path
    templates = Templates(
        ROOT / "templates", lambda name: f"{root_path}{assets.path(name)}", root_path, settings.try_body_limit
    )
    live = LiveCatalog()
    metrics = Metrics(lambda: _read(state, publisher) if live.ready else None)
    state = State(settings, assets, templates, live, metrics)
    publisher = Publisher(Database(settings.database), live, metrics.publish_lag.observe)
    state.database_problem = publisher.complain
    state.unreadable = publisher.unreadable
    app = FastAPI(
        title="Two Routes",
        description="Send one request to a Flask and a FastAPI demo and read both answers.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        servers=[{"url": root_path}] if root_path else None,
        lifespan=partial(_lifespan, state=state, publisher=publisher, for_good=for_good),
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.explorer = state
    for part in (api, evidence, exports, tryit, follow, testing, search, privacy, health, crawlers):
        app.include_router(part.router)
    app.router.routes.extend(mounts.routes)
    problems.install(app, {"/admin/": panel.install(app, state, publisher)})
    return _around(app, state), state


def _around(app: FastAPI, state: State) -> ASGIApp:
    """Put the layers around the router, innermost first. Outside of FastAPI's own stack, pages never enter it."""
    settings = state.settings
    pages = Pages(RequestLimits(app, state, problems.refusing(app)), state)
    site: ASGIApp = pages
    if settings.allowed_hosts != ("*",):
        site = TrustedHostMiddleware(site, allowed_hosts=list(settings.allowed_hosts), www_redirect=False)
    # refusals and faults of everything inside get the headers too
    log = RequestLog(site, problems.last_resort(app), state.metrics.count_request)
    shared = tuple(f"/static/{state.assets.version}/{folder}" for folder in FOLDERS)
    headers = SecurityHeaders(log, settings.root_path, shared, partial(mounts.frame_of, state))
    site = ReadyPages(headers, pages, state.live, log, settings.names_host)
    return Prefix(site, settings.root_path) if settings.root_path else site


@asynccontextmanager
async def _lifespan(app: FastAPI, state: State, publisher: Publisher, for_good: bool) -> AsyncIterator[None]:
    settings = state.settings
    app.openapi()  # makes the routes now: not for the first reader, on the loop, while threads load demos
    with ending.at_once():
        await _start(state, publisher)
        if for_good:
            gc.collect()
            gc.freeze()
    keeping = [publisher.watch(), state.lag.watch(), expiry.keep_sweeping(publisher.database)]
    if settings.warm:
        keeping.append(_keep_warm(state))
    running = [asyncio.create_task(work) for work in keeping]
    metrics = None
    if port := settings.metrics_port:
        metrics = listen(state.metrics.registry, settings.metrics_host, port, settings.workers)
        state.metrics_problem = None if metrics else "No port is free for the metrics."
    try:
        yield
    finally:
        if metrics:
            await asyncio.to_thread(metrics.close)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await publisher.database.close()
        state.running_demos.close()


async def _start(state: State, publisher: Publisher) -> None:
    """Read the content, run what was not run before, and put the edits on top: the site can be read then."""
    settings = state.settings
    content = load_content(settings.content, KnownTopics(settings.answers / "topics"))
    state.demos = _demos(settings)
    results = await gather_results(content, state.demos, Shelf(settings.answers, ROOT / "answers"))
    pages = KeptPages(settings.answers / "pages")
    state.live.replace(Catalog(content, results, state.templates, pages))
    await publisher.start()
    _report(state)


def _demos(settings: Settings) -> Demos:
    limits = Limits(
        settings.try_timeout,
        settings.try_response_limit,
        settings.try_concurrency,
        settings.try_queue,
        followed=settings.follow_limit,
    )
    live = LiveLimits(
        settings.live_timeout,
        settings.live_socket_timeout,
        settings.live_pieces,
        settings.live_response_limit,
        settings.live_concurrency,
        settings.live_per_address,
    )
    return Demos(limits, live)


def _read(state: State, publisher: Publisher) -> Reading:
    """Return how things stand. Called by another thread: asks nobody, looks only."""
    content = state.live.current.content
    failed = len(state.demos.failures) if state.demos else 0
    return Reading(len(content.topics), len(content.complaints), failed, publisher.problem is None, state.live.age)


async def _keep_warm(state: State) -> None:
    """Warm each catalog that goes live, the last one counts; then load demos before a reader asks for one."""
    live, warmed = state.live, None
    while True:
        await asyncio.sleep(WARM)
        if live.current is not warmed:
            warmed = live.current
            await _warm(warmed, live)
            await _load(warmed, state)


async def _load(catalog: Catalog, state: State) -> None:
    """Load the demos of a catalog while it is live. One at which we fail is loaded when a reader asks for it."""
    for topic in catalog.content.topics:
        if state.live.current is not catalog:
            return
        try:
            if not await state.running_demos.load(topic):
                return
        except Exception:
            logger.exception("the demos of %s cannot be loaded", topic.slug)


async def _warm(catalog: Catalog, live: LiveCatalog) -> None:
    """Make every page and the search index before a reader asks for it; readers go first, they need no turn.

    What cannot be made is logged and costs its own place only: who asks for it gets the error.
    """
    missing = [path for path in catalog.warm if catalog.pages.ready(path) is None]
    pages = [(path, partial(catalog.pages.__getitem__, path)) for path in missing]
    for name, make in (*pages, ("the search index", partial(getattr, catalog, "search"))):
        if live.current is not catalog:
            return
        try:
            await run_in_threadpool(make)
        except Exception:
            logger.exception("%s cannot be made", name)


def _report(state: State) -> None:
    """Log what is not as it should be; the site serves the rest."""
    catalog = state.live.current
    for complaint in catalog.content.complaints:
        logger.error("topic left out: %s", complaint)
    for (topic, variant), reason in (state.demos.failures if state.demos else {}).items():
        logger.error("demo %s/%s does not run: %s", topic, variant, reason)
    if state.assets.missing:
        logger.error("static files are missing (%s): install again, online", ", ".join(state.assets.missing))
    logger.info("ready: %d topics, %d pages", len(catalog.topics), len(catalog.pages))

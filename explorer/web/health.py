"""Health for operators: /healthz says the process answers, /readyz what works and what does not, and the mend.

Asks the database and the disk, so that a fault shows before somebody saves; all who ask at the same time share one look
at them. Words about a fault name files of this machine: they are for those who ask from it. Mends nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from explorer.disk import folder_problem
from explorer.networks import is_loopback
from explorer.web.state import State, state_of

router = APIRouter(include_in_schema=False)

KEPT = 2.0
"""Seconds for which a look at database and disk holds: a write lock and a file on the disk are not for the asking."""
NO_STORE = {"Cache-Control": "no-store"}

Problem = dict[str, str]
"""`part` of the site, `what` is wrong in words, `mend`."""


@router.api_route("/healthz", methods=["GET", "HEAD"])
async def healthz() -> Response:
    """Answer as long as the event loop runs; asks nothing else, so that a broken demo restarts nobody."""
    return PlainTextResponse("ok\n", headers=NO_STORE)


@router.api_route("/readyz", methods=["GET", "HEAD"])
async def readyz(request: Request) -> Response:
    """Answer 200 once pages are served; name everything that is not as it should be, to this machine in words."""
    state = state_of(request)
    ready = state.live.ready
    failures = {"/".join(key): reason for key, reason in state.demos.failures.items()} if state.demos else {}
    database, disk = await _look(state)
    problems = [*_of_files(state, failures), *_of_machine(state, database, disk)]
    report: dict[str, Any] = {
        "ready": ready,
        "degraded": bool(problems),
        "parts": list(dict.fromkeys(problem["part"] for problem in problems)),
    }
    if request.client and is_loopback(request.client.host):
        report |= {
            "topics": len(state.live.current.topics) if ready else 0,
            "problems": problems,
            "demos_failed": failures,
            "content": [str(complaint) for complaint in state.live.current.content.complaints] if ready else [],
            "database": database or "ok",
            "assets_missing": list(state.assets.missing),
        }
    return JSONResponse(report, 200 if ready else 503, NO_STORE)


async def _look(state: State) -> tuple[str | None, str | None]:
    """Return what is wrong with the database and with the disk, as seen within the last KEPT seconds."""
    if state.looked is None or (state.looked[1].done() and time.monotonic() - state.looked[0] >= KEPT):
        state.looked = time.monotonic(), asyncio.ensure_future(_ask(state))
    return await asyncio.shield(state.looked[1])  # who leaves does not take the look from the others


async def _ask(state: State) -> tuple[str | None, str | None]:
    database = await state.database_problem() if state.database_problem else None
    return database, await asyncio.to_thread(folder_problem, state.settings.data)


def _of_files(state: State, failures: dict[str, str]) -> Iterator[Problem]:
    """Yield what is wrong with what was installed or published."""
    if not state.live.ready:
        yield _problem("start", "Content and demos are still being loaded.", "Wait; the log says if it fails.")
        return
    for complaint in state.live.current.content.complaints:
        yield _problem("content", f"{complaint.file}:{complaint.line}: {complaint.message}", complaint.mend)
    for name, reason in failures.items():
        slug = name.partition("/")[0]
        mend = f"Correct the demo until `explorer check {slug}` passes, and start again."
        yield _problem("demo", f"{name} does not run: {reason}.", mend)
    for slug, why in sorted(state.unreadable.items()):
        mend = "Save the topic again in the admin, or run the version of the site that published it."
        yield _problem("words", f"What was published of {slug} cannot be shown, the shipped words are: {why}", mend)
    for name in state.assets.missing:
        yield _problem("static files", f"static/{name} is missing.", "Install again with a network, then start again.")


def _of_machine(state: State, database: str | None, disk: str | None) -> Iterator[Problem]:
    """Yield what is wrong with what the process runs on."""
    if database:
        mend = "Pages are served meanwhile. Check EXPLORER_DATABASE_URL, the folder EXPLORER_DATA and the database."
        yield _problem("database", database, mend)
    if disk:
        mend = "Make room there, or name a folder on a local disk that can be written to in EXPLORER_DATA."
        yield _problem("disk", disk, mend)
    if lag := state.lag.worst:
        what = f"The event loop stood still for {lag:.1f} seconds within the last minute."
        yield _problem(
            "event loop", what, "Look what the log has at that time; give it more processor or EXPLORER_WORKERS."
        )
    if state.metrics_problem:
        mend = "Name free ports in EXPLORER_METRICS_PORT, as many as EXPLORER_WORKERS, and start again."
        yield _problem("metrics", state.metrics_problem, mend)


def _problem(part: str, what: str, mend: str) -> Problem:
    return {"part": part, "what": what, "mend": mend}

"""Health for operators: /healthz says the process answers, /readyz what works and what does not."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from explorer.web.state import state_of

router = APIRouter(include_in_schema=False)

NO_STORE = {"Cache-Control": "no-store"}


@router.api_route("/healthz", methods=["GET", "HEAD"])
async def healthz() -> Response:
    """Answer as long as the event loop runs; asks nothing else, so that a broken demo restarts nobody."""
    return PlainTextResponse("ok\n", headers=NO_STORE)


@router.api_route("/readyz", methods=["GET", "HEAD"])
async def readyz(request: Request) -> Response:
    """Answer 200 once pages are served; name demos and topics that do not work."""
    state = state_of(request)
    ready = state.live.ready
    failures = {"/".join(key): reason for key, reason in state.demos.failures.items()} if state.demos else {}
    complaints = [str(complaint) for complaint in state.live.current.content.complaints] if ready else []
    database = await state.database_problem() if state.database_problem else None
    report = {
        "ready": ready,
        "degraded": bool(failures or complaints or state.assets.missing or database),
        "topics": len(state.live.current.topics) if ready else 0,
        "demos_failed": failures,
        "content": complaints,
        "database": database or "ok",
        "assets_missing": list(state.assets.missing),
    }
    return JSONResponse(report, 200 if ready else 503, NO_STORE)

"""Follows a request while it happens: events as lines of JSON, each sent when it is there.

The one streaming channel of the site. It ends when the events do, at its limits, or when the reader leaves; what the
demos do about that is the business of `demos`. Without script nothing comes here: /try answers with the whole page.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from explorer import topics
from explorer.demos.following import Answered, Ended, Event, Line
from explorer.errors import Busy, NotFound, UnusableRequest
from explorer.live import answer_row
from explorer.web.api import find_topic
from explorer.web.limits import count_try
from explorer.web.state import State, state_of
from explorer.web.tryit import Asked, compare_answers, problem, read_asked, read_form

router = APIRouter(include_in_schema=False)

STREAM_BYTES = 2 * 1024 * 1024
"""Bytes of events that one reader is sent."""

HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "X-Accel-Buffering": "no"}
"""The last one keeps nginx from collecting the lines."""


@router.post("/topics/{slug}/follow")
async def follow(request: Request, slug: str) -> Response:
    """Send the form's request to both sides and tell what happens until their work has ended."""
    state = state_of(request)
    topic = find_topic(state, slug)
    if not topic.log:
        raise NotFound("This topic has no log to follow. Send the request to /try.")
    form = await read_form(request)
    try:
        with state.metrics.refusals():
            count_try(request)
            asked = read_asked(state, topic, form)
            events = state.running_demos.follow(topic, asked.request, asked.variants, asked.shims, asked.before)
    except (UnusableRequest, Busy) as error:
        return problem(request, state, topic, form, error)
    return stream(_told(state, topic, asked, events))


def stream(events: AsyncGenerator[Mapping[str, Any], None]) -> Response:
    """Return events as lines of JSON, up to STREAM_BYTES. A reader who leaves ends `events`."""
    return StreamingResponse(_lines(events), headers=HEADERS, media_type="application/x-ndjson")


async def _lines(events: AsyncGenerator[Mapping[str, Any], None]) -> AsyncIterator[bytes]:
    size = 0
    async with aclosing(events):
        async for event in events:
            line = json.dumps(event).encode() + b"\n"
            size += len(line)
            if size > STREAM_BYTES:
                yield b'{"event": "cut"}\n'
                return
            yield line


async def _told(
    state: State, topic: topics.Topic, asked: Asked, events: AsyncGenerator[Event, None]
) -> AsyncGenerator[Mapping[str, Any], None]:
    """Return events as they are sent; once all sides have answered, the answers beside each other too."""
    exchanges: dict[str, topics.Exchange] = {}
    async with aclosing(events):
        async for event in events:
            match event:
                case Line():
                    yield {"event": "line", "variant": event.variant, "text": event.text, "after": event.after}
                case Ended():
                    yield {"event": "end", "variant": event.variant, "late": event.late}
                case Answered(exchange):
                    state.metrics.count_tries([exchange])
                    row = answer_row(exchange)
                    yield {"event": "answer", "variant": exchange.variant, "status": row.status, "text": row.text}
                    exchanges[exchange.variant] = exchange
                    if len(exchanges) == len(asked.variants):
                        ordered = [exchanges[variant.id] for variant in asked.variants]
                        answers = await compare_answers(state, topic, asked, ordered)
                        html = state.templates.render_fragment("_try.html", "results", answers)
                        yield {"event": "answers", "html": html}

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
from explorer.demos.following import Answered, Arrival, Ended, Event, Line
from explorer.demos.live import Reader
from explorer.errors import Busy, NotFound, UnusableRequest
from explorer.live import answer_row
from explorer.networks import network_of
from explorer.web.api import find_topic
from explorer.web.limits import address_of, count_try
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
    if not (topic.log or topic.live):
        raise NotFound("This topic has no log to follow and no live answers. Send the request to /try.")
    form = await read_form(request)
    try:
        with state.metrics.refusals():
            count_try(request)
            asked = read_asked(state, topic, form)
            address = network_of(address_of(request.scope))
            call = (topic, asked.request, asked.variants, asked.shims, asked.before)
            reader = state.running_demos.live(*call, address) if topic.live else None
            events = reader.events() if reader else state.running_demos.follow(*call)
    except (UnusableRequest, Busy) as error:
        return await problem(request, state, topic, form, error)
    return stream(_told(state, topic, asked, events, reader))


@router.post("/topics/{slug}/live/{token}/messages")
async def message(request: Request, slug: str, token: str) -> Response:
    """Send a message into the sockets that one reader has open."""
    reader = find_reader(request, slug, token)
    reader.send(str((await read_form(request, ("message",))).get("message", "")))
    return Response(status_code=204)


@router.post("/topics/{slug}/live/{token}/stop")
async def stop(request: Request, slug: str, token: str) -> Response:
    """End what runs for one reader; what the demos do about it is still told."""
    find_reader(request, slug, token).stop()
    return Response(status_code=204)


def find_reader(request: Request, slug: str, token: str) -> Reader:
    """Return who watches at this process under a token. Raises NotFound."""
    state = state_of(request)
    find_topic(state, slug)
    return state.running_demos.readers.find(token)


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
    state: State, topic: topics.Topic, asked: Asked, events: AsyncGenerator[Event, None], reader: Reader | None
) -> AsyncGenerator[Mapping[str, Any], None]:
    """Return events as they are sent; once all sides have answered, the answers beside each other too."""
    exchanges: dict[str, topics.Exchange] = {}
    if reader:
        yield {"event": "open", "token": reader.token, "socket": asked.request.is_socket}
    async with aclosing(events):
        async for event in events:
            match event:
                case Line():
                    yield {"event": "line", "variant": event.variant, "text": event.text, "after": event.after}
                case Arrival():
                    at = round(event.at, 1)
                    piece = {"variant": event.variant, "text": event.text, "at": at, "sent": event.sent}
                    yield {"event": "piece", **piece}
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

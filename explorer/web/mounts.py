"""The demos under /demos/<topic>/<variant>/, for curl and for following a redirect by hand.

Goes through the same callers and limits as try-it. A demo's answer is held to an allow-list of headers and runs in
no page of ours: the sandbox headers are added for the whole path in `headers`. Under `~<token>/` a visitor goes on
where their last request left the demo; `~/` makes a token.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from explorer import topics
from explorer.errors import NotFound, TooLarge
from explorer.web.frames import PREFLIGHT, self_hosted
from explorer.web.requests import usable_request
from explorer.web.state import State, state_of

KEPT = frozenset(
    (
        *("content-type", "content-language", "content-encoding", "content-disposition", "content-range"),
        *("accept-ranges", "allow", "etag", "last-modified", "retry-after", "vary", "www-authenticate"),
    )
)
"""Response headers of a demo that reach the client as they are."""
DROPPED = frozenset(("x-frame-options", "x-robots-tag", "x-content-type-options", "x-request-id"))
ORDERS = ("x-accel-", "x-sendfile", "x-lighttpd-", "x-litespeed-", "x-reproxy-")
"""What proxies take for an order: to send a file of theirs instead."""
EMBEDDED = frozenset(
    ("script", "style", "worker", "sharedworker", "serviceworker", "object", "embed", "font", "manifest")
)
"""Destinations in which a browser would use a demo's answer inside a page of this site."""
STRIPPED = frozenset(
    (
        *("host", "connection", "te", "transfer-encoding", "content-length", "upgrade", "trailer", "keep-alive"),
        *("expect", "authorization", "cookie", "forwarded"),
    )
)


_VISIT = re.compile(r"/~(?P<token>[A-Za-z0-9_-]{22})?(?P<rest>/.*)?", re.DOTALL)
_MOUNT = re.compile(r"/demos/([^/]+)/([^/]+)(?:/|$)")


def frame_of(state: State, path: str) -> str | None:
    """Return the mount to which a path belongs if the demo is used in a frame, for example "/demos/topic/variant/"."""
    match = _MOUNT.match(path)
    topic = state.live.current.topics.get(match[1]) if match and state.live.ready else None
    framed = match and topic and topic.framed(match[2])
    return f"/demos/{match[1]}/{quote(match[2], safe='+')}/" if match and framed else None


async def mounted(request: Request) -> Response:
    """Send a request on to one variant and return what it answers, less what could touch this site."""
    state = state_of(request)
    slug, variant_id = request.path_params["topic"], request.path_params["variant"]
    topic = state.live.current.topics.get(slug)
    variant = topic.variant(variant_id) if topic else None
    if topic is None or variant is None:
        raise NotFound("There is no such demo. GET /api/topics lists topics and variants.")
    framed = topic.framed(variant_id)
    own_page = request.headers.get("sec-fetch-site") != "cross-site"  # a page in a frame is another site to all
    if request.headers.get("sec-fetch-dest") in EMBEDDED and (own_page or not framed):
        return PlainTextResponse("A demo's answer is not for use inside a page.\n", 403)
    if framed and _is_preflight(request):
        return Response(status_code=204, headers=PREFLIGHT)
    mount = f"/demos/{slug}/{quote(variant_id, safe='+')}"
    path, token = _path(request, mount), ""
    root_path = state.templates.url(f"/demos/{slug}/{variant_id}")
    if visit := _VISIT.fullmatch(path):
        path, token = visit["rest"] or "/", visit["token"] or secrets.token_urlsafe(16)
        root_path = f"{root_path}/~{token}"
    wanted = await _request(request, path, state.settings.try_body_limit)
    if visit and not visit["token"]:
        return RedirectResponse(f"{root_path}{wanted.target}", 303)
    host = request.headers.get("host", "demo.local")
    exchange = await state.running_demos.mounted(topic, wanted, variant, host, root_path, token)
    if exchange.response is None:
        detail = exchange.failure.detail if exchange.failure else "No answer."
        return PlainTextResponse(f"{detail}\n", 504 if exchange.failure and exchange.failure.kind == "timeout" else 503)
    response = exchange.response
    if framed and response.media_type == "text/html":
        files = {name: state.templates.url(state.assets.path(name)) for name in state.assets.files}
        response = replace(response, body=self_hosted(response.body, files))
    return _response(response, root_path, host, with_length=request.method != "HEAD")


def _is_preflight(request: Request) -> bool:
    asks = "access-control-request-method" in request.headers
    return asks and request.method == "OPTIONS" and request.headers.get("origin") == "null"


def _path(request: Request, mount: str) -> str:
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    return raw.decode("latin-1").partition("?")[0].replace("%2B", "+", 1).removeprefix(mount) or "/"


async def _request(request: Request, path: str, limit: int) -> topics.Request:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge("body", f"At most {limit:,} bytes of body are sent on to a demo.")
    headers = [
        (name, value)
        for name, value in request.headers.items()
        if name not in STRIPPED and not name.startswith(("x-forwarded-", "proxy-", "sec-"))
    ]
    wanted = usable_request(request.method, path, request.url.query, headers, "", limit)
    return replace(wanted, body=body.decode(errors="surrogateescape"))


def _response(response: topics.Response, root_path: str, host: str, *, with_length: bool) -> Response:
    if not 200 <= response.status <= 599:
        return PlainTextResponse(f"The demo answered with the status {response.status}, which is not sent on.\n", 502)
    answer = Response(response.body, response.status)
    answer.raw_headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in response.headers
        if name.lower() in KEPT or (name.lower().startswith("x-") and _harmless(name.lower()))
    ]
    if with_length and response.status not in (204, 304):
        answer.raw_headers.append((b"content-length", str(len(response.body)).encode()))
    location = response.header("location").removeprefix(f"http://{host}")
    if location.startswith(f"{root_path}/") and _stays(location):
        answer.raw_headers.append((b"location", location.encode("latin-1")))
    return answer


def _stays(location: str) -> bool:
    """Tell whether a browser would not find a way up in an address that starts with the mount."""
    path = re.split("[?#]", location, maxsplit=1)[0]
    plain = re.fullmatch(r"[\x21-\x5b\x5d-\x7e]*", location)  # no backslash: to a browser it is a slash
    return bool(plain) and not any(unquote(segment) in (".", "..") for segment in path.split("/"))


def _harmless(name: str) -> bool:
    return name not in DROPPED and not name.startswith(ORDERS)


routes = [
    Route("/demos/{topic}/{variant}", mounted, methods=list(topics.METHODS)),
    Route("/demos/{topic}/{variant}/{path:path}", mounted, methods=list(topics.METHODS)),
]

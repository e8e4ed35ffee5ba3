from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

Headers = list[tuple[str, str]]
PLAIN: Headers = [("Content-Type", "text/plain")]
CALLS = ContextVar("CALLS", default=0)


def app(environ: dict[str, Any], start_response: Callable[[str, Headers], Any]) -> Iterable[Any] | None:
    match environ["PATH_INFO"]:
        case "/calm":
            start_response("200 OK", [("Content-Type", "application/json")])
            return [b'{"calm": true}']
        case "/context":
            CALLS.set(CALLS.get() + 1)
            start_response("200 OK", PLAIN)
            return [str(CALLS.get()).encode()]
        case "/text":
            start_response("200 OK", PLAIN)
            return ["text instead of bytes"]
        case "/nothing":
            start_response("200 OK", PLAIN)
            return None
        case "/silent":
            return [b"never started"]
        case "/status":
            start_response("42 The Answer", PLAIN)
            return [b"an odd status"]
        case "/informational":
            start_response("101 Switching Protocols", [("Upgrade", "h2c")])
            return [b"switched"]
        case "/words":
            start_response("fine", PLAIN)
            return [b"no number"]
        case "/split":
            start_response("200 OK", [*PLAIN, ("X-Split", "a\r\nSet-Cookie: b=c")])
            return [b"split"]
        case "/null":
            start_response("200 OK", [*PLAIN, ("X-Null", "a\0b")])
            return [b"null"]
        case "/spaced":
            start_response("200 OK", [*PLAIN, ("X Name", "v")])
            return [b"spaced"]
        case "/snow":
            start_response("200 OK", [*PLAIN, ("X-Snow", "\N{SNOWMAN}")])
            return [b"snow"]
    start_response("404 Not Found", PLAIN)
    return [b"none"]

from collections.abc import Awaitable, Callable
from typing import Any

Send = Callable[[dict[str, Any]], Awaitable[None]]
PLAIN = (b"content-type", b"text/plain")


async def answer(send: Send, status: Any, body: Any, *headers: Any) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*headers]})
    await send({"type": "http.response.body", "body": body})


async def app(scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Send) -> None:
    match scope["path"].removeprefix(scope["root_path"]):
        case "/calm":
            await answer(send, 200, b'{"calm": true}', (b"content-type", b"application/json"))
        case "/text":
            await answer(send, 200, "text instead of bytes", PLAIN)
        case "/nothing":
            return
        case "/silent":
            await send({"type": "http.response.body", "body": b"never started"})
        case "/status":
            await answer(send, 42, b"an odd status", PLAIN)
        case "/informational":
            await answer(send, 101, b"switched", (b"upgrade", b"h2c"))
        case "/words":
            await answer(send, "fine", b"no number", PLAIN)
        case "/split":
            await answer(send, 200, b"split", PLAIN, (b"x-split", b"a\r\nset-cookie: b=c"))
        case "/null":
            await answer(send, 200, b"null", PLAIN, (b"x-null", b"a\0b"))
        case "/spaced":
            await answer(send, 200, b"spaced", PLAIN, (b"x name", b"v"))
        case "/snow":
            await answer(send, 200, b"snow", PLAIN, (b"x-snow", "\N{SNOWMAN}".encode()))
        case _:
            await answer(send, 404, b"none", PLAIN)

"""A socket to an ASGI application: the client's side of a WebSocket, without a network.

Does what a server does between the application and a client that sends prepared messages, then those that a reader
hands over. The answer becomes a transcript: a line for each message that arrived and for how the server closed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from explorer.demos.answers import LOST, Answer, close_line, crash, idle, message_line, timeout
from explorer.demos.work import Message, Work
from explorer.topics import Request

QUIET = 0.5
"""Seconds of silence after the prepared messages in which a client without a reader still listens."""
NORMAL = 1000


def silence_of(answer: Answer, seconds: float) -> float:
    """Return how long a client bears silence: one that waits for a number of messages does as long as it may."""
    return (answer.watch.idle if answer.watch else 0) or (seconds if answer.leave else QUIET)


def subprotocols(request: Request) -> list[str]:
    """Return the protocols that a request offers."""
    values = [value for name, value in request.headers if name.lower() == "sec-websocket-protocol"]
    return [name.strip() for value in values for name in value.split(",") if name.strip()]


class Connection:
    """One socket on the demos' loop."""

    def __init__(self, answer: Answer, messages: Sequence[str]) -> None:
        """Send `messages` as the application asks for them; `answer` takes the transcript."""
        self._answer = answer
        self._prepared = deque(messages)
        self._incoming: asyncio.Queue[Message] = asyncio.Queue()
        self._incoming.put_nowait({"type": "websocket.connect"})
        self._accepted = False
        self._over = False
        self._active = 0.0
        self.work = Work()

    async def run(self, app: object, scope: Message, seconds: float) -> None:
        """Run the application until either side closes, or its time is over."""
        scope["extensions"] = {"websocket.http.response": {}}
        answer, watch, loop = self._answer, self._answer.watch, asyncio.get_running_loop()
        self._active = loop.time()
        task, complete = self.work.start(app, scope, self._receive, self._send)  # type: ignore[arg-type]
        if watch:
            watch.hand = lambda text: loop.call_soon_threadsafe(self._hand, text)
            self._prepared.extend(watch.held)
            watch.on_stop(self.work.end_soon)
        deadline, silence = self._active + seconds, silence_of(answer, seconds)
        while not (task.done() or complete.done()):
            until = min(deadline, self._active + silence)
            if (left := until - loop.time()) <= 0:
                break
            await asyncio.wait({task, complete}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        stopped = bool(watch and watch.stopped)
        if not complete.done() and task.done():
            self._lose()
        elif not complete.done() and (not self._accepted or loop.time() >= deadline):
            answer.cut(timeout(seconds, started=self._accepted))
        elif not complete.done() and watch and watch.idle:
            answer.failure = idle(silence)
        if stopped or not answer.truncated:
            answer.complete()
        self._over = True
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": NORMAL, "reason": ""})
        if not task.done():
            await self.work.leave()

    def _lose(self) -> None:
        """Do what a server does where the application returned or raised without closing."""
        if self._accepted:
            self._answer.say(close_line(LOST, None))
        else:
            self._answer.cut(crash(self.work.error, started=False))

    def _hand(self, text: str) -> None:
        self._note(text)
        self._incoming.put_nowait({"type": "websocket.receive", "text": text})

    def _note(self, text: str) -> None:
        self._active = asyncio.get_running_loop().time()
        if self._answer.watch:
            self._answer.watch.arrive(text, sent=True)

    async def _receive(self) -> Message:
        if self._prepared and self._accepted and not self._over:
            await asyncio.sleep(0)
            text = self._prepared.popleft()
            self._note(text)
            return {"type": "websocket.receive", "text": text}
        return await self._incoming.get()

    async def _send(self, message: Message) -> None:
        await asyncio.sleep(0)  # an application that never waits would otherwise hold the loop
        if self._over:
            raise OSError("the client is gone")
        self._active = asyncio.get_running_loop().time()
        if self._accepted:
            self._say(message)
        else:
            self._answer_handshake(message)
        self._finish()

    def _finish(self) -> None:
        if self._over:
            self._answer.complete()
            self.work.answered()

    def _answer_handshake(self, message: Message) -> None:
        headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in message.get("headers", ())]
        match message["type"]:
            case "websocket.accept":
                if protocol := message.get("subprotocol"):
                    headers.append(("sec-websocket-protocol", protocol))
                self._answer.start(101, headers)
                self._accepted = True
            case "websocket.close":
                self._answer.start(403, ())
                self._over = True
                self._incoming.put_nowait({"type": "websocket.disconnect", "code": LOST})
            case "websocket.http.response.start":
                self._answer.start(message["status"], headers)
            case "websocket.http.response.body":
                self._answer.add(message.get("body", b""))
                self._over = not message.get("more_body", False)
            case other:
                raise RuntimeError(f"expected an answer to the handshake, not {other!r}")

    def _say(self, message: Message) -> None:
        match message["type"]:
            case "websocket.send":
                text = message.get("text")
                self._answer.say(message_line(message.get("bytes") if text is None else text))
                self._over = self._answer.unfinished
            case "websocket.close":
                code = message.get("code", NORMAL)
                self._answer.say(close_line(code, message.get("reason")))
                self._incoming.put_nowait({"type": "websocket.disconnect", "code": code})
                self._over = True
            case other:
                raise RuntimeError(f"expected a message or the close of an open socket, not {other!r}")

"""Readers who watch answers arrive: how many there may be, what each may take, and copies of the demos for them.

A live answer lasts for seconds. It never holds the demo that all others ask: each call gets a copy, which is imported
when it is needed, kept afterwards and put back to its initial state before the next call. Calls no application itself.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from explorer.demos.answers import Watch
from explorer.demos.following import Channel, Event
from explorer.demos.library import Key, key_of
from explorer.demos.limits import LiveLimits
from explorer.demos.ready import Ready
from explorer.errors import Busy, NotFound, UnusableRequest
from explorer.topics import Request, Shim, Variant

MESSAGE_BYTES = 64 * 1024
"""Bytes of one message that a reader sends to a socket."""


@dataclass(slots=True)
class Reader:
    """One reader who watches: what they may do to the calls that run for them."""

    address: str
    channel: Channel
    limits: LiveLimits
    token: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    """Known to this reader only."""
    watches: list[Watch] = field(default_factory=list)
    messages: int = 0
    said: list[str] = field(default_factory=list)
    """Messages for calls that have not begun, since their copy of the demo is still being imported."""

    def take(self, watch: Watch, request: Request) -> None:
        """Take charge of one call."""
        if request.is_socket:
            watch.idle = self.limits.seconds
            watch.held = [*self.said]
            watch.hand = watch.held.append
        self.watches.append(watch)
        if self.channel.left:
            watch.stop()

    def stop(self) -> None:
        """End the calls."""
        for watch in self.watches:
            watch.stop()

    def send(self, text: str) -> None:
        """Send a message to the sockets, to those that open later too. Raises UnusableRequest."""
        self.messages += 1
        if len(text.encode()) > MESSAGE_BYTES:
            raise UnusableRequest("message", f"A message has at most {MESSAGE_BYTES // 1024} KiB. Shorten it.")
        if self.messages > self.limits.pieces:
            raise UnusableRequest("message", f"At most {self.limits.pieces} messages are sent. Connect again.")
        for watch in self.watches:
            watch.hand(text)
        if len(self.watches) < self.channel.variants:
            self.said.append(text)

    async def events(self) -> AsyncGenerator[Event, None]:
        """Return what happens. To stop iterating is to leave, which ends the calls."""
        try:
            async for event in self.channel.events():
                yield event
        finally:
            self.channel.left = True
            self.stop()


class Readers:
    """All who watch at this process."""

    def __init__(self, limits: LiveLimits) -> None:
        """Start with nobody."""
        self.limits = limits
        self._readers: dict[str, Reader] = {}

    def enter(self, address: str, variants: int) -> Reader:
        """Let a reader in who watches so many variants. Raises Busy."""
        if len(self._readers) >= self.limits.readers:
            raise Busy("More live answers run than this server accepts. Nothing was sent: try again in 2 seconds.")
        if Counter(reader.address for reader in self._readers.values())[address] >= self.limits.per_address:
            raise Busy(
                f"{self.limits.per_address} live answers run for you already. Nothing was sent: stop one of them, "
                "or wait until it ends."
            )
        reader = Reader(address, Channel(variants), self.limits)
        self._readers[reader.token] = reader
        return reader

    def leave(self, reader: Reader) -> None:
        """Forget a reader whose calls have ended."""
        self._readers.pop(reader.token, None)

    def find(self, token: str) -> Reader:
        """Return a reader. Raises NotFound."""
        if reader := self._readers.get(token):
            return reader
        raise NotFound("This connection has ended, or another process of this site holds it. Send the request again.")


class Copies:
    """Copies of demos, each in use for one call at a time; never more than there are readers at the same time."""

    def __init__(self, load: Callable[[str, Variant, Sequence[Shim], int], Ready]) -> None:
        """`load` imports a copy; it gets topic, variant, shims and the copy's number."""
        self._load = load
        self._idle: defaultdict[Key, list[Ready]] = defaultdict(list)
        self._made: Counter[Key] = Counter()

    @asynccontextmanager
    async def hold(self, slug: str, variant: Variant, shims: Sequence[Shim]) -> AsyncIterator[Ready]:
        """Hold a copy. Raises DemoUnavailable."""
        key = key_of(slug, variant, shims)
        if idle := self._idle[key]:
            ready = idle.pop()
        else:
            self._made[key] += 1
            ready = await asyncio.to_thread(self._load, slug, variant, shims, self._made[key])
        try:
            yield ready
        finally:
            if not ready.caller.working:
                idle.append(ready)

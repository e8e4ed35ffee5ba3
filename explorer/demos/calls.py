"""All demos of the site: loads each when it is first needed and answers requests to them.

State is put back before each call, so no visitor sees another's; a demo that keeps state answers one request
at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from explorer.demos import asgi, wsgi
from explorer.demos.answers import Watch
from explorer.demos.following import Answered, Channel, Ended, Event, filled, follow_call
from explorer.demos.library import Library
from explorer.demos.limits import Limits, LiveLimits
from explorer.demos.live import Copies, Reader, Readers
from explorer.demos.ready import Ready, Refused, failure_of
from explorer.demos.state import DemoState, StateLost
from explorer.demos.steps import Memory
from explorer.demos.visits import Key, Visit, Visits
from explorer.errors import Busy
from explorer.topics import Exchange, Request, Shim, Step, Topic, Variant

TURN_SECONDS = 0.5
"""How long a request waits for its turn at a demo that keeps state; an undisturbed one takes milliseconds."""

FRAME_TURN_SECONDS = 5.0
"""The same for a page in a frame, whose files come one after the other, and for a demo that works after its answer."""

THREAD_SECONDS = 3.0
"""How long a thread for live answers is kept without one."""

HOST = "demo.local"
"""The Host header that demos see, so that both build the same absolute addresses."""


class Demos:
    """The demos of all topics, ready to be called."""

    def __init__(self, limits: Limits, live: LiveLimits | None = None) -> None:
        """Load nothing yet."""
        self.limits = limits
        self.readers = Readers(live or LiveLimits())
        self.visits = Visits()
        self._live_threads = wsgi.DaemonThreads(self.readers.limits.readers, idle=THREAD_SECONDS)
        self._threads = wsgi.DaemonThreads()
        self._loop = asgi.DemoLoop()
        self._library = Library(self._loop, self._threads, self._live_threads)
        self._copies = Copies(self._library.load_copy)
        self._running = asyncio.Semaphore(limits.concurrency)
        self._waiting = 0
        self._followed: set[asyncio.Task[Exchange]] = set()
        self._followed_live: set[asyncio.Task[Exchange]] = set()

    @property
    def failures(self) -> Mapping[tuple[str, str], str]:
        """Return why variants cannot be loaded, by topic and variant; of those that were tried."""
        return self._library.failures

    async def load(self, topic: Topic) -> bool:
        """Load a topic's demos before somebody asks for them, and tell whether there is room for more."""
        return await self._library.load(topic)

    async def send(
        self,
        topic: Topic,
        request: Request,
        variants: Iterable[Variant],
        shims: Sequence[Shim] = (),
        before: Sequence[Step] = (),
    ) -> tuple[Exchange, ...]:
        """Send one request to several variants at the same time and return their exchanges in order.

        Each variant gets the shims of its side, and the steps `before` the request with what they leave behind.
        Raises Busy if more requests wait than the limits allow.
        """
        async with self._place():
            return tuple(await asyncio.gather(*(self._exchange(topic, v, request, shims, before) for v in variants)))

    def follow(
        self,
        topic: Topic,
        request: Request,
        variants: Sequence[Variant],
        shims: Sequence[Shim] = (),
        before: Sequence[Step] = (),
    ) -> AsyncGenerator[Event, None]:
        """Send one request as `send` does and return what happens, in order, until each variant's work has ended.

        A reader who leaves ends the telling; the turn at each demo is held until its work has ended all the same.
        Raises Busy if more calls are followed than the limits allow.
        """
        if len(self._followed) + len(variants) > self.limits.followed:
            raise Busy("More answers are followed than this server accepts. Nothing was sent: try again in 2 seconds.")
        channel = Channel(len(variants))
        for variant in variants:
            task = asyncio.create_task(self._exchange(topic, variant, request, shims, before, channel))
            self._followed.add(task)
            task.add_done_callback(self._followed.discard)
        return channel.events()

    def live(
        self,
        topic: Topic,
        request: Request,
        variants: Sequence[Variant],
        shims: Sequence[Shim] = (),
        before: Sequence[Step] = (),
        address: str = "",
    ) -> Reader:
        """Send one request as `follow` does, to copies of the demos, and return the reader who sees each piece arrive.

        A reader who leaves ends the calls. Raises Busy if more watch, at all or from one address, than the limits
        allow.
        """
        reader = self.readers.enter(address, len(variants))
        tasks = [
            asyncio.create_task(self._exchange(topic, v, request, shims, before, reader.channel, reader))
            for v in variants
        ]
        self._followed_live.update(tasks)

        def ended(task: asyncio.Task[Exchange]) -> None:
            self._followed_live.discard(task)
            if all(other.done() for other in tasks):
                self.readers.leave(reader)

        for task in tasks:
            task.add_done_callback(ended)
        return reader

    def without_log(self, topic: Topic) -> list[str]:
        """Return the ids of variants that lack the list which their topic names."""
        if not topic.log:
            return []
        found = ((v.id, self._library.plain(topic.slug, v.id)) for v in topic.variants)
        return [name for name, loaded in found if loaded and not loaded.demo.has_list(topic.log)]

    async def mounted(
        self, topic: Topic, request: Request, variant: Variant, host: str, root_path: str, token: str = ""
    ) -> Exchange:
        """Send a request to one variant as if it were mounted under `root_path` on `host`.

        With a token the demo goes on where the token's last request left it. Raises Busy as `send` does.
        """
        framed, key = topic.framed(variant.id), (topic.slug, variant.id, token)
        seconds, limit = self.limits.seconds, self.limits.file_bytes if framed else self.limits.response_bytes
        try:
            loaded = await self._library.find(topic.slug, variant, ())
            async with self._place(), loaded.turn(FRAME_TURN_SECONDS if framed else TURN_SECONDS):
                visit = self.visits.find(key) if token else Visit()
                loaded.demo.state.restore(visit.snapshot)
                async with loaded.life(seconds):
                    answer = await loaded.call(visit.memory.apply(request), seconds, limit, host, root_path)
                response = answer.response(request)
                if token and response and not answer.failure:
                    visit.memory.learn(response, {})
                    self._keep(key, visit, loaded.demo.state)
        except (Refused, StateLost) as error:
            return Exchange(variant.side.id, variant.id, request, None, failure_of(error))
        return Exchange(variant.side.id, variant.id, request, response, answer.failure)

    def _keep(self, key: Key, visit: Visit, state: DemoState) -> None:
        """Keep what a visitor's request left behind; a demo whose state cannot be copied starts over."""
        try:
            visit.snapshot = state.snapshot()
        except StateLost:
            self.visits.forget(key)
        else:
            self.visits.keep(key, visit)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Hold one of the places for requests. Raises Busy if too many wait for one."""
        if self._running.locked() and self._waiting >= self.limits.queue:
            raise Busy("More requests wait than this server accepts. Nothing was sent: try again in 2 seconds.")
        self._waiting += 1
        try:
            await self._running.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._running.release()

    @asynccontextmanager
    async def _turn(
        self, topic: Topic, variant: Variant, shims: Sequence[Shim], reader: Reader | None
    ) -> AsyncIterator[Ready]:
        """Hold the demo that all ask, or for a reader a copy of it. Raises Refused."""
        found = await self._library.find(topic.slug, variant, shims)
        if reader:
            async with self._copies.hold(topic.slug, variant, shims) as copy, copy.turn(TURN_SECONDS):
                yield copy
        else:
            async with found.turn(FRAME_TURN_SECONDS if topic.log else TURN_SECONDS):
                yield found

    async def _exchange(
        self,
        topic: Topic,
        variant: Variant,
        request: Request,
        shims: Sequence[Shim],
        before: Sequence[Step],
        channel: Channel | None = None,
        reader: Reader | None = None,
    ) -> Exchange:
        """Send a request after its steps; tell a channel what happens meanwhile. A reader has a copy for it."""
        memory, seconds, limit = Memory(), self.limits.seconds, self.limits.response_bytes
        late = False
        exchange = Exchange(variant.side.id, variant.id, request, None)
        try:
            async with self._turn(topic, variant, shims, reader) as loaded:
                log = loaded.demo.lines(topic.log)
                loaded.demo.state.restore()
                async with loaded.life(seconds):
                    for step in before:
                        answer = await loaded.call(memory.apply(step.request), seconds, limit, HOST)
                        response = answer.response(step.request)
                        if response is None:
                            break  # the request itself then shows what is wrong
                        memory.learn(response, step.save)
                    exchange = replace(exchange, request=memory.apply(request))
                    watch = Watch(log, self.readers.limits.pieces if topic.live else 0)
                    if reader:
                        reader.take(watch, request)
                        limit, seconds = self.readers.limits.response_bytes, self.readers.limits.time(request)
                    call = loaded.call(exchange.request, seconds, limit, HOST, watch=watch, last=True)
                    answer = await (follow_call(channel, exchange, log, watch, call) if channel else call)
                exchange, late = filled(exchange, answer, log, watch), loaded.late
        except (Refused, StateLost) as error:
            exchange = replace(exchange, failure=failure_of(error))
            if channel:
                channel.tell(Answered(exchange))
        finally:
            if channel:
                channel.tell(Ended(variant.id, late))
        return exchange

    def close(self) -> None:
        """Let the demos' threads end."""
        for task in (*self._followed, *self._followed_live):
            task.cancel()
        self._live_threads.shutdown()
        self._library.close()
        self._loop.close()
        self._threads.shutdown()

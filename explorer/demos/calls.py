"""All demos of the site: loads each once and answers requests to them.

State is put back before each call, so no visitor sees another's; a demo that keeps state answers one request
at a time.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from explorer.demos import asgi, loading, wsgi
from explorer.demos.answers import Watch
from explorer.demos.following import Answered, Channel, Ended, Event, filled, follow_call
from explorer.demos.limits import Limits, LiveLimits
from explorer.demos.live import Copies, Reader, Readers
from explorer.demos.ready import Caller, Ready, Refused, failure_of
from explorer.demos.silence import Silence
from explorer.demos.state import DemoState, StateLost
from explorer.demos.steps import Memory
from explorer.demos.visits import Key, Visit, Visits
from explorer.errors import Busy
from explorer.topics import Exchange, Failure, Request, Shim, Step, Topic, Variant

TURN_SECONDS = 0.5
"""How long a request waits for its turn at a demo that keeps state; an undisturbed one takes milliseconds."""

FRAME_TURN_SECONDS = 5.0
"""The same for a page in a frame, whose files come one after the other, and for a demo that works after its answer."""

HOST = "demo.local"
"""The Host header that demos see, so that both build the same absolute addresses."""

MENDED = 32
"""Demos with shims that are kept for each topic, so that no topic's readers push out those of another.

An app that is forgotten leaks up to about 49 KiB (style reference, section 4)."""

_Key = tuple[str, str, tuple[str, ...]]
"""Topic, variant, ids of the shims installed."""


class Demos:
    """The demos of all topics, ready to be called."""

    def __init__(self, topics: Iterable[Topic], limits: Limits, live: LiveLimits | None = None) -> None:
        """Import every variant of every topic; what fails to import is kept as a failure."""
        self.limits = limits
        self.readers = Readers(live or LiveLimits())
        self._copies = Copies(self._load_copy)
        self._live_threads = wsgi.DaemonThreads(self.readers.limits.readers)
        self.failures: dict[tuple[str, str], str] = {}
        self.visits = Visits()
        self._loaded: dict[_Key, Ready] = {}
        self._mended: defaultdict[str, OrderedDict[_Key, Ready]] = defaultdict(OrderedDict)
        self._threads = wsgi.DaemonThreads()
        self._loop = asgi.DemoLoop()
        self._running = asyncio.Semaphore(limits.concurrency)
        self._waiting = 0
        self._silence = Silence()
        self._followed: set[asyncio.Task[Exchange]] = set()
        self._followed_live: set[asyncio.Task[Exchange]] = set()
        for topic in topics:
            for variant in topic.variants:
                try:
                    self._loaded[topic.slug, variant.id, ()] = self._load(topic.slug, variant, ())
                except loading.DemoUnavailable as error:
                    self.failures[topic.slug, variant.id] = str(error)

    def _load(self, slug: str, variant: Variant, shims: Sequence[Shim], copy: int = 0) -> Ready:
        demo = loading.load(slug, variant, shims, copy)
        self._silence.add(demo.names)
        threads = self._live_threads if copy else self._threads
        caller: Caller = (
            asgi.AsgiCaller(demo.app, self._loop)
            if variant.side.interface == "asgi"
            else wsgi.WsgiCaller(demo.app, threads, demo.names, demo.pools)
        )
        return Ready(demo, caller, asyncio.Lock() if demo.state else None)

    def _load_copy(self, slug: str, variant: Variant, shims: Sequence[Shim], number: int) -> Ready:
        return self._load(slug, variant, [shim for shim in shims if shim.side == variant.side], number)

    def _with_shims(self, slug: str, variant: Variant, shims: Sequence[Shim]) -> Ready:
        """Return a copy of a demo with shims installed; the least used are forgotten. May raise DemoUnavailable."""
        key = (slug, variant.id, tuple(sorted(shim.id for shim in shims)))
        kept = self._mended[slug]
        if key not in kept:
            kept[key] = self._load(slug, variant, shims)
            if len(kept) > MENDED:
                kept.popitem(last=False)
        kept.move_to_end(key)
        return kept[key]

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
        found = ((v.id, self._loaded.get((topic.slug, v.id, ()))) for v in topic.variants)
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
            loaded = self._find(topic.slug, variant, ())
            async with self._place(), loaded.turn(FRAME_TURN_SECONDS if framed else TURN_SECONDS):
                visit = self.visits.find(key) if token else Visit()
                loaded.demo.state.restore(visit.snapshot)
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

    def _find(self, slug: str, variant: Variant, shims: Sequence[Shim]) -> Ready:
        """Return a demo that is ready to be called. Raises Refused."""
        ours = [shim for shim in shims if shim.side == variant.side]
        try:
            loaded = self._with_shims(slug, variant, ours) if ours else self._loaded.get((slug, variant.id, ()))
        except loading.DemoUnavailable as error:
            failure = Failure("unavailable", f"This demo does not load with these shims: {error}.")
            raise Refused(failure) from error
        if loaded is None:
            problem = self.failures.get((slug, variant.id), "it does not exist")
            raise Refused(Failure("unavailable", f"This demo could not be loaded: {problem}."))
        return loaded

    @asynccontextmanager
    async def _turn(
        self, topic: Topic, variant: Variant, shims: Sequence[Shim], reader: Reader | None
    ) -> AsyncIterator[Ready]:
        """Hold the demo that all ask, or for a reader a copy of it. Raises Refused."""
        found = self._find(topic.slug, variant, shims)
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
                call = loaded.call(exchange.request, seconds, limit, HOST, watch=watch)
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
        self._silence.close()
        self._loop.close()
        self._threads.shutdown()

"""All demos of the site: loads each once and answers requests to them.

State is put back before each call, so no visitor sees another's; a demo that keeps state answers one request
at a time.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Protocol

from explorer.demos import asgi, loading, wsgi
from explorer.demos.answers import Answer
from explorer.demos.state import StateLost
from explorer.demos.steps import Memory
from explorer.errors import Busy
from explorer.topics import Exchange, Failure, Request, Shim, Step, Topic, Variant

TURN_SECONDS = 0.5
"""How long a request waits for its turn at a demo that keeps state; an undisturbed one takes milliseconds."""

HOST = "demo.local"
"""The Host header that demos see, so that both build the same absolute addresses."""

MENDED = 256
"""Demos with shims that are kept; a FastAPI app that is forgotten leaks about 49 KiB (style reference, section 4)."""

_Key = tuple[str, str, tuple[str, ...]]
"""Topic, variant, ids of the shims installed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may cost."""

    seconds: float = 2.0
    """Time a demo has for an answer."""
    response_bytes: int = 256 * 1024
    """Bytes of an answer that are kept."""
    concurrency: int = 16
    """Requests (to all sides) answered at the same time."""
    queue: int = 32
    """Requests that may wait."""


class Caller(Protocol):
    """Calls one application."""

    async def call(self, request: Request, answer: Answer, seconds: float, host: str, root_path: str) -> None:
        """Send a request and fill the answer."""


@dataclass(slots=True)
class _Loaded:
    demo: loading.Demo
    caller: Caller
    lock: asyncio.Lock | None


class Demos:
    """The demos of all topics, ready to be called."""

    def __init__(self, topics: Iterable[Topic], limits: Limits) -> None:
        """Import every variant of every topic; what fails to import is kept as a failure."""
        self.limits = limits
        self.failures: dict[tuple[str, str], str] = {}
        self._loaded: dict[_Key, _Loaded] = {}
        self._mended: OrderedDict[_Key, _Loaded] = OrderedDict()
        self._threads = wsgi.DaemonThreads()
        self._loop = asgi.DemoLoop()
        self._running = asyncio.Semaphore(limits.concurrency)
        self._waiting = 0
        for topic in topics:
            for variant in topic.variants:
                try:
                    self._loaded[topic.slug, variant.id, ()] = self._load(topic.slug, variant, ())
                except loading.DemoUnavailable as error:
                    self.failures[topic.slug, variant.id] = str(error)

    def _load(self, slug: str, variant: Variant, shims: Sequence[Shim]) -> _Loaded:
        demo = loading.load(slug, variant, shims)
        caller: Caller = (
            asgi.AsgiCaller(demo.app, self._loop)
            if variant.side.interface == "asgi"
            else wsgi.WsgiCaller(demo.app, self._threads)
        )
        return _Loaded(demo, caller, asyncio.Lock() if demo.state else None)

    def _with_shims(self, slug: str, variant: Variant, shims: Sequence[Shim]) -> _Loaded:
        """Return a copy of a demo with shims installed; the least used are forgotten. May raise DemoUnavailable."""
        key = (slug, variant.id, tuple(sorted(shim.id for shim in shims)))
        if key not in self._mended:
            self._mended[key] = self._load(slug, variant, shims)
            if len(self._mended) > MENDED:
                self._mended.popitem(last=False)
        self._mended.move_to_end(key)
        return self._mended[key]

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
        if self._running.locked() and self._waiting >= self.limits.queue:
            raise Busy("More requests wait than this server accepts. Nothing was sent: try again in 2 seconds.")
        self._waiting += 1
        try:
            await self._running.acquire()
        finally:
            self._waiting -= 1
        try:
            return tuple(
                await asyncio.gather(
                    *(self._exchange(topic.slug, v, request, HOST, "", shims, before) for v in variants)
                )
            )
        finally:
            self._running.release()

    async def mounted(self, topic: Topic, request: Request, variant: Variant, host: str, root_path: str) -> Exchange:
        """Send a request to one variant as if it were mounted under `root_path` on `host`."""
        if self._running.locked():
            raise Busy("Too many requests at once. Try again in 2 seconds.")
        async with self._running:
            return await self._exchange(topic.slug, variant, request, host, root_path)

    def _find(self, slug: str, variant: Variant, shims: Sequence[Shim]) -> _Loaded | Failure:
        ours = [shim for shim in shims if shim.side == variant.side]
        try:
            loaded = self._with_shims(slug, variant, ours) if ours else self._loaded.get((slug, variant.id, ()))
        except loading.DemoUnavailable as error:
            return Failure("unavailable", f"This demo does not load with these shims: {error}.")
        problem = self.failures.get((slug, variant.id), "it does not exist")
        return loaded or Failure("unavailable", f"This demo could not be loaded: {problem}.")

    async def _exchange(
        self,
        slug: str,
        variant: Variant,
        request: Request,
        host: str,
        root_path: str,
        shims: Sequence[Shim] = (),
        before: Sequence[Step] = (),
    ) -> Exchange:
        loaded = self._find(slug, variant, shims)
        if isinstance(loaded, Failure):
            return Exchange(variant.side.id, variant.id, request, None, loaded)
        memory = Memory()
        async with AsyncExitStack() as stack:
            if loaded.lock:
                try:
                    async with asyncio.timeout(TURN_SECONDS):
                        await stack.enter_async_context(loaded.lock)
                except TimeoutError:
                    failure = Failure("busy", "An earlier request still occupies this demo. Try again soon.")
                    return Exchange(variant.side.id, variant.id, request, None, failure)
                try:
                    loaded.demo.state.restore()
                except StateLost as error:
                    failure = Failure("unavailable", f"What this demo keeps could not be put back: {error}.")
                    return Exchange(variant.side.id, variant.id, request, None, failure)
            for step in before:
                answer = await self._call(loaded, memory.apply(step.request), host, root_path)
                response = answer.response(step.request)
                if response is None:
                    break  # the request itself then shows what is wrong
                memory.learn(response, step.save)
            request = memory.apply(request)
            answer = await self._call(loaded, request, host, root_path)
        return Exchange(variant.side.id, variant.id, request, answer.response(request), answer.failure)

    async def _call(self, loaded: _Loaded, request: Request, host: str, root_path: str) -> Answer:
        answer = Answer(self.limits.response_bytes)
        await loaded.caller.call(request, answer, self.limits.seconds, host, root_path)
        return answer

    def close(self) -> None:
        """Let the demos' threads end."""
        self._loop.close()
        self._threads.shutdown()

"""Demos that are loaded: each when it is first needed, the least used forgotten. Calls none."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import suppress

from explorer.demos import loading
from explorer.demos.asgi import AsgiCaller, DemoLoop
from explorer.demos.lifespans import Lifespan
from explorer.demos.ready import Ready, Refused
from explorer.demos.silence import Silence
from explorer.demos.wsgi import WsgiCaller
from explorer.topics import Failure, Shim, Topic, Variant

KEPT = 128
"""Demos that are kept loaded; a site with more of them loads the others again when they are asked for."""

MENDED = 32
"""Demos with shims that are kept for each topic, so that no topic's readers push out those of another.

An app that is forgotten leaks up to about 49 KiB (style reference, section 4)."""

Key = tuple[str, str, tuple[str, ...]]
"""Topic, variant, ids of the shims installed."""


class Library:
    """The loaded demos of all topics, with what calls them."""

    def __init__(self, loop: DemoLoop, threads: Executor, live_threads: Executor) -> None:
        """Load nothing yet. ASGI demos will run on `loop`, WSGI demos on threads, copies of them on `live_threads`."""
        self.failures: dict[tuple[str, str], str] = {}
        """Why a variant cannot be loaded, by topic and variant; of those that were tried."""
        self._loop = loop
        self._threads = threads
        self._live_threads = live_threads
        self._silence = Silence()
        self._plain: OrderedDict[Key, Ready] = OrderedDict()
        self._mended: defaultdict[str, OrderedDict[Key, Ready]] = defaultdict(OrderedDict)
        self._importing = asyncio.Lock()

    async def load(self, topic: Topic) -> bool:
        """Import a topic's variants if they are not loaded, and tell whether there is room for more.

        What cannot be imported becomes a failure.
        """
        for variant in topic.variants:
            with suppress(Refused):
                await self.find(topic.slug, variant, ())
        return len(self._plain) < KEPT

    async def find(self, slug: str, variant: Variant, shims: Sequence[Shim]) -> Ready:
        """Return a demo with the shims of its side, imported in a thread if it is not there. Raises Refused.

        The least used are forgotten, those with shims for each topic by itself.
        """
        ours, key = _of_side(variant, shims), key_of(slug, variant, shims)
        kept, most = (self._mended[slug], MENDED) if ours else (self._plain, KEPT)
        if key not in kept:
            async with self._importing:
                if key not in kept:
                    kept[key] = await self._import(slug, variant, ours)
                    self._forget_least_used(kept, most)
        kept.move_to_end(key)
        return kept[key]

    def plain(self, slug: str, variant_id: str) -> Ready | None:
        """Return a demo without shims if it is loaded."""
        return self._plain.get((slug, variant_id, ()))

    def load_copy(self, slug: str, variant: Variant, shims: Sequence[Shim], number: int) -> Ready:
        """Return a copy of a demo for one reader. Raises DemoUnavailable."""
        return self._load(slug, variant, _of_side(variant, shims), number)

    async def _import(self, slug: str, variant: Variant, shims: Sequence[Shim]) -> Ready:
        """Import a demo in a thread. Raises Refused; a plain one that failed is not tried again."""
        problem = self.failures.get((slug, variant.id))
        if problem is None:
            try:
                return await asyncio.to_thread(self._load, slug, variant, shims)
            except loading.DemoUnavailable as error:
                problem = str(error)
            if shims:
                raise Refused(Failure("unavailable", f"This demo does not load with these shims: {problem}."))
            self.failures[slug, variant.id] = problem
        raise Refused(Failure("unavailable", f"This demo could not be loaded: {problem}."))

    def _load(self, slug: str, variant: Variant, shims: Sequence[Shim], copy: int = 0) -> Ready:
        demo = loading.load(slug, variant, shims, copy)
        self._silence.add(demo.names)
        lock = asyncio.Lock() if demo.state else None
        if variant.side.interface == "wsgi":
            threads = self._live_threads if copy else self._threads
            return Ready(demo, WsgiCaller(demo.app, threads, demo.names, demo.pools), lock)
        caller = AsgiCaller(demo.app, self._loop)
        return Ready(demo, caller, lock, Lifespan(demo.app, self._loop, caller.state) if lock else None)

    def _forget_least_used(self, kept: OrderedDict[Key, Ready], most: int) -> None:
        """Forget the demos that were not asked for the longest, until `most` are left or all others have their turn."""
        for key in list(kept):
            if len(kept) <= most:
                return
            ready = kept[key]
            if not (ready.lock and ready.lock.locked()):
                del kept[key]
                ready.demo.forget()
                self._silence.remove(ready.demo.names)

    def close(self) -> None:
        """Forget all demos, and let what their own threads raise go where it went before."""
        for kept in (self._plain, *self._mended.values()):
            for ready in kept.values():
                ready.demo.forget()
        self._silence.close()


def key_of(slug: str, variant: Variant, shims: Sequence[Shim]) -> Key:
    """Return what tells a demo from all others; shims of another side do nothing to it."""
    return slug, variant.id, tuple(sorted(shim.id for shim in _of_side(variant, shims)))


def _of_side(variant: Variant, shims: Sequence[Shim]) -> list[Shim]:
    return [shim for shim in shims if shim.side == variant.side]

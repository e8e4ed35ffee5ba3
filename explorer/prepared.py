"""Pages and files by name, each made when it is first asked for and then kept as bytes.

What nobody reads costs nothing. Knows neither topics nor templates.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from explorer.encoding import Encoded

Maker = Callable[[], Encoded]


class Prepared(Mapping[str, Encoded]):
    """All pages of one catalog, or all static files."""

    def __init__(self, makers: Mapping[str, Maker], kept: Mapping[str, Encoded]) -> None:
        """Take a maker for each path, and the pages of an earlier catalog that are still right."""
        self._makers = dict(makers)
        self._ready = {path: page for path, page in kept.items() if path in self._makers}
        self._awaited: dict[str, asyncio.Task[Encoded]] = {}

    def ready(self, path: str) -> Encoded | None:
        """Return a page that is made already."""
        return self._ready.get(path)

    def made(self) -> Mapping[str, Encoded]:
        """Return all pages that are made already."""
        return dict(self._ready)

    def __getitem__(self, path: str) -> Encoded:
        """Return a page, made now if it is not ready. Raises KeyError if there is none."""
        page = self._ready.get(path)
        if page is None:
            page = self._ready[path] = self._makers[path]()
        return page

    async def find(self, path: str) -> Encoded | None:
        """Return a page, made in a thread if it is not ready, None if there is none.

        All who ask for it at the same time wait for one maker; it goes on if one of them leaves.
        """
        page = self._ready.get(path)
        if page is None and path in self._makers:
            making = self._awaited.get(path)
            if making is None:
                making = self._awaited[path] = asyncio.create_task(asyncio.to_thread(self.__getitem__, path))
                making.add_done_callback(partial(self._made, path))
            page = await asyncio.shield(making)
        return page

    def _made(self, path: str, making: asyncio.Task[Encoded]) -> None:
        del self._awaited[path]
        if not making.cancelled():
            making.exception()  # raised to those who wait; nobody may be left

    def __contains__(self, path: object) -> bool:
        return path in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

"""What is made when somebody asks is made outside of the loop, and once for all who wait."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from sites import Site

from explorer.atlas import Atlas
from explorer.catalog import Catalog
from explorer.encoding import Encoded, encode
from explorer.prepared import Prepared
from explorer.search import SearchIndex
from explorer.web import health


def noting(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> list[int]:
    """The threads in which a function runs from now on."""
    threads: list[int] = []
    function: Callable[..., Any] = getattr(owner, name)

    def noted(*arguments: Any, **named: Any) -> Any:
        threads.append(threading.get_ident())
        return function(*arguments, **named)

    monkeypatch.setattr(owner, name, noted)
    return threads


@pytest.mark.parametrize(
    ("path", "owner", "name"),
    [
        ("/search?q=header", SearchIndex, "search"),
        ("/api/search?q=header", SearchIndex, "search"),
        ("/differences/filter?area=body", Atlas, "page"),
        ("/api/differences?area=body", Atlas, "rows"),
        ("/api/topics/cors", Catalog, "context"),
    ],
)
def test_costly_answers_are_made_outside_of_the_loop(
    site: Site, monkeypatch: pytest.MonkeyPatch, path: str, owner: object, name: str
) -> None:
    made, loop = noting(monkeypatch, owner, name), noting(monkeypatch, health, "_of_machine")
    assert site.get("/readyz").status_code == 200
    assert site.get(path).status_code == 200
    assert made
    assert loop
    assert not set(made) & set(loop)


def pages(made: list[str]) -> Prepared:
    def make() -> Encoded:
        made.append("slow")
        time.sleep(0.05)
        return encode(b"page", "text/plain")

    def fail() -> Encoded:
        made.append("broken")
        raise RuntimeError("not today")

    return Prepared({"/slow": make, "/broken": fail}, {})


def test_all_who_wait_for_a_page_get_the_one_that_is_made() -> None:
    made: list[str] = []

    async def ask() -> list[Encoded | None]:
        prepared = pages(made)
        return await asyncio.gather(*(prepared.find("/slow") for _ in range(20)))

    found = asyncio.run(ask())
    assert made == ["slow"]
    assert found[0] is not None
    assert all(page is found[0] for page in found)


def test_a_reader_who_leaves_stops_nobody_elses_page() -> None:
    made: list[str] = []

    async def ask() -> Encoded | None:
        prepared = pages(made)
        first = asyncio.create_task(prepared.find("/slow"))
        await asyncio.sleep(0)
        second = asyncio.create_task(prepared.find("/slow"))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    page = asyncio.run(ask())
    assert page is not None
    assert page.body() == b"page"
    assert made == ["slow"]


def test_a_page_that_cannot_be_made_is_tried_again_by_the_next_reader() -> None:
    made: list[str] = []

    async def ask() -> None:
        prepared = pages(made)
        for _ in range(2):
            with pytest.raises(RuntimeError, match="not today"):
                await prepared.find("/broken")

    asyncio.run(ask())
    assert made == ["broken", "broken"]

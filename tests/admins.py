"""People who sign in to the admin, for tests: each a client of one site in process, over https as in earnest."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from fastapi import FastAPI
from sites import ROOT, Site, site_with

from explorer import editors
from explorer.database import Database
from explorer.models import Role

T = TypeVar("T")

PASSWORD = "correct donkey battery pin"
FEW = ("hello-world", "query-parameters", "middleware")
"""Enough topics for most tests; the first one is in the first section."""


def few_topics(folder: Path, slugs: tuple[str, ...] = FEW) -> Path:
    """A copy of the shipped content with a few topics only: it starts in a second."""
    content = Path(shutil.copytree(ROOT / "content", folder / "content"))
    for topic in (content / "topics").iterdir():
        if topic.name not in slugs:
            shutil.rmtree(topic)
    return content


@contextmanager
def admin_with(folder: Path, **settings: Any) -> Iterator[Site]:
    """Start a site with a few topics and a database of its own. Nobody is an editor yet."""
    content = settings.pop("content", None) or few_topics(folder)
    with site_with(content=content, data=folder / "data", **settings) as site:
        yield visitor(site)


def visitor(site: Site, **headers: str) -> Site:
    """Somebody else who visits the same site, with cookies of their own."""
    sent = {"Sec-Fetch-Site": "same-origin"} | headers
    client = Site(site.app, "https://testserver", follow_redirects=False, headers=sent)
    client.portal, client.state = site.portal, site.state
    return client


def person(site: Site, name: str, role: Role) -> Site:
    """Somebody with this role, signed in."""
    add_editor(site, name, role)
    return sign_in(visitor(site), name)


@pytest.fixture(scope="module")
def grace(site: Site) -> Site:
    """A publisher on the module's site."""
    return person(site, "grace", "publisher")


@pytest.fixture(scope="module")
def ada(site: Site) -> Site:
    """An editor on the module's site."""
    return person(site, "ada", "editor")


@pytest.fixture(scope="module")
def fresh(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Gives the next topic of the module's POOL: one that no other test changes."""
    return partial(next, iter(request.module.POOL))


@pytest.fixture
def slug(fresh: Callable[[], str]) -> str:
    """A topic of its own for one test."""
    return fresh()


def add_editor(site: Site, name: str, role: Role) -> None:
    in_database(site, lambda database: editors.add(database, name, role, by="test", password=PASSWORD))


def sign_in(client: Site, name: str, password: str = PASSWORD) -> Site:
    answer = client.post("/admin/login", data={"name": name, "password": password})
    assert (answer.status_code, answer.headers.get("location")) == (303, "/admin/"), answer.text
    return client


def in_database(site: Site, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do something with the site's database from outside, as another process would."""

    async def run() -> T:
        database = Database(site.state.settings.database)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def desk_of(site: Site) -> Any:
    """What the views of the admin use."""
    app: Any = site.app
    while not isinstance(app, FastAPI):
        app = app._app
    return next(route for route in app.routes if getattr(route, "name", "") == "admin").app.state.desk


@contextmanager
def unwritable(site: Site) -> Iterator[None]:
    """Let every save fail in the site's database, at once: a table is missing. Reading works."""
    with closing(sqlite3.connect(desk_of(site).database.file, isolation_level=None)) as other:
        other.execute("ALTER TABLE audit RENAME TO away")
        yield
        other.execute("ALTER TABLE away RENAME TO audit")

"""What the commands of the command line share: settings or one clear line, a database for the time of a command."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer
from pydantic import ValidationError

from explorer.database import Database
from explorer.errors import ExplorerError
from explorer.migrations import upgrade
from explorer.settings import Settings

T = TypeVar("T")

WHO = "command line"
"""The author of what a command changes."""


def read_settings() -> Settings:
    """Return the settings, or stop with one line a mistake."""
    try:
        return Settings()
    except ValidationError as error:
        for mistake in error.errors(include_url=False, include_input=False):
            name = "_".join(str(part) for part in mistake["loc"])
            typer.echo(f"EXPLORER_{name.upper()}: {mistake['msg']}. The README lists every setting.", err=True)
        raise typer.Exit(2) from None


def with_database(work: Callable[[Database], Awaitable[T]], migrate: bool = True) -> T:
    """Run a function with the database, with its tables made or brought up to date first. Errors become one line."""

    async def run() -> T:
        database = Database(read_settings().database)
        try:
            if migrate:
                await upgrade(database)
            return await work(database)
        finally:
            await database.close()

    return refusing(lambda: asyncio.run(run()))


def refusing(work: Callable[[], T]) -> T:
    """Run a function; what the site refuses or cannot do becomes one line and exit status 1."""
    try:
        return work()
    except ExplorerError as error:
        typer.echo(error.detail, err=True)
        raise typer.Exit(1) from None

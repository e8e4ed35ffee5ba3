"""Brings the database to the schema of this code: all steps or none, one process at a time.

The steps are in `versions`, applied by Alembic. Never goes back, and refuses a database that a newer Explorer made.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from explorer.database import Database, read_schema, wrong_schema
from explorer.errors import DatabaseAway
from explorer.models import SCHEMA, Base

SECONDS = 120.0
"""How long the steps may take, waiting for another process that runs them included."""
LOCK = 7_305_001
"""PostgreSQL's advisory lock for migrations."""


async def upgrade(database: Database) -> str | None:
    """Apply the steps that are missing and return the schema that was there before, None if there was none.

    Safe to call from several processes at once: one works, the others wait and find nothing to do. Killed half-way,
    it leaves the database as it was. Raises DatabaseAway, also for a database that is newer than this code or that
    was emptied behind our back.
    """
    before: list[str | None] = []

    def work(connection: Connection) -> None:
        before.append(_upgrade(connection))

    marker = _marker(database)
    await database.run(work, SECONDS)
    if marker:
        marker.touch()
    return before[0]


async def remake(database: Database, schema: str, fill: Callable[[Connection], None]) -> None:
    """Drop all tables, make those of a schema, have them filled, and bring them to today's: all or nothing.

    For a backup that is put back. An SQLite file that is gone is made again. Raises DatabaseAway.
    """

    def work(connection: Connection) -> None:
        _wait(connection)
        for table in reversed(Base.metadata.sorted_tables):
            table.drop(connection, checkfirst=True)
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        _upgrade(connection, schema)
        fill(connection)
        _upgrade(connection)

    marker = _marker(database, afresh=True)
    await database.run(work, SECONDS)
    if marker:
        marker.touch()


def is_known(schema: str) -> bool:
    """Tell whether this code can make the tables of a schema."""
    return schema in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _marker(database: Database, afresh: bool = False) -> Path | None:
    """Return the file that says that an SQLite database was made here; make its folder.

    An SQLite file that is gone or empty looks like a new one. Raises DatabaseAway rather than start afresh over edits,
    unless that is what is wanted.
    """
    file = database.file
    if file is None:
        return None
    marker = file.with_name(f"{file.name}.made")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        emptied = not afresh and marker.exists() and not (file.exists() and file.stat().st_size)
        if not file.exists() and not emptied:
            file.touch(mode=0o600)
    except OSError as error:
        raise DatabaseAway(f"The folder {file.parent} cannot be used: {error.strerror}.") from error
    if emptied:
        raise DatabaseAway(
            f"{file.name} is gone or empty, but it was in use. Put a backup in its place, "
            f"or remove {marker.name} to start with an empty database."
        )
    return marker


def _upgrade(connection: Connection, to: str = SCHEMA) -> str | None:
    _wait(connection)
    schema = read_schema(connection)
    if schema and not is_known(schema):
        raise DatabaseAway(wrong_schema(schema))
    if schema != to:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, to)
    return schema


def _wait(connection: Connection) -> None:
    """On PostgreSQL, take longer than a request may, and wait for other processes that are at it."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL statement_timeout = {SECONDS * 1000:.0f}"))
        connection.execute(text(f"SET LOCAL lock_timeout = {SECONDS * 1000:.0f}"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "explorer:migrations")
    return config

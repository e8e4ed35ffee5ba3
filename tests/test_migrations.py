"""Migrations: they make what the models say, whole or not at all, once, and never over a newer or emptied database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from databases import migrate
from sqlalchemy import Connection, text

from explorer import migrations
from explorer.database import Database
from explorer.errors import DatabaseAway
from explorer.models import SCHEMA, Base

pytestmark = pytest.mark.anyio


@pytest.fixture
async def changing(empty_address: str, anyio_backend: str) -> AsyncIterator[Database]:
    """A database of the test's own, whose tables may be changed."""
    await migrate(empty_address)
    database = Database(empty_address)
    yield database
    await database.close()


def compared(connection: Connection) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))


async def tables(database: Database) -> int:
    async with database.engine.connect() as connection:
        return await connection.run_sync(lambda c: len([*c.dialect.get_table_names(c)]))


async def test_the_tables_are_what_the_models_say(database: Database):
    async with database.engine.connect() as connection:
        assert await connection.run_sync(compared) == []


async def test_the_comparison_sees_a_difference(changing: Database):
    async with changing.writing() as session:
        await session.execute(text("ALTER TABLE editors ADD COLUMN extra INTEGER"))
        await session.execute(text("DROP INDEX ix_audit_at"))
    async with changing.engine.connect() as connection:
        found = await connection.run_sync(compared)
    assert [difference[0] for difference in found] == ["add_index", "remove_column"]


def test_the_newest_step_is_the_one_that_the_code_needs():
    config = Config()
    config.set_main_option("script_location", "explorer:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA]


async def test_a_second_start_changes_nothing(database: Database):
    assert await migrations.upgrade(database) == SCHEMA
    assert await database.probe() is None


async def test_a_new_database_gets_all_tables(empty_address: str):
    database = Database(empty_address)
    assert await migrations.upgrade(database) is None
    assert await tables(database) == len(Base.metadata.tables) + 1
    await database.close()


async def test_processes_that_start_at_once_make_the_tables_once(empty_address: str):
    many = [Database(empty_address) for _ in range(6)]
    found = await asyncio.gather(*(migrations.upgrade(database) for database in many))
    assert sorted(found, key=str) == [*[SCHEMA] * 5, None]
    for database in many:
        await database.close()


async def test_a_step_that_fails_leaves_nothing(empty_address: str, monkeypatch: pytest.MonkeyPatch):
    database = Database(empty_address)
    work = migrations._upgrade

    def fail(connection: Connection) -> None:
        work(connection)
        raise RuntimeError("killed")

    monkeypatch.setattr(migrations, "_upgrade", fail)
    with pytest.raises(RuntimeError, match="killed"):
        await migrations.upgrade(database)
    monkeypatch.undo()
    assert await tables(database) == 0
    assert await migrations.upgrade(database) is None
    assert await database.probe() is None
    await database.close()


async def test_a_newer_database_is_refused(changing: Database):
    async with changing.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    sentence = f"The database has schema 9999, newer than {SCHEMA} of this program: run the newer Explorer."
    with pytest.raises(DatabaseAway) as caught:
        await migrations.upgrade(changing)
    assert caught.value.detail == sentence
    assert await changing.probe() == sentence


async def test_an_emptied_file_is_not_taken_for_a_new_one(tmp_path: Path):
    file = tmp_path / "explorer.db"
    address = f"sqlite+aiosqlite:///{file}"
    await migrate(address)
    assert file.stat().st_mode & 0o777 == 0o600
    for name in ("explorer.db-wal", "explorer.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    for damage in (lambda: file.write_bytes(b""), file.unlink):
        damage()
        with pytest.raises(DatabaseAway, match="is gone or empty, but it was in use"):
            await migrate(address)
        assert not file.exists() or file.stat().st_size == 0
    (tmp_path / "explorer.db.made").unlink()
    await migrate(address)
    assert file.stat().st_size > 0


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseAway, match=r"The folder .+ cannot be used"):
        await migrate(f"sqlite+aiosqlite:///{tmp_path}/file/explorer.db")

"""Backups: what the database holds, in one file that either kind of database can take back.

A backup is a zip of JSON lines, a file for each table, and a manifest of the schema they follow. It is one snapshot;
the site goes on saving meanwhile. It has the editors with the hashes of their passwords, but no sessions, set-up links,
failed sign-ins or presence: who was signed in signs in again. What the rows mean is the business of other modules.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

from sqlalchemy import JSON, Boolean, Connection, Enum, Integer, String, Table, func, insert, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError
from sqlalchemy.types import TypeEngine

from explorer.database import Database, read_schema, wrong_schema
from explorer.errors import DatabaseAway, Refused
from explorer.migrations import is_known, remake
from explorer.models import SCHEMA, Audit, Base, Editor, Moment, Revision, Share

FORMAT, VERSION = "explorer-backup", 1
"""What the manifest says about the file; the tables have a schema of their own."""
MANIFEST = "manifest.json"
KEPT = tuple(Base.metadata.tables[model.__tablename__] for model in (Editor, Revision, Share, Audit))
"""The tables of a backup. Those left out hold what is over within a day."""
SECONDS = 600.0
"""How long writing a backup may take."""
_NO_ROW = (LookupError, ValueError, TypeError, AttributeError, EOFError, RuntimeError, zlib.error)
"""What reading a line of a file raises that nobody wrote like this; RuntimeError is an encrypted or a nested one."""
ROWS = 50
"""Read or written at a time; a row of words may be a megabyte."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a manifest says."""

    format: str
    version: int
    schema: str
    made_at: str
    """ISO 8601, in UTC."""
    rows: Mapping[str, int]
    """How many rows each table has."""


async def write(database: Database, path: Path) -> Backup:
    """Write a backup and return its manifest. The file is there when it is whole and on the disk, or not at all.

    Raises Refused for a file that exists or cannot be written, DatabaseAway for a database that cannot be read or has
    another schema.
    """
    made: list[Backup] = []
    with _new_file(path) as file:
        await database.run(lambda connection: made.append(_dump(connection, file)), SECONDS, write=False)
    return made[0]


async def restore(database: Database, path: Path, *, replace: bool = False) -> Backup:
    """Put a backup into a database without revisions and editors, or with `replace` into any; return its manifest.

    All or nothing, in one transaction. Raises Refused for a file that is no backup, damaged or of a newer Explorer,
    and for a database that holds something; DatabaseAway for one that cannot be used.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            backup = _manifest(archive, path)
            if not replace:
                await _refuse_what_holds_something(database)
            await remake(database, backup.schema, partial(_fill, archive=archive, backup=backup, path=path))
    except zipfile.BadZipFile as error:
        raise Refused(f"{path} is no backup of Explorer, or only a part of one.") from error
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from error
    return backup


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that only its owner may read, and give it its name when it is whole and on the disk."""
    if path.exists():
        raise Refused(f"{path} exists already. Give the backup another name.")
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink()
                raise
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}.") from error


def _dump(connection: Connection, file: IO[bytes]) -> Backup:
    if connection.dialect.name == "postgresql":  # SQLite reads one snapshot anyway
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        connection.execute(text(f"SET LOCAL statement_timeout = {SECONDS * 1000:.0f}"))
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    schema = read_schema(connection)
    if schema != SCHEMA:
        raise DatabaseAway(wrong_schema(schema))
    rows = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in KEPT:
            with archive.open(_name(table.name), "w", force_zip64=True) as member:
                rows[table.name] = _dump_rows(connection, table, member)
        backup = Backup(FORMAT, VERSION, SCHEMA, datetime.now(UTC).isoformat(timespec="seconds"), rows)
        archive.writestr(MANIFEST, json.dumps(asdict(backup), indent=1))
    return backup


def _dump_rows(connection: Connection, table: Table, member: IO[bytes]) -> int:
    query = select(table).order_by(*table.primary_key)
    count = 0
    for row in connection.execute(query, execution_options={"yield_per": ROWS}).mappings():
        line = json.dumps(dict(row), ensure_ascii=False, separators=(",", ":"), default=datetime.isoformat)
        member.write(line.encode() + b"\n")
        count += 1
    return count


def _manifest(archive: zipfile.ZipFile, path: Path) -> Backup:
    """Return what a file says about itself. Raises Refused for one that this code cannot read."""
    if not {member.compress_type for member in archive.infolist()} <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise Refused(f"{path} is no backup of Explorer, or only a part of one.")  # others fail in ways of their own
    try:
        said = json.loads(archive.read(MANIFEST))
        known = said["format"] == FORMAT and isinstance(said["version"], int)
    except (KeyError, ValueError, TypeError, RuntimeError, zlib.error):
        known = False
    if not known:
        raise Refused(f"{path} is no backup of Explorer, or only a part of one.")
    if said["version"] > VERSION:
        raise Refused(f"{path} was written by a newer Explorer: restore it with that one.")
    try:
        backup = Backup(**said)
        counts = isinstance(backup.rows, dict) and all(type(count) is int for count in backup.rows.values())
        newer = not is_known(backup.schema) and backup.schema > SCHEMA
    except TypeError:
        raise _damaged(path, MANIFEST) from None
    if newer:
        raise Refused(f"{path} has schema {backup.schema}, newer than {SCHEMA}: restore it with the newer Explorer.")
    if not counts or not is_known(backup.schema) or not set(backup.rows) <= Base.metadata.tables.keys():
        raise _damaged(path, MANIFEST)
    return backup


async def _refuse_what_holds_something(database: Database) -> None:
    counts: dict[str, int] = {}

    def count(connection: Connection) -> None:
        for table in (Revision.__table__, Editor.__table__):
            if connection.dialect.has_table(connection, str(table)):
                counts[str(table)] = connection.scalar(select(func.count()).select_from(table)) or 0

    if database.file is None or database.file.exists():
        await database.run(count, SECONDS, write=False)
    if any(counts.values()):
        held = ", ".join(f"{name} {number}" for name, number in counts.items())
        raise Refused(f"The database is not empty ({held}). Give --replace to put the backup in its place.")


def _fill(connection: Connection, archive: zipfile.ZipFile, backup: Backup, path: Path) -> None:
    for table in Base.metadata.sorted_tables:  # in the order of their foreign keys
        if table.name in backup.rows:
            try:
                count = _fill_rows(connection, table, archive)
            except (IntegrityError, DataError) as error:
                raise _damaged(path, _name(table.name)) from error
            except DBAPIError as error:
                if str(getattr(error.orig, "sqlstate", "")).startswith("22"):  # a value that its type does not have
                    raise _damaged(path, _name(table.name)) from error
                raise
            except (StatementError, *_NO_ROW) as error:
                raise _damaged(path, _name(table.name)) from error
            if count != backup.rows[table.name]:
                raise _damaged(path, _name(table.name))


def _fill_rows(connection: Connection, table: Table, archive: zipfile.ZipFile) -> int:
    count = 0
    with archive.open(_name(table.name)) as member:
        for rows in _batches(member, partial(_row, table)):
            connection.execute(insert(table), rows)
            count += len(rows)
    if count and "id" in table.columns and connection.dialect.name == "postgresql":
        # rows came with their ids: the next one of this table's own starts after them
        sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
        connection.execute(text(f"SELECT setval({sequence}, (SELECT max(id) FROM {table.name}))"))  # noqa: S608
    return count


def _batches(lines: IO[bytes], read: Callable[[bytes], dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    for line in lines:
        rows.append(read(line))
        if len(rows) == ROWS:
            yield rows
            rows = []
    if rows:
        yield rows


def _row(table: Table, line: bytes) -> dict[str, Any]:
    """Return a line as the columns have it. Raises ValueError, KeyError or TypeError for one that is none."""
    row: dict[str, Any] = json.loads(line)
    for name, value in row.items():
        column = table.columns[name]
        if not (column.nullable if value is None else _fits(value, column.type)):
            raise ValueError(f"{name} cannot be {value!r}")
        if isinstance(column.type, Moment) and value is not None:
            row[name] = datetime.fromisoformat(value)
    return row


def _fits(value: object, kind: TypeEngine[Any]) -> bool:
    """Tell whether a column of this type takes a value; SQLite would take any, and only PostgreSQL complain.

    Raises ValueError for numbers that JSON does not have.
    """
    if isinstance(kind, Enum):
        return value in kind.enums
    if isinstance(kind, JSON):
        return bool(json.dumps(value, allow_nan=False))
    if isinstance(kind, Boolean):
        return isinstance(value, bool)
    if isinstance(kind, Integer):
        return type(value) is int and abs(value) < 2**31
    if isinstance(kind, String):
        known = isinstance(value, str) and len(value) <= (kind.length or len(value))
        return known and not re.search("[\0\ud800-\udfff]", str(value))
    return True


def _name(table: str) -> str:
    return f"{table}.jsonl"


def _damaged(path: Path, name: str) -> Refused:
    return Refused(f"{path} is damaged: {name} is not what was written. The database was left as it was.")

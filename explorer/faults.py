"""What drivers of databases raise, in words: why the database is away, and the mend where there is one.

Mistakes of our own SQL are none of these and pass as they are.
"""

from __future__ import annotations

import errno
import re
import sqlite3
import ssl
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from explorer.errors import DatabaseAway

_FILES = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}
"""Faults of a file that somebody writes meanwhile, as a backup: none of the database's."""
READ_ONLY = "PostgreSQL accepts no writes."

_SQLITE = {
    sqlite3.SQLITE_BUSY: "another process holds the lock of the database file",
    sqlite3.SQLITE_LOCKED: "another process holds the lock of the database file",
    sqlite3.SQLITE_READONLY: "the database file or its folder is read-only",
    sqlite3.SQLITE_PERM: "the database file may not be opened",
    sqlite3.SQLITE_CANTOPEN: "the database file cannot be opened; its folder must exist and be writable",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk of the database gives errors",
    sqlite3.SQLITE_CORRUPT: "the database file is damaged",
    sqlite3.SQLITE_NOTADB: "the database file is not a database",
}
_POSTGRESQL = {
    "25006": READ_ONLY[:-1],
    "28000": "PostgreSQL refuses the user; its pg_hba.conf says who may come from where, and whether only with TLS",
    "28P01": "PostgreSQL refuses the password",
    "3D000": "PostgreSQL has no database of that name",
    "40001": "two writers were in each other's way",
    "40P01": "two writers were in each other's way",
    "42501": "the user has too few rights in the database; make it the owner of its database",
    "42P01": "the tables are missing; `explorer db upgrade` makes them",
    "53100": "the disk of PostgreSQL is full",
    "53300": "PostgreSQL has no connection left",
    "55P03": "another process holds a lock",
    "57014": "PostgreSQL took too long",
    "57P01": "PostgreSQL is shutting down",
    "57P03": "PostgreSQL is starting or shutting down",
}


class in_words:  # noqa: N801
    """Turn what drivers raise into DatabaseAway with a reason. Mistakes of our own SQL pass."""

    def __init__(self, kind: str) -> None:
        """Take which kind of database it is, "sqlite" or "postgresql"."""
        self.kind = kind

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        reason = None
        if isinstance(error, TimeoutError | PoolTimeout):
            reason = "the database did not answer in time"
        elif isinstance(error, OSError):
            if self.kind == "postgresql" and error.errno not in _FILES:  # SQLite's driver raises none
                reason = _unreached(error)
        elif isinstance(error, DBAPIError):
            reason = _reason(error)
        if reason:
            raise DatabaseAway(f"{reason[0].upper()}{reason[1:]}.") from error


def _unreached(error: OSError) -> str:
    """Return why there is no connection to PostgreSQL, or none any more."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"PostgreSQL shows a certificate that is not trusted: {error.verify_message.rstrip('.')}"
    if isinstance(error, ssl.SSLError):
        return f"TLS with PostgreSQL fails: {error.reason or error}"
    if "rejected SSL upgrade" in str(error):
        return "the server offers no TLS, which sslmode in EXPLORER_DATABASE_URL demands, or is no PostgreSQL"
    if isinstance(error, ConnectionResetError | ConnectionAbortedError | BrokenPipeError):
        return "the connection to the database broke"
    return "PostgreSQL does not run or cannot be reached"


def _reason(error: DBAPIError) -> str | None:
    """Return what a driver's error means, None if it is not about the state of the database."""
    cause: Any = error.orig
    if isinstance(cause, sqlite3.Error):
        if "no such table" in str(cause):
            return _POSTGRESQL["42P01"]
        return _SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    if reason := _POSTGRESQL.get(getattr(cause, "sqlstate", None) or ""):
        return reason
    if error.connection_invalidated:
        return "the connection to the database broke"
    if error.statement is None:  # while connecting or at a COMMIT; of more lines, the others may quote rows
        said = re.sub("<class '.+?'>: ", "", str(cause).partition("\n")[0], count=1).rstrip(".")
        return f"PostgreSQL cannot be used: {said}"
    return None

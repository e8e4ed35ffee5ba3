"""Databases for tests: an SQLite file of its own and a real PostgreSQL, each with the tables that migrations made.

PostgreSQL is started once, on a Unix socket in a temporary folder. Where it is not installed its tests are skipped,
or fail if EXPLORER_REQUIRE_POSTGRES=1.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select, text

from explorer.database import Database
from explorer.migrations import upgrade
from explorer.models import Audit, Base

REQUIRED = os.environ.get("EXPLORER_REQUIRE_POSTGRES") == "1"
PROGRAMS = ("initdb", "postgres", "pg_ctl", "createdb")
KINDS = ("sqlite", "postgresql")


def programs() -> Path | None:
    """The folder of PostgreSQL's programs; Debian keeps them out of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found += [Path(path).parent for path in [shutil.which("initdb")] if path]
    return next((folder for folder in found if all((folder / name).is_file() for name in PROGRAMS)), None)


@dataclass
class Postgres:
    """A PostgreSQL server of the tests' own. It does not run as root."""

    folder: Path
    programs: Path
    names: Iterator[int] = field(default_factory=itertools.count)
    flags: tuple[str, ...] = ("-h ''",)
    """More to say to the server; without it nobody comes but by its socket."""
    free: list[str] = field(default_factory=list)
    """Addresses of databases that are empty again: making one takes a second on a slow disk."""

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    def command(self, program: str, *arguments: str) -> list[str]:
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        return [*user, str(self.programs / program), *arguments]

    def run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            self.command(program, *arguments), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.folder
        )
        assert done.returncode == 0, done.stderr.decode()

    def own(self, path: Path) -> None:
        """Let the server read a file, and nobody else."""
        path.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(path, pwd.getpwnam("postgres").pw_uid, -1)

    def start(self) -> None:
        flags = [*self.flags, f"-k {self.folder}", "-F", "-N 60"]
        self.run(
            "pg_ctl", "start", "-w", "-t", "60", "-D", self.data, "-l", f"{self.folder}/log", "-o", " ".join(flags)
        )

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "-m", "immediate", "-D", self.data)

    def end(self) -> None:
        """Stop for good and remove everything."""
        self.stop()
        shutil.rmtree(self.folder)

    def processes(self) -> list[int]:
        """The server's process and those of its connections."""
        main = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return [main, *map(int, children)]

    def signal(self, number: signal.Signals) -> None:
        for process in self.processes():
            os.kill(process, number)

    def address(self, name: str) -> str:
        return f"postgresql+asyncpg://postgres@/{name}?host={self.folder}"

    def create(self) -> str:
        """Make a database with all tables and return its address."""
        name = f"explorer_{next(self.names)}"
        self.run("createdb", "-h", str(self.folder), "-U", "postgres", "-T", "migrated", name)
        return self.address(name)

    def create_empty(self) -> str:
        name = f"empty_{next(self.names)}"
        self.run("createdb", "-h", str(self.folder), "-U", "postgres", name)
        return self.address(name)


async def entries(database: Database, limit: int = 100) -> Sequence[Audit]:
    """What the audit says, newest first."""
    async with database.reading() as session:
        return (await session.scalars(select(Audit).order_by(Audit.id.desc()).limit(limit))).all()


async def empty(address: str) -> None:
    """Remove all rows."""
    database = Database(address)
    tables = ", ".join(Base.metadata.tables)
    async with database.writing() as session:
        await session.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    await database.close()


async def migrate(address: str) -> None:
    database = Database(address)
    try:
        await upgrade(database)
    finally:
        await database.close()


def start_postgres() -> Postgres:
    """Start a server with a migrated database to copy, or skip."""
    found = programs()
    if found is None:
        assert not REQUIRED, "EXPLORER_REQUIRE_POSTGRES=1, but PostgreSQL is not installed"
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="explorer-pg-"))  # a short path: a socket's name has 107 bytes
    folder.chmod(0o700)
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
    server = Postgres(folder, found)
    server.run("initdb", "-D", server.data, "-A", "trust", "-U", "postgres", "-N", "-E", "UTF8", "--locale=C")
    server.start()
    server.run("createdb", "-h", str(folder), "-U", "postgres", "migrated")
    asyncio.run(migrate(server.address("migrated")))
    return server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server that all tests share."""
    server = start_postgres()
    yield server
    server.end()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with all tables, on SQLite and on PostgreSQL. Its tables stay as they are."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        address = server.free.pop() if server.free else server.create()
        yield address
        asyncio.run(empty(address))
        server.free.append(address)
    else:
        address = f"sqlite+aiosqlite:///{tmp_path / 'explorer.db'}"
        asyncio.run(migrate(address))
        yield address


@pytest.fixture(params=KINDS)
def empty_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        return server.create_empty()
    return f"sqlite+aiosqlite:///{tmp_path / 'new' / 'explorer.db'}"


@pytest.fixture
async def database(address: str, anyio_backend: str) -> AsyncIterator[Database]:
    """An open database with all tables."""
    database = Database(address)
    yield database
    await database.close()

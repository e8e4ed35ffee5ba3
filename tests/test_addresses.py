"""Addresses of databases as operators write them: each works on a real PostgreSQL with TLS, or is refused in a line."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from databases import Postgres, start_postgres
from proxies import make_certificate
from sites import ROOT, free_port, invoke, site_with
from sqlalchemy import text

from explorer.addresses import WORDS
from explorer.database import Database
from explorer.settings import Settings

WELL = "The database can be read and written, and its tables are those of this program."
RIGHTS = "The user has too few rights in the database; make it the owner of its database."
USERS = ("CREATE USER ann PASSWORD 'secret' SUPERUSER", "CREATE USER poor PASSWORD 'secret'")
ONLY_TLS = "hostssl all ann,poor 127.0.0.0/8 scram-sha-256\nlocal all postgres trust\n"


@dataclass
class Encrypted:
    """A PostgreSQL that lets nobody in from the network without TLS and a password."""

    server: Postgres
    port: int

    def address(self, query: str = "", *, user: str = "ann:secret", scheme: str = "postgresql", name: str = "") -> str:
        return f"{scheme}://{user}@127.0.0.1:{self.port}/{name or 'migrated'}{query}"


async def prepare(address: str) -> None:
    database = Database(address)
    async with database.writing() as session:
        for statement in USERS:
            await session.execute(text(statement))
    await database.close()


@pytest.fixture(scope="module")
def encrypted() -> Iterator[Encrypted]:
    server = start_postgres()
    try:
        asyncio.run(prepare(server.address("migrated")))
        server.stop()
        make_certificate(server.folder)
        server.own(server.folder / "key.pem")
        (server.folder / "data" / "pg_hba.conf").write_text(ONLY_TLS)
        port = free_port()
        tls = ("ssl=on", f"ssl_cert_file={server.folder}/certificate.pem", f"ssl_key_file={server.folder}/key.pem")
        server.flags = ("-h 127.0.0.1,127.0.0.2", f"-p {port}", *(f"-c {flag}" for flag in tls))
        server.start()
        yield Encrypted(server, port)
    finally:
        server.end()


@pytest.fixture(scope="module")
def authority(encrypted: Encrypted, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The certificate of the server, which signed itself, and one that has nothing to do with it."""
    other = tmp_path_factory.mktemp("other")
    make_certificate(other)
    return {"own": encrypted.server.folder / "certificate.pem", "other": other / "certificate.pem"}


def check(address: str) -> str:
    """What `explorer db check` says of an address, which is one line."""
    done = invoke("db", "check", database_url=address)
    said = done.stdout + done.stderr
    assert (done.returncode, said.count("\n")) == (0 if WELL in said else 1, 1)
    return said.strip()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg"])
def test_a_scheme_that_tools_print(encrypted: Encrypted, scheme: str):
    assert check(encrypted.address(scheme=scheme)) == WELL


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?sslmode=require", WELL),
        ("?ssl=require", WELL),
        ("?sslmode=verify-full&sslrootcert={own}", WELL),
        ("?sslmode=require&sslrootcert={other}", "PostgreSQL shows a certificate that is not trusted: "),
        ("?sslmode=verify-ca&sslrootcert={other}", "PostgreSQL shows a certificate that is not trusted: "),
        ("?sslmode=disable", "PostgreSQL refuses the user; its pg_hba.conf says who may come from where, and"),
        (
            "?sslmode=require&ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2",
            "TLS with PostgreSQL fails: ",
        ),
        ("?sslnegotiation=direct", "PostgreSQL cannot be used: direct TLS requires sslmode=require"),
    ],
)
def test_the_words_for_tls_do_what_they_say(encrypted: Encrypted, authority: dict[str, Path], query: str, said: str):
    assert check(encrypted.address(query.format(**authority))).startswith(said)


def test_the_whole_of_a_certificate_is_looked_at(encrypted: Encrypted, authority: dict[str, Path]):
    """Its name, too: 127.0.0.1 stands in it, 127.0.0.2 does not."""
    query = f"?sslmode=verify-full&sslrootcert={authority['own']}"
    elsewhere = encrypted.address(query).replace("127.0.0.1", "127.0.0.2")
    assert check(elsewhere).startswith("PostgreSQL shows a certificate that is not trusted: IP address mismatch")
    assert check(elsewhere.replace("verify-full", "verify-ca")) == WELL


def test_a_server_without_tls(encrypted: Encrypted):
    with socket.create_server(("127.0.0.1", 0)) as plain:
        port = plain.getsockname()[1]
        address = f"postgresql://ann:secret@127.0.0.1:{port}/x?sslmode=require"
        answering = asyncio.run(refusing_tls(plain, address))
    assert answering == (
        "The server offers no TLS, which sslmode in EXPLORER_DATABASE_URL demands, or is no PostgreSQL."
    )


async def refusing_tls(plain: socket.socket, address: str) -> str | None:
    """What is wrong with a database that says N to TLS."""

    async def say_no(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(b"N")
        await writer.drain()
        writer.close()

    database = Database(Settings(database_url=address).database)
    async with await asyncio.start_server(say_no, sock=plain):
        problem = await database.probe()
    await database.close()
    return problem


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://wanda:secret@h/x?channel_binding=require", "channel_binding cannot be used: leave it out"),
        ("postgresql://wanda:secret@h/x?connect_timeout=3", "connect_timeout cannot be used: leave it out"),
        ("postgresql://wanda:secret@h/x?\nsslmode=require", "'\\nsslmode' cannot be used: leave it out"),
        ("postgresql://wanda:secret@h/x?sslmode=sure", "sslmode must be one of disable, allow, prefer, require, "),
        ("postgresql://wanda:secret@h/x?ssl=true", "sslmode must be one of disable, allow, prefer, require, "),
        ("postgresql://wanda:secret@h/x?sslmode=allow&ssl=require", "sslmode must stand there once"),
        ("postgresql://wanda:secret@h/x?sslmode=verify-full", "sslmode=verify-full needs sslrootcert=/path/of/"),
        ("postgresql://wanda:secret@h/x?sslrootcert=/nowhere.pem", "sslrootcert=/nowhere.pem must be the whole path"),
        ("postgresql://wanda:secret@h/x?sslrootcert=README.md", "sslrootcert=README.md must be the whole path"),
        ("postgresql://wanda:secret@h/x?sslcert={here}", "sslcert and sslkey must stand together"),
        ("postgresql://wanda:secret@h/x?sslpassword=", "sslpassword must not be empty"),
        ("postgresql://wanda:secret@h/x?port=none", "must have a number up to 65535 as its port"),
        (
            "postgresql://wanda:secret@h/x?ssl_min_protocol_version=SSLv3",
            "ssl_min_protocol_version must be one of TLSv1.2",
        ),
        ("postgresql://wanda:sec@ret@h/x", "must name one host; in a user or a password @ is %40"),
        ("postgresql://wanda:secret@a:1,b:2/x", "must name one host; in a user or a password @ is %40"),
        ("postgresql://wanda:secret@/x?host=a,b", "must name one host; in a user or a password @ is %40"),
        ("postgresql://wanda:secret@h/x?host=a:1,b:2", "must name one host; in a user or a password @ is %40"),
        ("postgresql://wanda:secret@/x?host=a:99999", "must have a number up to 65535 as its port"),
        ("postgresql+pg8000://wanda:secret@h/x", "must start with postgresql:// or be sqlite+aiosqlite:///"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_mend(address: str, said: str):
    done = invoke("db", "check", database_url=address.format(here=ROOT / "README.md"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"EXPLORER_DATABASE_URL: Value error, {said}")
    assert "wanda" not in done.stderr
    assert "secret" not in done.stderr


def test_the_words_are_documented():
    section = re.search(r"### A PostgreSQL of your own\n(.+?)\n## ", (ROOT / "docs/hosting.md").read_text(), re.S)
    assert section
    assert set(WORDS) == {word for word in re.findall(r"`([a-z_]+)`", section[1]) if word in WORDS}


@pytest.mark.parametrize("command", [("db", "upgrade"), ("editor", "list"), ("backup", "{tmp}/x"), ("import", "--yes")])
def test_a_database_that_cannot_be_used_ends_each_command_with_one_line(
    encrypted: Encrypted, tmp_path: Path, command: tuple[str, ...]
):
    silent = socket.create_server(("127.0.0.1", 0))  # takes connections and never says a word
    port = silent.getsockname()[1]
    places = {
        encrypted.address(user="ann:wrong"): "PostgreSQL refuses the password.",
        encrypted.address(name="nothing"): "PostgreSQL has no database of that name.",
        encrypted.address(user="poor:secret"): RIGHTS,
        f"postgresql://ann:secret@127.0.0.1:{port}/x": "The database did not answer in time.",
        "postgresql://ann:secret@127.0.0.1:1/x": "PostgreSQL does not run or cannot be reached.",
    }
    for address, said in places.items():
        done = invoke(*(part.format(tmp=tmp_path) for part in command), database_url=address)
        assert (done.returncode, done.stderr) == (1, f"{said}\n")
    silent.close()


def test_the_site_starts_without_the_right_to_make_tables(
    encrypted: Encrypted, hostile_content: Path, caplog: pytest.LogCaptureFixture
):
    socket_and_port = ("-h", str(encrypted.server.folder), "-p", str(encrypted.port))
    encrypted.server.run("createdb", *socket_and_port, "-U", "postgres", "bare")
    address = encrypted.address(user="poor:secret", name="bare")
    with site_with(content=hostile_content, database_url=address) as site:
        assert site.get("/topics/calm").status_code == 200
        assert site.get("/readyz").json()["database"] == RIGHTS
    told = [record for record in caplog.records if "edits cannot be read" in record.message]
    assert [record.message for record in told] == [f"edits cannot be read, the pages stay as they are: {RIGHTS}"]
    assert not any(record.exc_info for record in told)

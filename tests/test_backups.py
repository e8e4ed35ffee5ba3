"""Backups: one snapshot while editors save, put back whole or not at all, from either kind of database into either."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import os
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from admins import PASSWORD, few_topics
from databases import entries, migrate
from sites import Run, Site, invoke
from sqlalchemy import text

from explorer import backups, editors, revisions, sessions, shares
from explorer.database import Database
from explorer.errors import DatabaseAway, Refused
from explorer.models import SCHEMA, Base
from explorer.topics import Wording

TOPIC = "hello-world"
WORDS = Wording(
    "# Hello\n\nWords — ünïcode 🙂\u2028 \"quoted\" \\ 'too'.\n", "Restored.", "start", 10, {"flask": "Note.\n"}
)
FOUR = ("editors", "revisions", "shares", "audit")


async def furnish(database: Database) -> None:
    """Save something of everything."""
    await editors.add(database, "ada", "owner", by="test", password=PASSWORD)
    await editors.make_link(database, "ada", by="test")
    how = {"author": "ada", "why": "Why not."}
    await revisions.save(database, TOPIC, WORDS, based_on=0, state="published", shipped=WORDS, **how)  # type: ignore[arg-type]
    await revisions.save(database, TOPIC, WORDS, based_on=1, state="draft", **how)  # type: ignore[arg-type]
    await shares.share(database, TOPIC, 2, 7, by="ada")
    await sessions.sign_in(database, "ada", PASSWORD, "192.0.2.1")


async def rows(database: Database, table: str) -> list[object]:
    async with database.reading() as session:
        return [*(await session.execute(Base.metadata.tables[table].select())).all()]


async def all_of(database: Database) -> list[object]:
    """What a backup keeps, as the models read it."""
    async with database.reading() as session:
        found: list[object] = []
        for table in backups.KEPT:
            found += (await session.execute(table.select().order_by(*table.primary_key))).all()
        return found


@pytest.mark.anyio
async def test_what_was_written_comes_back_in_either_database(database: Database, empty_address: str, tmp_path: Path):
    await furnish(database)
    file = tmp_path / "backup.zip"
    made = await backups.write(database, file)
    assert (made.schema, tuple(made.rows)) == (SCHEMA, FOUR)
    assert made.rows == {"editors": 1, "revisions": 2, "shares": 1, "audit": 6}
    assert file.stat().st_mode & 0o777 == 0o600
    other = Database(empty_address)
    assert await backups.restore(other, file) == made
    assert await other.probe() is None
    assert await all_of(other) == await all_of(database)
    for table in ("sessions", "setup_links", "throttle", "presence"):
        assert await rows(other, table) == []
    assert await sessions.sign_in(other, "ada", PASSWORD, "192.0.2.1")
    assert (await entries(other))[0].id == 7, "ids go on after those that came with the backup"
    saved = await revisions.save(other, TOPIC, WORDS, author="ada", why="More.", based_on=2)
    assert (saved.id, saved.number) == (3, 3)
    await other.close()


@pytest.mark.anyio
async def test_a_backup_under_saves_is_one_moment(database: Database, tmp_path: Path):
    """All that was acknowledged before is in it, without a gap, and the saves go on."""
    over = asyncio.Event()
    acknowledged: list[int] = []

    async def save() -> None:
        while not over.is_set():
            await revisions.save(
                database, TOPIC, WORDS, author="ada", why=str(len(acknowledged)), based_on=len(acknowledged)
            )
            acknowledged.append(len(acknowledged) + 1)
            await asyncio.sleep(0)

    saving = asyncio.create_task(save())
    same = Database(database.url.render_as_string(hide_password=False))
    for number in range(3):
        while len(acknowledged) < 10 * (number + 1):  # noqa: ASYNC110 -- what is waited for are real saves
            await asyncio.sleep(0.01)
        before = len(acknowledged)
        file = tmp_path / f"{number}.zip"
        made = await backups.write(same, file)
        told = [json.loads(line)["number"] for line in zipfile.ZipFile(file).read("revisions.jsonl").splitlines()]
        assert told == [*range(1, made.rows["revisions"] + 1)]
        assert made.rows["revisions"] == made.rows["audit"], "a save and what the audit says of it belong together"
        assert before <= made.rows["revisions"] <= len(acknowledged) + 1
    over.set()
    await saving
    await same.close()


@pytest.mark.anyio
async def test_what_is_there_is_not_overwritten_unasked(database: Database, tmp_path: Path):
    await furnish(database)
    file = tmp_path / "backup.zip"
    await backups.write(database, file)
    with pytest.raises(Refused, match="exists already"):
        await backups.write(database, file)
    with pytest.raises(Refused) as caught:
        await backups.restore(database, file)
    assert caught.value.detail == (
        "The database is not empty (revisions 2, editors 1). Give --replace to put the backup in its place."
    )
    kept = await all_of(database)
    await revisions.save(database, TOPIC, WORDS, author="eve", why="Later.", based_on=2)
    await backups.restore(database, file, replace=True)
    assert await all_of(database) == kept
    assert await rows(database, "sessions") == []


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A backup, and beside it the database that it was made of."""
    file = tmp_path / "whole.zip"

    async def make() -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'explorer.db'}")
        await furnish(database)
        await backups.write(database, file)
        await database.close()

    asyncio.run(migrate(f"sqlite+aiosqlite:///{tmp_path / 'explorer.db'}"))
    asyncio.run(make())
    return file


def changed(file: Path, changes: Mapping[str, Callable[[bytes], bytes]]) -> bytes:
    """A backup with files in it changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, bytes)(old.read(name)))
    return made.getvalue()


def manifest(**values: object) -> dict[str, Callable[[bytes], bytes]]:
    return {"manifest.json": lambda text: json.dumps(json.loads(text) | values).encode()}


def line(old: bytes, new: bytes, name: str = "revisions.jsonl") -> dict[str, Callable[[bytes], bytes]]:
    return {name: lambda text: text.replace(old, new)}


def flipped(file: Path) -> bytes:
    found = file.read_bytes()
    place = len(found) // 3
    return found[:place] + bytes([found[place] ^ 1]) + found[place + 1 :]


def packed(file: Path, way: int, damaged: str) -> bytes:
    """A backup that something else has packed anew, with one file in it damaged in the middle."""
    made = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w", way) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        member = new.getinfo(damaged)
    found = bytearray(made.getvalue())
    place = member.header_offset + 30 + len(damaged) + member.compress_size // 2
    found[place : place + 8] = bytes(8)
    return bytes(found)


def flagged(file: Path, place: int, value: int) -> bytes:
    """A backup of which each file says something else about how it is packed."""
    found = bytearray(file.read_bytes())
    for entry in re.finditer(b"PK\1\2", bytes(found)):
        found[entry.start() + place] = value
    return bytes(found)


DAMAGED = " is damaged: {} is not what was written. The database was left as it was."
NONE = " is no backup of Explorer, or only a part of one."


@pytest.mark.anyio
async def test_damaged_and_newer_files_are_refused_and_change_nothing(empty_address: str, whole: Path, tmp_path: Path):
    bad = tmp_path / "bad.zip"
    database = Database(empty_address)
    await backups.restore(database, whole)
    before = await all_of(database)
    newer = f" has schema 9999, newer than {SCHEMA}: restore it with the newer Explorer."
    revisions_damaged = DAMAGED.format("revisions.jsonl")
    whole_bytes = changed(whole, {})
    cases: list[tuple[bytes, str]] = [
        (b"", NONE),
        (b"PK\3\4 no zip", NONE),
        (whole_bytes[:-200], NONE),
        (changed(whole, {"manifest.json": lambda _: b"{}"}), NONE),
        (changed(whole, {"manifest.json": lambda _: b"not json"}), NONE),
        (changed(whole, manifest(version=2)), " was written by a newer Explorer: restore it with that one."),
        (changed(whole, manifest(schema="9999")), newer),
        (changed(whole, manifest(schema="0000")), DAMAGED.format("manifest.json")),
        (changed(whole, manifest(rows={"pg_class": 1})), DAMAGED.format("manifest.json")),
        (changed(whole, manifest(extra=1)), DAMAGED.format("manifest.json")),
        (changed(whole, {"revisions.jsonl": lambda text: text.splitlines(keepends=True)[0]}), revisions_damaged),
        (changed(whole, line(b'"number":2', b'"number":1')), revisions_damaged),
        (changed(whole, line(b'"state":"draft"', b'"state":"live"')), revisions_damaged),
        (changed(whole, line(b'"saved_at":"', b'"saved_at":"x')), revisions_damaged),
        (changed(whole, line(b'"saved_at"', b'"saved"')), revisions_damaged),
        (changed(whole, line(b"{", b"[")), revisions_damaged),
        (changed(whole, line(b'"role":"owner"', b'"role":null', "editors.jsonl")), DAMAGED.format("editors.jsonl")),
        (
            changed(whole, line(b'"disabled":false', b'"disabled":"no"', "editors.jsonl")),
            DAMAGED.format("editors.jsonl"),
        ),
        (changed(whole, line(b'"number":2', b'"number":"2"')), revisions_damaged),
        (changed(whole, line(b'"number":2', b'"number":99999999999')), revisions_damaged),
        (changed(whole, line(b'"why":"', b'"why":"\\u0000')), revisions_damaged),
        (changed(whole, line(b'"why":"', b'"why":"\\ud800')), revisions_damaged),
        (changed(whole, line(b'"author":"', b'"author":"' + 101 * b"x")), revisions_damaged),
        (changed(whole, {"revisions.jsonl": lambda _: 100_000 * b"["}), revisions_damaged),
        (changed(whole, {"manifest.json": lambda _: 100_000 * b"["}), NONE),
        (changed(whole, manifest(rows=None)), DAMAGED.format("manifest.json")),
        (changed(whole, line(b'"flask":"Note.\\n"', b'"flask":NaN')), revisions_damaged),
        (changed(whole, line(b'"flask":"Note.\\n"', b'"flask":-1e999')), revisions_damaged),
        (packed(whole, zipfile.ZIP_LZMA, "revisions.jsonl"), NONE),
        (packed(whole, zipfile.ZIP_BZIP2, "revisions.jsonl"), NONE),
        (packed(whole, zipfile.ZIP_BZIP2, "manifest.json"), NONE),
        (flagged(whole, 8, 1), NONE),  # encrypted
        (flagged(whole, 10, 99), NONE),  # compressed in a way that nobody knows
    ]
    for content, said in cases:
        bad.write_bytes(content)
        with pytest.raises(Refused) as caught:
            await backups.restore(database, bad, replace=True)
        assert caught.value.detail == f"{bad}{said}"
        assert await all_of(database) == before, said
    bad.write_bytes(flipped(whole))
    with pytest.raises(Refused, match=r"damaged|no backup"):
        await backups.restore(database, bad, replace=True)
    assert await all_of(database) == before
    await database.close()


@pytest.mark.anyio
async def test_an_older_backup_is_brought_to_todays_tables(whole: Path, tmp_path: Path):
    """The first schema had no shares."""
    older = tmp_path / "older.zip"
    counts = json.loads(zipfile.ZipFile(whole).read("manifest.json"))["rows"]
    del counts["shares"]
    older.write_bytes(changed(whole, manifest(schema="0001", rows=counts)))
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'other.db'}")
    await backups.restore(database, older)
    assert await database.probe() is None
    assert await rows(database, "shares") == []
    assert len(await revisions.history(database, TOPIC)) == 2
    await database.close()


@pytest.mark.anyio
async def test_a_database_of_another_schema_is_not_written(database: Database, tmp_path: Path):
    async with database.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(DatabaseAway, match=r"schema 0001.+explorer db upgrade"):
        await backups.write(database, tmp_path / "backup.zip")
    assert [name for name in os.listdir(tmp_path) if "backup" in name] == []  # noqa: PTH208, short
    async with database.writing() as session:
        await session.execute(text(f"UPDATE alembic_version SET version_num = '{SCHEMA}'"))


def test_the_commands_and_the_site_afterwards(
    explorer: Run, whole: Path, tmp_path: Path, make_site: Callable[..., Site]
):
    """A database file that is gone is made again from its backup."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "explorer.db.made").touch()
    done = explorer("restore", whole, data=data)
    assert done.stderr == ""
    counts = "editors 1, revisions 2, shares 1, audit 6."
    assert re.fullmatch(rf"Restored what .+ at 20[-\dT:+]+: {counts} Everybody has to sign in again\.\n", done.stdout)
    refused = explorer("restore", whole, data=data)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    again = tmp_path / "again.zip"
    assert explorer("backup", again, data=data).stdout == f"Wrote {again}: {counts}\n"
    site = make_site(content=few_topics(tmp_path), data=data)
    assert "Words — ünïcode 🙂" in site.get(f"/topics/{TOPIC}").text


@pytest.mark.anyio
async def test_a_file_that_cannot_be_read_or_written_is_told(database: Database, tmp_path: Path):
    with pytest.raises(Refused) as caught:
        await backups.restore(database, tmp_path / "no.zip")
    assert caught.value.detail == f"{tmp_path}/no.zip cannot be read: No such file or directory."
    with pytest.raises(Refused) as caught:
        await backups.write(database, tmp_path / "no" / "backup.zip")
    assert caught.value.detail == f"{tmp_path}/no/backup.zip cannot be written: No such file or directory."


def test_a_disk_that_is_full_is_told_as_that(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    data = tmp_path / "data"
    assert invoke("restore", whole, data=data).returncode == 0
    monkeypatch.setattr(backups, "_dump_rows", full)
    done = invoke("backup", tmp_path / "cut.zip", data=data)
    assert (done.returncode, done.stderr) == (1, f"{tmp_path}/cut.zip cannot be written: No space left on device.\n")
    assert not [path for path in tmp_path.iterdir() if "cut" in path.name]

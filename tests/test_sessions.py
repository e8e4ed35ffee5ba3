"""Editors: sign-in, sessions that end, slowed guessing, one-time links, passwords, presence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher, extract_parameters
from databases import entries
from sqlalchemy import event, text

from explorer import editors, passwords, presence, sessions, throttle
from explorer.database import Database
from explorer.editors import use_link
from explorer.errors import Busy, DatabaseAway, Refused
from explorer.models import Editor, Moment
from explorer.sessions import WrongPassword, sign_in, signed_in
from explorer.throttle import Throttled

pytestmark = pytest.mark.anyio

PASSWORD = "four words that nobody guesses"
HERE, THERE = "192.0.2.1", "198.51.100.7"


async def add(database: Database, name: str = "ada", role: str = "owner") -> Editor:
    return await editors.add(database, name, role, by="test", password=PASSWORD)  # type: ignore[arg-type]


async def who(database: Database, token: str) -> str | None:
    editor = await signed_in(database, token)
    return editor.name if editor else None


async def fail(database: Database, times: int, name: str = "ada", address: str = HERE) -> list[str]:
    """Sign in with a wrong password and return what was raised each time."""
    raised = []
    for _ in range(times):
        with pytest.raises((WrongPassword, Throttled)) as caught:
            await sign_in(database, name, "wrong password", address)
        raised.append(type(caught.value).__name__)
    return raised


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """The clock stands still, however busy the machine is, until this moves it ahead by some seconds."""
    now = datetime.now(UTC)

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return now

    def move(seconds: float) -> None:
        nonlocal now
        now += timedelta(seconds=seconds)

    for module in (editors, sessions, throttle, presence):
        monkeypatch.setattr(module, "datetime", Clock)
    return move


async def test_a_session_lasts_until_it_is_signed_out(database: Database):
    await add(database)
    token = await sign_in(database, " Ada ", PASSWORD, HERE)
    other = await sign_in(database, "ada", PASSWORD, THERE)
    assert len(token) == 43
    assert token != other
    assert (await who(database, token), await who(database, "x" * 43), await who(database, "")) == ("ada", None, None)
    await sessions.sign_out(database, token)
    assert (await who(database, token), await who(database, other)) == (None, "ada")


@pytest.mark.parametrize(
    "change",
    [
        lambda d: editors.set_password(d, "ada", "another four good words", by="ada"),
        lambda d: editors.set_role(d, "ada", "publisher", by="bob"),
        lambda d: editors.set_disabled(d, "ada", True, by="bob"),
    ],
)
async def test_a_change_of_the_account_ends_its_sessions(database: Database, change: Callable[[Database], object]):
    await add(database)
    await add(database, "bob")
    tokens = [await sign_in(database, "ada", PASSWORD, HERE) for _ in range(2)]
    bob = await sign_in(database, "bob", PASSWORD, HERE)
    await change(database)  # type: ignore[misc]
    assert [await who(database, token) for token in (*tokens, bob)] == [None, None, "bob"]


async def test_a_session_that_outlived_its_epoch_is_over(database: Database):
    await add(database)
    token = await sign_in(database, "ada", PASSWORD, HERE)
    async with database.writing() as session:  # what a racing sign-in could leave behind
        await session.execute(text("UPDATE editors SET epoch = epoch + 1"))
    assert await who(database, token) is None


async def test_only_the_other_sessions_end(database: Database):
    ada = await add(database)
    tokens = [await sign_in(database, "ada", PASSWORD, HERE) for _ in range(3)]
    assert await sessions.sign_out_others(database, ada, tokens[1]) == 2
    assert [await who(database, token) for token in tokens] == [None, "ada", None]


async def test_an_unused_session_ends_after_an_hour(database: Database, later: Callable[[float], None]):
    await add(database)
    token = await sign_in(database, "ada", PASSWORD, HERE)
    for _ in range(3):
        later(59 * 60)
        assert await who(database, token) == "ada"
    later(61 * 60)
    assert await who(database, token) is None


async def test_a_used_session_ends_after_twelve_hours(database: Database, later: Callable[[float], None]):
    await add(database)
    token = await sign_in(database, "ada", PASSWORD, HERE)
    for _ in range(23):
        later(30 * 60)
        assert await who(database, token) == "ada"
    later(31 * 60)
    assert await who(database, token) is None


async def test_nothing_that_opens_a_door_is_stored(database: Database):
    await add(database)
    token = await sign_in(database, "ada", PASSWORD, HERE)
    link = await editors.make_link(database, "ada", by="ada")
    await fail(database, 1)
    async with database.reading() as session:
        tables = ("editors", "sessions", "setup_links", "throttle", "audit")
        stored = [str(row) for table in tables for row in await session.execute(text(f"SELECT * FROM {table}"))]
    assert stored
    secrets = (token, link, PASSWORD, "wrong password", HERE)
    assert [row for row in stored if any(secret in row for secret in secrets)] == []


@pytest.mark.parametrize("name", ["ada", "nobody", "gone", "fresh"])
async def test_all_refusals_are_the_same(database: Database, name: str):
    await add(database)
    await add(database, "gone", "editor")
    await editors.set_disabled(database, "gone", True, by="ada")
    await editors.add(database, "fresh", "editor", by="ada")
    wrong = PASSWORD if name in ("gone", "fresh") else "wrong password"
    with pytest.raises(WrongPassword) as caught:
        await sign_in(database, name, wrong, HERE)
    assert (caught.value.status, caught.value.detail) == (401, "Name and password do not fit.")


@pytest.mark.parametrize("name", ["", "a\0b", "\ud800", "ada ada", "a" * 101])
async def test_a_name_that_nobody_can_have_is_an_unknown_one(database: Database, name: str):
    with pytest.raises(WrongPassword):
        await sign_in(database, name, PASSWORD, HERE)
    with pytest.raises(Refused, match="There is no editor"):
        await editors.find(database, name)


async def test_an_unknown_account_costs_the_same_work(database: Database, monkeypatch: pytest.MonkeyPatch):
    """Work is counted, not time: the same number of statements, and a hash of the same parameters."""
    await add(database)
    hashes, statements = [], []
    matches = passwords._matches
    monkeypatch.setattr(passwords, "_matches", lambda stored, word: (hashes.append(stored), matches(stored, word))[1])
    for name in ("ada", "nobody"):
        seen: list[str] = []
        listener = lambda c, cursor, statement, *_, seen=seen: seen.append(statement)  # noqa: E731
        event.listen(database.engine.sync_engine, "before_cursor_execute", listener)
        await fail(database, 1, name, THERE if name == "ada" else HERE)
        event.remove(database.engine.sync_engine, "before_cursor_execute", listener)
        statements.append(seen)
    assert statements[0] == statements[1]
    assert [extract_parameters(stored) for stored in hashes] == [extract_parameters(hashes[0])] * 2
    assert hashes[1] == passwords.UNKNOWN


async def test_the_parameters_of_a_hash():
    parameters = extract_parameters(await passwords.hash_password(PASSWORD))
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19 * 1024, 2, 1)
    assert not PasswordHasher.from_parameters(parameters).check_needs_rehash(passwords.UNKNOWN)


async def test_a_flood_of_hashes_is_bounded():
    flood = [passwords.verify(None, PASSWORD) for _ in range(passwords.THREADS + passwords.WAITING + 20)]
    results = await asyncio.gather(*flood, return_exceptions=True)
    assert [type(result).__name__ for result in results if result is not False] == ["Busy"] * 20
    assert isinstance(results[-1], Busy)
    assert await passwords.verify(None, PASSWORD) is False


async def test_guessing_is_slowed_down(database: Database, later: Callable[[float], None]):
    await add(database)
    assert await fail(database, 8) == ["WrongPassword"] * 5 + ["Throttled"] * 3
    with pytest.raises(Throttled) as caught:
        await sign_in(database, "ada", PASSWORD, HERE)
    assert (caught.value.status, caught.value.retry_after) == (429, 1)
    assert caught.value.detail == "Too many sign-ins failed. Try again in 1 second."
    for wait in (1, 2, 4, 8, 16, 32, 60, 60):
        later(wait - 0.01)
        assert await fail(database, 1) == ["Throttled"]
        later(0.01)
        assert await fail(database, 1) == ["WrongPassword"]


async def test_the_owner_gets_in_elsewhere_at_once_and_here_after_a_minute(
    database: Database, later: Callable[[float], None]
):
    await add(database)
    for _ in range(8):
        await fail(database, 2)
        later(60)
    assert await fail(database, 2) == ["WrongPassword", "Throttled"]
    assert await who(database, await sign_in(database, "ADA", PASSWORD, THERE)) == "ada"
    later(60)
    assert await who(database, await sign_in(database, "ada", PASSWORD, HERE)) == "ada"
    assert await fail(database, 6) == ["WrongPassword"] * 5 + ["Throttled"]  # and counting starts again


async def test_many_at_once_gain_nothing(database: Database):
    await add(database)
    guesses = [sign_in(database, "ada", "wrong password", HERE) for _ in range(20)]
    results = await asyncio.gather(*guesses, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Throttled"] * 15 + ["WrongPassword"] * 5


async def test_one_address_cannot_try_many_accounts(database: Database):
    raised = [(await fail(database, 1, f"name{n}"))[0] for n in range(25)]
    assert raised == ["WrongPassword"] * 20 + ["Throttled"] * 5
    v6 = [(await fail(database, 1, f"name{n}", f"2001:db8::{n}"))[0] for n in range(25)]
    assert v6 == raised


async def test_one_account_cannot_be_tried_from_many_addresses(database: Database):
    raised = [(await fail(database, 1, "ada", f"203.0.113.{n}"))[0] for n in range(55)]
    assert raised == ["WrongPassword"] * 50 + ["Throttled"] * 5


async def test_what_was_counted_is_forgotten(database: Database, later: Callable[[float], None]):
    await fail(database, 6)
    later(15 * 60 + 1)
    assert await fail(database, 6) == ["WrongPassword"] * 5 + ["Throttled"]


async def test_the_first_owner_comes_by_link(database: Database):
    first, second = [await editors.make_first_link(database) for _ in range(2)]
    assert first
    assert second
    link = await editors.look_up_link(database, first)
    assert link is not None
    assert link.editor_id is None
    with pytest.raises(Refused, match="fewer than 8"):
        await use_link(database, first, "short", "ada")
    with pytest.raises(Refused, match="A name has"):
        await use_link(database, first, PASSWORD, "no name")
    ada = await use_link(database, first, PASSWORD, "Ada")
    assert (ada.name, ada.role) == ("ada", "owner")
    for token in (first, second, "x" * 43):
        assert await editors.look_up_link(database, token) is None
        with pytest.raises(Refused, match="This link was used or is too old"):
            await use_link(database, token, PASSWORD, "eve")
    assert await editors.make_first_link(database) is None
    assert await who(database, await sign_in(database, "ada", PASSWORD, HERE)) == "ada"


async def test_of_two_who_use_first_links_at_once_one_is_owner(database: Database):
    links = [await editors.make_first_link(database) for _ in range(2)]
    uses = [use_link(database, link or "", PASSWORD, name) for link, name in zip(links, ("ada", "eve"), strict=True)]
    results = await asyncio.gather(*uses, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Editor", "Refused"]
    assert len(await editors.everybody(database)) == 1


async def test_a_link_sets_a_password_once_and_for_a_day(database: Database, later: Callable[[float], None]):
    await add(database)
    await editors.add(database, "bob", "editor", by="ada")
    old = await editors.make_link(database, "bob", by="ada")
    new = await editors.make_link(database, "bob", by="ada")
    with pytest.raises(Refused):
        await use_link(database, old, PASSWORD)
    assert (await use_link(database, new, PASSWORD)).name == "bob"
    token = await sign_in(database, "bob", PASSWORD, HERE)
    with pytest.raises(Refused):
        await use_link(database, new, "another four good words")
    late = await editors.make_link(database, "bob", by="ada")
    later(24 * 3600 + 1)
    with pytest.raises(Refused):
        await use_link(database, late, "another four good words")
    assert token
    assert await passwords.verify((await editors.find(database, "bob")).password, PASSWORD)


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("1234567", "fewer than 8 characters"),
        ("password", "tried first"),
        ("PassWord123", "tried first"),
        ("123456789012345", "tried first"),
        ("abababababababab", "tried first"),
        ("7ada-go3", "holds your name"),
        ("x" * 1025, "longer than 1024 bytes"),
        ("four words \ud800 here", "a character that is none"),
    ],
)
async def test_a_bad_password_is_refused_with_a_mend(database: Database, password: str, complaint: str):
    with pytest.raises(Refused, match=complaint) as caught:
        await editors.add(database, "ada", "owner", by="test", password=password)
    assert password == "password" or password not in caught.value.detail
    assert await editors.everybody(database) == []


@pytest.mark.parametrize(
    "password", ["gkzQ7-pw", "       8 spaces, and more", "пароль длинный", "€" * 3 + "12345xyz", "a\0bcdefgh"]
)
async def test_a_good_password_is_taken_as_it_is(password: str):
    passwords.check(password, "ada")
    stored = await passwords.hash_password(password)
    assert await passwords.verify(stored, password)
    for other in (password.upper(), password[:-1], password + " "):
        assert await passwords.verify(stored, other) is (other == password)


@pytest.mark.parametrize("name", ["", " ", "a b", "<b>", "ä", ".hidden", "a" * 101, "a\nb"])
async def test_a_bad_name_is_refused(database: Database, name: str):
    with pytest.raises(Refused, match="A name has 1 to 100"):
        await editors.add(database, name, "editor", by="test")


async def test_a_name_is_taken_once(database: Database):
    await add(database)
    with pytest.raises(Refused, match="There is an editor ada already"):
        await add(database, "ADA")
    with pytest.raises(Refused, match="There is no editor bob"):
        await editors.find(database, "bob")


async def test_the_last_owner_stays(database: Database):
    await add(database)
    await add(database, "bob", "publisher")
    for change in (
        editors.set_disabled(database, "ada", True, by="ada"),
        editors.set_role(database, "ada", "editor", by="ada"),
    ):
        with pytest.raises(Refused, match="ada is the last owner"):
            await change
    await editors.set_role(database, "bob", "owner", by="ada")
    await editors.set_disabled(database, "ada", True, by="bob")
    with pytest.raises(Refused, match="bob is the last owner"):
        await editors.set_disabled(database, "bob", True, by="bob")


async def test_each_role_may_what_those_before_it_may(database: Database):
    table = {role: await add(database, role, role) for role in ("editor", "publisher", "owner")}
    allowed = {name: [role for role in table if editors.may(editor, role)] for name, editor in table.items()}  # type: ignore[arg-type]
    assert allowed == {
        "editor": ["editor"],
        "publisher": ["editor", "publisher"],
        "owner": ["editor", "publisher", "owner"],
    }
    table["owner"].disabled = True
    assert not editors.may(table["owner"], "editor")


async def test_the_audit_names_changes_of_accounts(database: Database):
    await add(database)
    await editors.add(database, "bob", "editor", by="ada")
    await editors.set_role(database, "bob", "publisher", by="ada")
    await editors.set_disabled(database, "bob", True, by="ada")
    told = [(e.who, e.what, e.before, e.after) for e in await entries(database)]
    assert told == [
        ("ada", "disable bob", {"disabled": False}, {"disabled": True}),
        ("ada", "set role of bob", {"role": "editor"}, {"role": "publisher"}),
        ("ada", "add editor bob", None, {"role": "editor"}),
        ("test", "add editor ada", None, {"role": "owner"}),
    ]


async def test_editors_see_who_else_is_there(database: Database, later: Callable[[float], None]):
    ada, bob = await add(database), await add(database, "bob")
    assert await presence.arrive(database, ada, "topic") == []
    assert await presence.arrive(database, bob, "other") == []
    assert await presence.arrive(database, bob, "topic") == ["ada"]
    assert await presence.arrive(database, ada, "topic") == ["bob"]
    await presence.leave(database, bob, "topic")
    assert await presence.arrive(database, ada, "topic") == []
    later(31)
    assert await presence.arrive(database, bob, "topic") == []


async def test_a_time_without_a_zone_is_not_stored():
    with pytest.raises(ValueError, match="without a zone"):
        Moment().process_bind_param(datetime(2026, 1, 1), None)  # type: ignore[arg-type]  # noqa: DTZ001


async def test_the_open_sessions_are_those_that_are_not_over(database: Database, later: Callable[[float], None]):
    ada, bob = await add(database), await add(database, "bob", "editor")
    for name in ("ada", "bob", "bob"):
        await sign_in(database, name, PASSWORD, HERE)
        later(1)
    assert [row.editor.name for row in await sessions.opened(database)] == ["bob", "bob", "ada"]
    assert len(await sessions.opened(database, bob)) == 2
    await editors.end_sessions(database, "bob", by="ada")
    assert await sessions.opened(database, bob) == []
    later(sessions.IDLE.total_seconds())
    assert await sessions.opened(database, ada) == []


async def test_a_disabled_editors_link_is_over(database: Database):
    await add(database)
    await add(database, "bob", "editor")
    link = await editors.make_link(database, "bob", by="ada")
    assert await editors.look_up_link(database, link) is not None
    await editors.set_disabled(database, "bob", True, by="ada")
    assert await editors.look_up_link(database, link) is None


async def test_a_session_that_cannot_be_prolonged_still_reads(
    database: Database, later: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
):
    await add(database)
    token = await sign_in(database, "ada", PASSWORD, HERE)
    later(sessions.TOUCH.total_seconds() + 1)
    tried = []

    async def away(*_: object) -> None:
        tried.append(True)
        raise DatabaseAway("The database file or its folder is read-only.")

    monkeypatch.setattr(sessions, "_prolong", away)
    assert await who(database, token) == "ada"
    assert tried

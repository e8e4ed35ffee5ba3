"""Passwords: which are accepted, and argon2id hashes made in a few threads of bounded memory.

Stores and logs nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from explorer.errors import Busy, Refused

T = TypeVar("T")

LONG = 15
"""From this many characters on, length is enough."""
SHORT = 8
"""At least this many characters, if it is none of the common ones."""
BYTES = 1024
THREADS = 2
"""Hashes made at the same time, 19 MiB each."""
WAITING = 32
"""Hashes that may wait; more are refused."""

UNKNOWN = "$argon2id$v=19$m=19456,t=2,p=1$pDz6W8ey/NBf51SdWnLO3A$Gq7YUZmoca1p1uDKdY0URG5OEQR7SbtOxNm5Z1bJgZs"
"""Checked where there is no account, so that the answer takes as long. No password fits it."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
_threads = ThreadPoolExecutor(THREADS, "password")
_waiting = 0

_COMMON = frozenset(
    """
    password passwort password1 password12 password123 password1234 passw0rd p@ssword p@ssw0rd pa$$word pa55word
    12345678 123456789 1234567890 12345678910 123123123 11111111 00000000 87654321 987654321 0987654321 88888888
    66666666 99999999 12341234 11112222 11223344 1122334455 12121212 123321123 147258369 159753159 789456123
    102030405 qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 1q2w3e4r 1q2w3e4r5t 1qaz2wsx qazwsxedc zaq12wsx
    asdfghjk asdfghjkl zxcvbnm1 q1w2e3r4 qwer1234 asdf1234 zxcvbnm123 qweasdzxc 1qazxsw2 abcd1234 abc12345
    abcdefgh abcdefg1 a1b2c3d4 a1234567 aa123456 aa12345678 iloveyou iloveyou1 ilovejesus sunshine sunshine1
    princess princess1 football football1 baseball baseball1 basketball superman superman1 batman123 starwars
    startrek trustno1 letmein1 letmein123 welcome1 welcome12 welcome123 welcome2024 welcome2025 welcome2026
    changeme changeme1 changeme123 secret123 secret1234 topsecret admin123 admin1234 admin12345 administrator
    administrator1 root1234 rootroot toortoor adminadmin test1234 testtest testing1 testing123 guest123
    guestguest default1 temp1234 temppass computer computer1 internet internet1 whatever whatever1 michelle
    jennifer jessica1 michael1 charlie1 jordan23 danielle victoria samantha alexander christian elizabeth
    stephanie butterfly chocolate chocolate1 dolphins elephant fernando firebird garfield hardcore infinity
    killer123 liverpool liverpool1 maverick mercedes midnight mustang1 november december september october1
    summer2024 summer2025 summer2026 winter2024 winter2025 winter2026 spring2025 spring2026 autumn2025 pokemon1
    ferrari1 porsche1 rangers1 redskins scorpion slipknot snickers spiderman steelers thunder1 corvette cocacola
    dragon12 dragon123 master12 master123 monkey12 monkey123 shadow12 shadow123 hello123 hello1234 helloworld
    hellohello lovelove loveme12 blink182 freedom1 jesus123 matrix123 ninja123 passpass passpass1 password!
    password1! password123! p@ssw0rd1 p@ssword1 p@ssword123 qwerty123! welcome1! admin123! letmein! changeme!
    flask123 fastapi1 fastapi123 explorer explorer1 explorer123 tworoutes python123 django123 postgres postgres1
    database database1 developer developer1 passwordpassword passwordpassword1 123456789012345 1234567890123456
    qwertyuiopasdfgh qwertyuiopasdfghjkl correcthorsebatterystaple
    """.split()  # noqa: SIM905
)
"""Passwords that everybody tries first, of eight characters or more."""


def check(password: str, name: str) -> None:
    """Accept a new password of an account, or raise Refused with the mend."""
    folded = password.casefold()
    if len(password.encode(errors="replace")) > BYTES:
        raise Refused(f"The password is longer than {BYTES} bytes: take a shorter one.")
    if len(password) < SHORT:
        raise Refused(
            f"The password has fewer than {SHORT} characters: {LONG} or more are best, four words for example."
        )
    if any("\ud800" <= character <= "\udfff" for character in password):
        raise Refused("The password holds a character that is none: type it again.")
    if folded in _COMMON or len(set(folded)) < 5:
        raise Refused("The password is one that is tried first: take another, four words for example.")
    if len(password) < LONG and len(name) > 2 and name.casefold() in folded:
        raise Refused("The password holds your name: take another, four words for example.")


async def hash_password(password: str) -> str:
    """Return the hash to be stored. Raises Busy where too many are waiting."""
    return await _in_thread(lambda: _hasher.hash(password))


async def verify(stored: str | None, password: str) -> bool:
    """Tell whether a password is the one stored. Takes as long where nothing is stored. Raises Busy."""
    if len(password) > BYTES:  # the same for everybody, and no work
        return False
    return await _in_thread(lambda: _matches(stored or UNKNOWN, password)) and stored is not None


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


async def _in_thread(work: Callable[[], T]) -> T:
    global _waiting
    if _waiting >= THREADS + WAITING:
        raise Busy("Too many people sign in at this moment. Try again in a few seconds.")
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work)
    finally:
        _waiting -= 1

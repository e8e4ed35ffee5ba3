"""What an operator may write as the address of a database, read into the one form that `database` takes.

Takes libpq's words for TLS, as psql and hosters print them. Names what cannot be used and the mend, never a user or a
password. Connects to nothing; of certificates it looks whether the file can be read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
TLS = ("sslmode", *FILES, "sslpassword", "ssl_min_protocol_version", "ssl_max_protocol_version", "sslnegotiation")
"""What libpq and asyncpg both know of TLS."""
WORDS = ("host", "port", *TLS)

_VERSIONS = ("TLSv1.2", "TLSv1.3")
_SQLITE = re.compile(r"sqlite\+aiosqlite:///([^?]+)", re.S)
_POSTGRESQL = re.compile(
    r"postgres(?:ql)?(?:\+(?:asyncpg|psycopg2?))?:"
    r"(?P<place>//(?:[^:/]*(?::[^@]*)?@)?(?P<host>\[[^/?]+\]|[^/:?]+)?(?::(?P<port>[^/?]*))?(?:/[^?]*)?)"
    r"(?:\?(?P<query>.*))?",
    re.S,
)
"""As SQLAlchemy reads an address."""


def read_address(address: str) -> str:
    """Return the address with the driver's name and the words that the driver knows. Raises ValueError with a mend."""
    if file := _SQLITE.fullmatch(address):
        if file[1].startswith((":memory:", "file:")):
            raise ValueError("must name a file: what is kept in memory is lost at the next restart")
        return address
    found = _POSTGRESQL.fullmatch(address)
    if not found:
        raise ValueError("must start with postgresql:// or be sqlite+aiosqlite:/// and a file's path")
    _check_host(f"{found['host']} {found['port']}")
    _check_port(found["port"])
    words = _words(found["query"] or "")
    return f"postgresql+asyncpg:{found['place']}" + (f"?{urlencode(words, safe='/')}" if words else "")


def _words(query: str) -> dict[str, str]:
    """Return what stands behind the question mark."""
    words: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        name = "sslmode" if name == "ssl" else name  # as asyncpg has it
        if name not in WORDS:
            raise ValueError(f"{_shown(name)} cannot be used: leave it out; after ? may stand {', '.join(WORDS)}")
        if name in words:
            raise ValueError(f"{name} must stand there once")
        words[name] = value
        _check_word(name, value)
    if words.get("sslmode", "").startswith("verify") and "sslrootcert" not in words:
        raise ValueError(f"sslmode={words['sslmode']} needs sslrootcert=/path/of/the/authority.pem beside it")
    if ("sslcert" in words) != ("sslkey" in words):
        raise ValueError("sslcert and sslkey must stand together")
    return words


def _check_word(name: str, value: str) -> None:
    if name == "sslmode":
        _check_choice(name, value, MODES)
    elif name in ("ssl_min_protocol_version", "ssl_max_protocol_version"):
        _check_choice(name, value, _VERSIONS)
    elif name == "sslnegotiation":
        _check_choice(name, value, ("postgres", "direct"))
    elif name == "port":
        _check_port(value or "none")
    elif name == "host" and value:
        _check_host(value, ",")
        if value.count(":") == 1 and not value.startswith("/"):  # with more, an address of IPv6
            _check_port(value.partition(":")[2])
    elif name in FILES and not (Path(value).is_absolute() and Path(value).is_file() and os.access(value, os.R_OK)):
        raise ValueError(f"{name}={_shown(value)} must be the whole path of a file that this user can read")
    elif not value:
        raise ValueError(f"{name} must not be empty: leave it out, or give it a value")


def _check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}")


def _check_host(host: str, others: str = ",@") -> None:
    """Refuse more than one host, by the characters that would stand between them."""
    if any(character in host for character in others):
        raise ValueError("must name one host; in a user or a password @ is %40, / is %2F and : is %3A")


def _check_port(port: str | None) -> None:
    if port and not (re.fullmatch("[0-9]{1,5}", port) and int(port) < 65536):
        raise ValueError("must have a number up to 65535 as its port; in a password @ is %40 and : is %3A")


def _shown(typed: str) -> str:
    """Return something that was typed, fit for one line."""
    return typed if typed.isprintable() and len(typed) <= 200 else ascii(typed)[:200]

"""What a demo keeps between calls: its module-level dicts, lists, sets and SQLite connections.

Copies all of it and puts a copy back; an engine takes back the connections that nobody returned. Copies no other
object, calls no application and knows no visitor.
"""

from __future__ import annotations

import copy
import gc
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    import sqlite3  # at run time only a demo brings it in: the site's own pages load no database library

CONTAINERS = (dict, list, set)


class StateLost(Exception):
    """What a demo keeps could not be copied or put back; the text says why."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A copy of everything a demo keeps."""

    containers: list[Any]
    databases: list[bytes]
    size: int
    """About how many bytes it takes: those of the databases, and the containers' length as text."""


class DemoState:
    """The live containers and connections of one demo, and a copy of what they held after import."""

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        """Find what the modules of a demo hold. Raises StateLost if it cannot be copied."""
        held = [value for module in modules for value in _held(vars(module))]
        unique = list({id(value): value for value in held}.values())  # modules import from each other
        self._connections = [value for value in unique if _is_connection(value)]
        self._engines = [value for value in unique if _is_engine(value)]
        self._containers = [value for value in unique if type(value) in CONTAINERS]
        self._initial = self.snapshot()

    def __bool__(self) -> bool:
        """Tell whether there is anything to keep."""
        return bool(self._connections or self._containers)

    def snapshot(self) -> Snapshot:
        """Return a copy of what is there now; a transaction that is still open is rolled back first.

        Raises StateLost.
        """
        try:
            containers, databases = copy.deepcopy(self._containers), [_pages(live) for live in self._connections]
            return Snapshot(containers, databases, len(repr(containers)) + sum(map(len, databases)))
        except Exception as error:  # copying runs what the demo's own classes say
            raise StateLost(f"{type(error).__name__}: {error}") from error

    def restore(self, snapshot: Snapshot | None = None) -> None:
        """Put everything back to a snapshot, to what was there after import unless one is given. Raises StateLost."""
        snapshot = snapshot or self._initial
        try:
            for live, held in zip(self._containers, copy.deepcopy(snapshot.containers), strict=True):
                live.clear()
                (live.extend if isinstance(live, list) else live.update)(held)
            _end_leaks(self._engines)
            for connection, pages in zip(self._connections, snapshot.databases, strict=True):
                _put_back(connection, pages)
        except Exception as error:
            raise StateLost(f"{type(error).__name__}: {error}") from error


def _held(names: Mapping[str, Any]) -> list[Any]:
    return [
        value
        for name, value in names.items()
        if not name.startswith("__") and (type(value) in CONTAINERS or _is_connection(value) or _is_engine(value))
    ]


def _is_connection(value: object) -> TypeGuard[sqlite3.Connection]:
    module = sys.modules.get("sqlite3")
    return module is not None and isinstance(value, module.Connection)


def _is_engine(value: object) -> bool:
    module = sys.modules.get("sqlalchemy")
    return module is not None and isinstance(value, module.Engine) and isinstance(value.pool, module.QueuePool)


def _end_leaks(engines: Iterable[Any]) -> None:
    """Take connections back that sessions of a demo never returned; they may hold locks."""
    for engine in engines:
        if engine.pool.checkedout():
            gc.collect()  # sessions and their transactions are cycles
            engine.dispose()


# Through a second connection and the backup API, which refuses a database in use. To call `deserialize` on the live
# connection while one of its cursors is open ends the process (Python 3.11, SQLite 3.40).


def _pages(live: sqlite3.Connection) -> bytes:
    import sqlite3

    live.rollback()
    with closing(sqlite3.connect(":memory:")) as other:
        live.backup(other)
        return other.serialize()


def _put_back(live: sqlite3.Connection, pages: bytes) -> None:
    import sqlite3

    live.rollback()
    with closing(sqlite3.connect(":memory:")) as other:
        other.deserialize(pages)
        try:
            other.backup(live)
        except sqlite3.OperationalError:
            gc.collect()  # a cursor that a demo left in a cycle
            other.backup(live)

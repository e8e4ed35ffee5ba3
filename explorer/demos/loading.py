"""Imports a demo's app.py in isolation.

Each demo gets a module name of its own, sees the modules of its own folder and no other demo's, and is
imported once. Does not call the application.
"""

from __future__ import annotations

import inspect
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from explorer.demos.files import import_file, new_module
from explorer.demos.state import DemoState, StateLost
from explorer.topics import Shim, Variant

Application = Callable[..., Any]

_importing = threading.Lock()


class DemoUnavailable(Exception):
    """The demo could not be loaded; the text says why."""


@dataclass(slots=True)
class Demo:
    """A loaded demo: its application and what it keeps between calls."""

    variant: Variant
    app: Application
    modules: dict[str, ModuleType]
    """Kept so that the demo's own modules stay alive although other demos cannot see them."""
    state: DemoState

    def forget(self) -> None:
        """Take the modules out of sys.modules and remove their folders; a call that is under way keeps the rest."""
        for value in self._held:
            if isinstance(value, TemporaryDirectory):
                value.cleanup()
        for name, module in self.modules.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]

    def has_list(self, name: str) -> bool:
        """Tell whether app.py holds a list of this name."""
        return isinstance(self._named(name), list)

    def lines(self, name: str) -> list[Any]:
        """Return the live list of a name in app.py, an empty one if there is none."""
        value = self._named(name)
        return value if isinstance(value, list) else []

    def _named(self, name: str) -> object:
        return getattr(next(iter(self.modules.values())), name, None) if name else None

    @property
    def names(self) -> frozenset[str]:
        """Return the names that its modules have."""
        return frozenset(module.__name__ for module in self.modules.values())

    @property
    def pools(self) -> list[ThreadPoolExecutor]:
        """Return the thread pools that its modules hold."""
        return [value for value in self._held if isinstance(value, ThreadPoolExecutor)]

    @property
    def _held(self) -> list[Any]:
        return [value for module in self.modules.values() for value in vars(module).values()]


def load(topic: str, variant: Variant, shims: Sequence[Shim] = (), copy: int = 0) -> Demo:
    """Import a variant's app.py, install shims and return its application. Each `copy` is a module of its own.

    Raises DemoUnavailable if the file is missing, fails to import, or defines no `app` of the side's interface.
    """
    path = variant.folder / "app.py"
    if not path.is_file():
        raise DemoUnavailable("app.py is missing")
    number = (str(copy),) if copy else ()
    module, loader = new_module("_".join(("demo", topic, variant.id, *(shim.id for shim in shims), *number)), path)
    name = module.__name__
    _quieten(name)
    with _isolated(variant.folder, name, module) as modules:
        try:
            loader.exec_module(module)
        except (Exception, SystemExit) as error:
            raise DemoUnavailable(f"app.py fails to import: {type(error).__name__}: {error}") from error
    _quieten(*modules)
    app = getattr(module, "app", None)
    if not callable(app):
        raise DemoUnavailable("app.py defines no application called `app`")
    is_asgi = inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(type(app).__call__)
    if is_asgi != (variant.side.interface == "asgi"):
        raise DemoUnavailable(f"`app` is not a {variant.side.interface.upper()} application")
    for shim in shims:
        _install(shim, app)
    try:
        state = DemoState((module, *modules.values()))
    except StateLost as error:
        raise DemoUnavailable(f"what it keeps cannot be copied: {error}") from error
    return Demo(variant, app, {name: module, **modules}, state)


def _quieten(*names: str) -> None:
    """Keep what a demo logs and raises out of our log: it is shown to the visitor. Flask logs under its module's name.

    A demo that touches `app.logger` while it is imported gets Flask's handler on standard error unless one is there.
    """
    for name in names:
        quiet = logging.getLogger(name)
        if not quiet.handlers:  # the logger outlives a demo that is forgotten and imported again
            quiet.addHandler(logging.NullHandler())
        quiet.propagate = False


def _install(shim: Shim, app: Application) -> None:
    try:
        import_file(f"shim_{shim.id}", shim.file).install(app)
    except (Exception, SystemExit) as error:
        raise DemoUnavailable(f"shim {shim.id} fails: {type(error).__name__}: {error}") from error


@contextmanager
def _isolated(folder: Path, name: str, module: ModuleType) -> Iterator[dict[str, ModuleType]]:
    """Let the demo import from its own folder, and take what it imported there out of everybody's sight.

    A module of the same name that somebody else loaded is out of the demo's sight meanwhile.

    The module itself stays in sys.modules under its own name: Flask and dataclasses look it up there.
    """
    modules: dict[str, ModuleType] = {}
    ours = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    with _importing:
        hidden = {other: sys.modules.pop(other) for other in list(sys.modules) if other.partition(".")[0] in ours}
        writes_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        sys.path.insert(0, str(folder))
        sys.modules[name] = module
        known = set(sys.modules)
        try:
            yield modules
        except BaseException:
            del sys.modules[name]
            raise
        finally:
            sys.path.remove(str(folder))
            sys.dont_write_bytecode = writes_bytecode
            for other in sys.modules.keys() - known:
                if (getattr(sys.modules[other], "__file__", None) or "").startswith(f"{folder}{os.sep}"):
                    modules[other] = sys.modules.pop(other)
            sys.modules.update(hidden)

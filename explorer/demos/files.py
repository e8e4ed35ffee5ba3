"""Imports one Python file under a name of its own. Isolates nothing."""

from __future__ import annotations

import importlib.util
import sys
from importlib.abc import Loader
from pathlib import Path
from types import ModuleType


def new_module(name: str, path: Path) -> tuple[ModuleType, Loader]:
    """Return an empty module for a file and the loader that fills it. Hyphens and plus signs of the name give way.

    Raises ImportError if the file is not Python.
    """
    spec = importlib.util.spec_from_file_location(name.replace("-", "_").replace("+", "_"), path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} cannot be imported")
    return importlib.util.module_from_spec(spec), spec.loader


def import_file(name: str, path: Path) -> ModuleType:
    """Return a file as a module. Raises whatever the file raises.

    It stands in sys.modules: Flask looks an application's folder up there, dataclasses their module.
    """
    module, loader = new_module(name, path)
    sys.modules[module.__name__] = module
    try:
        loader.exec_module(module)
    except BaseException:
        del sys.modules[module.__name__]
        raise
    return module

"""Runs the processes that serve the site: uvicorn, in this process or in several that it starts anew when one dies.

With several, uvicorn asks each in turn how it is and hears no signal meanwhile, up to half a minute while one starts;
here a signal breaks that off.
"""

from __future__ import annotations

import multiprocessing
import signal
from types import FrameType
from typing import Any, NoReturn

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from explorer import logs
from explorer.ending import SIGNALS, at_once
from explorer.settings import Settings

SITE = f"{__name__}:make_site"


def run_processes(workers: int, **uvicorn_settings: Any) -> None:
    """Serve the site with so many processes until a signal ends it."""
    if workers == 1:
        uvicorn.run(SITE, factory=True, **uvicorn_settings)
        return
    config = uvicorn.Config(SITE, factory=True, workers=workers, **uvicorn_settings)
    Processes(config, [config.bind_socket()]).run()


def make_site() -> ASGIApp:
    """Return the site for one process; where there are several, each reads the settings and sets up its own log."""
    with at_once():
        from explorer.app import create_app  # takes seconds: a signal ends it

        settings = Settings()
        logs.configure(settings.log_level)
        return create_app(settings)


class Processes(Multiprocess):
    """Several processes, which end when this one is told to."""

    def run(self) -> None:
        """Start them, and start another one where one dies, until a signal comes; then wait until all have ended."""
        for number in SIGNALS:
            signal.signal(number, _stop)
        try:
            super().run()
        except _Stopped:
            for number in SIGNALS:
                signal.signal(number, signal.SIG_IGN)  # told once is told
        children = multiprocessing.active_children()
        for child in children:
            child.terminate()
        for child in children:
            child.join()


class _Stopped(BaseException):
    pass


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise _Stopped

"""Runs the processes that serve the site: uvicorn, in this process or in several that it starts anew when one dies.

With several, uvicorn asks each in turn how it is and hears no signal meanwhile, up to half a minute while one starts;
here a signal breaks that off.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from explorer import logs
from explorer.ending import SIGNALS, at_once
from explorer.settings import Settings

SITE = f"{__name__}:make_site"
FAREWELL = 5.0
"""Seconds that a process gets to end, after those for the requests that run. One that is frozen is killed then."""


def run_processes(workers: int, **uvicorn_settings: Any) -> None:
    """Serve the site with so many processes until a signal ends it."""
    if workers == 1:
        uvicorn.run(SITE, factory=True, workers=1, **uvicorn_settings)  # left out, WEB_CONCURRENCY says
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

    _told = False

    def run(self) -> None:
        """Start them, and start another one where one dies, until a signal comes; then wait until all have ended."""
        for number in SIGNALS:
            signal.signal(number, self._stop)
        try:
            super().run()
        except BaseException:
            if not self._told:  # in the middle of a lock, what `_stop` raises may come out as something else
                raise
        finally:
            _end(multiprocessing.active_children(), (self.config.timeout_graceful_shutdown or 0) + FAREWELL)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """Break off whatever is waited for, once: a second signal must not break off the end."""
        if not self._told:
            self._told = True
            raise _Stopped


class _Stopped(BaseException):
    pass


def _end(children: Sequence[BaseProcess], seconds: float) -> None:
    """End processes, in good order those that do so in time."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + seconds
    for child in children:
        child.join(max(0.0, deadline - time.monotonic()))
    for child in children:
        child.kill()  # nothing to one that has ended
        child.join()

"""How a process of the site ends by a signal: at once while it starts, in good order once it serves.

The second is the server's business. What starts has acknowledged nothing: what it keeps is kept whole or not at all.
Does not tidy up: folders that demos made in TMPDIR stay where a start was ended.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def end(number: int, frame: FrameType | None) -> NoReturn:
    """Exit with 0: nothing is open yet, or the server has stopped in good order and sends the signal to itself again.

    At once: to take down each object that is in memory is a second of work, on a busy machine many seconds.
    """
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


@contextmanager
def at_once() -> Iterator[None]:
    """End at a signal while the block runs, which a server would otherwise wait for to its end.

    Does nothing in another thread than the main one: there is no server around it that handles signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, end) for number in SIGNALS}
    server = getattr(before[signal.SIGTERM], "__self__", None)
    if getattr(server, "should_exit", False):  # it came while the server was made
        end(signal.SIGTERM, None)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""The program's first act: it can be ended from its first moment on. Then it loads the command line.

As process 1 of a container, nothing ends a program that has not said how it ends; to load the rest takes seconds.
"""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import NoReturn


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGTERM, _ended)
    signal.signal(signal.SIGINT, _ended)
    from explorer.cli import main as run  # takes seconds: after the first act

    signal.signal(signal.SIGINT, signal.default_int_handler)  # commands tidy up after Ctrl-C
    run()


def _ended(number: int, frame: FrameType | None) -> NoReturn:
    """End as a program does that a signal ended; what it has not finished is not kept."""
    os._exit(128 + number)


if __name__ == "__main__":
    main()

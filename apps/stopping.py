"""End the server at Ctrl-C or a termination signal, at any moment and within two seconds."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM)
INTERRUPTED = 130  # what a shell calls a program that Ctrl-C ended


def end_at_once() -> None:
    """Let a signal end the process from now on: while it starts there is nothing to close."""

    def stop(number: int, _: object) -> None:
        os._exit(INTERRUPTED if number == signal.SIGINT else 0)  # no flush in the midst of a print

    for name in SIGNALS:
        signal.signal(name, stop)


def watch_signals() -> threading.Event:
    """Return an event that a signal sets from now on."""
    over = threading.Event()
    for name in SIGNALS:
        signal.signal(name, lambda *_: over.set())
    return over


def end(status: int = 0) -> NoReturn:
    """End the process, whatever its threads still compute.

    Python's own way out takes the interpreter away under threads that are in the middle of a
    computation in C++; that aborts the process with a word about an exception (status 134).
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)

"""The server's log: bounded, one line a happening, without what visitors typed.

An exception's message may quote a visitor, so of what broke the kind and the place are told, not
the message. Whatever else is written to the terminal, by Gradio, uvicorn or Python itself, passes a
stream that takes control characters out, cuts long lines, and lets so much through in a time.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

LOG = logging.getLogger(__name__)
LONGEST = 500  # characters of a line
BURST = 200_000  # characters at once
RATE = 20.0  # characters a second that may follow
FRAMES = 6  # places of a trace, the innermost ones
STRANGE = "\ufffd"  # stands for what is no letter


def fault(what: str = "a request failed") -> None:
    """Log the exception that is handled: its kind and where it was raised, not its message."""
    kind, _, trace = sys.exc_info()
    places = traceback.extract_tb(trace)[-FRAMES:]
    way = " > ".join(f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in places)
    LOG.error("%s: %s at %s", what, kind.__name__ if kind else "nothing", way)


def plain(line: str) -> str:
    """Return a line without control characters, cut where it is long."""
    short = line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..."
    return "".join(c if c.isprintable() or c == "\t" else STRANGE for c in short)


class Bounded:
    """A stream that lets whole, plain lines through to another, as many as fit.

    Args:
        out: the other stream.
        clock: seconds, ever growing.
    """

    def __init__(self, out: TextIO, clock: Callable[[], float] = time.monotonic):
        self.out, self.clock = out, clock
        self.room, self.since, self.left_out = float(BURST), clock(), 0
        self.begun = ""
        self.lock = threading.RLock()

    def write(self, text: str) -> int:
        """Write the lines that end in `text`; what is begun waits for its end."""
        with self.lock:
            *whole, rest = f"{self.begun}{text}".split("\n")
            self.begun = rest[:LONGEST]
            for line in whole:
                self._line(plain(line.rstrip("\r")))
        return len(text)

    def _line(self, line: str) -> None:
        now = self.clock()
        self.room = min(float(BURST), self.room + RATE * (now - self.since))
        self.since = now
        if len(line) + 1 > self.room:
            self.left_out += 1
            return
        if self.left_out:
            self.out.write(f"({self.left_out} lines left out)\n")
            self.left_out = 0
        self.room -= len(line) + 1
        self.out.write(f"{line}\n")

    def flush(self) -> None:
        """Flush the other stream."""
        self.out.flush()

    def __getattr__(self, name: str) -> Any:
        """Return what else the other stream has."""
        return getattr(self.out, name)


def bound() -> None:
    """Let all that is written to the terminal from now on pass such a stream."""
    for name in ("stdout", "stderr"):
        out = getattr(sys, name)
        if out is not None and not isinstance(out, Bounded):
            setattr(sys, name, Bounded(out))

"""Let every terminal show what is printed, whatever its encoding: cp949 has no − and no é."""

from __future__ import annotations

import sys


def settle() -> None:
    """Print a question mark for a letter that the terminal's encoding has not."""
    for stream in (sys.stdout, sys.stderr):
        change = getattr(stream, "reconfigure", None)
        if change:
            change(errors="replace")

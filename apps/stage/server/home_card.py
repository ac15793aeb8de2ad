"""The pictures on the home page's cards: shipped with each lesson, so that a start computes none.

`python -m apps.home_pictures` writes them from the lessons' own code.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from apps.stage.server.words import APPS

COMMAND = "python -m apps.home_pictures"


def file(tab: str) -> Path:
    """Return where a tab's picture lies."""
    return APPS / "lessons" / tab / "home.json"


def picture(tab: str) -> dict[str, Any]:
    """Read a tab's picture, a widget.

    Raises:
        FileNotFoundError: it was never written; the error names the command that writes it.
    """
    if not file(tab).exists():
        raise FileNotFoundError(f"{file(tab)} is missing: `{COMMAND} {tab}` writes it")
    return json.loads(file(tab).read_text("utf-8"))

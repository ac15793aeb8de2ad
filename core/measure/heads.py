"""Which head of transformer-dates matters: the measured share of right answers with each one off.

    {"card", "sha256", "pairs", "whole": share with all heads, "muted": {part: [[share of a head, …]
     of each layer]}, "seconds": {card: processor seconds an answer}, "machine", "how", "command"}

Written by `weights.recipes.heads`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[2] / "weights" / "dates-heads.json"


def read_heads(path: Path = FILE) -> dict[str, Any]:
    """Return what the file holds."""
    return json.loads(path.read_text("utf-8"))

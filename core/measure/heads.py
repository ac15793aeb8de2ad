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


def measured(path: Path = FILE) -> dict[str, Any]:
    """Return what the file holds."""
    return json.loads(path.read_text("utf-8"))


def worst(found: dict[str, Any]) -> tuple[str, int, int, float]:
    """Return the head that is missed most: its part, layer and head from 0, and the share."""
    every = [
        (part, i, j, value)
        for part, layers in found["muted"].items()
        for i, layer in enumerate(layers)
        for j, value in enumerate(layer)
    ]
    return min(every, key=lambda one: one[3])

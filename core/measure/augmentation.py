"""What generated digits do for a classifier that has few real labels: the measured curves.

    {"per_class": [k, …], "curves": {way: [[accuracy of a seed, …] of each k]}, "alone": [accuracy
     of a seed, …], "images", "card", "sha256", "command", "caveat", …}

Written by `weights.recipes.augment`, which says what the ways are.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[2] / "weights" / "cgan-augmentation.json"


def read_curves(path: Path = FILE) -> dict[str, Any]:
    """Return what the file holds."""
    return json.loads(path.read_text("utf-8"))


def mean_and_spread(accuracies: list[float]) -> tuple[float, float]:
    """Return the mean over the seeds, and their standard deviation (divided by n − 1)."""
    n = len(accuracies)
    mean = math.fsum(accuracies) / n
    return mean, math.sqrt(math.fsum((a - mean) ** 2 for a in accuracies) / (n - 1))

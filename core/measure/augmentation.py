"""Read how much generated digits help a classifier that has few real labels.

`weights.recipes.augment` writes the file, and says what the ways are.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TypedDict

from core.weights import shipped
from core.weights.card import FOLDER

FILE = FOLDER / "cgan-augmentation.json"


class Accuracies(TypedDict):
    """Test accuracies of small classifiers, 0 to 1."""

    curves: dict[str, list[list[float]]]  # way -> size -> seed
    alone: list[float]  # without any real image, by seed
    seeds: list[int]


class Curves(Accuracies):
    """The file: the accuracies, and how they were measured."""

    per_class: list[int]  # real images a class, the sizes
    images: int  # of the test set
    card: str
    sha256: str  # of the card's file
    command: str
    caveat: str
    steps: int
    batch: int
    machine: str
    minutes: float


def read_curves(path: Path = FILE) -> Curves:
    """Return the measured curves.

    Raises:
        WeightError: the file is missing or damaged.
    """
    return shipped.read_json(path)


def mean_and_spread(accuracies: list[float]) -> tuple[float, float]:
    """Return the mean over the seeds, and their standard deviation (divided by n − 1)."""
    n = len(accuracies)
    mean = math.fsum(accuracies) / n
    return mean, math.sqrt(math.fsum((a - mean) ** 2 for a in accuracies) / (n - 1))

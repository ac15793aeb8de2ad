"""Anomaly detection: test whether a score separates digits from other images.

    score    an energy E(x): high where the model finds an image strange
    AUROC    P(score of a strange image > score of a digit) + ½ P(equal)    (core.measure.ranks)

1 tells all apart, ½ none, and below ½ digits are found the stranger ones. The crowds that digits
are held against: uniform noise, shapes of clothes (core.data.silhouettes), and digits upside down
or mirrored, among which every 0, 1 and 8 is nearly a digit again, so that no score can reach 1.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from core.data.silhouettes import silhouettes
from core.weights import shipped
from core.weights.card import FOLDER

FILE = FOLDER / "ebm-energies.safetensors"
CROWDS = ("noise", "clothes", "upside-down", "mirrored")


def crowds(digits: Tensor, n: int, generator: torch.Generator | None = None) -> dict[str, Tensor]:
    """Return images that are no digits by the names of `CROWDS`.

    Args:
        digits: (N, 1, 28, 28) in [0, 1]; all of them are turned and mirrored.
        n: how many of noise and of clothes.
        generator: of noise and clothes.
    """
    return {
        "noise": torch.rand(n, 1, 28, 28, generator=generator),
        "clothes": silhouettes(n, generator)[0],
        "upside-down": digits.flip(2, 3),  # turned by 180°
        "mirrored": digits.flip(3),
    }


def shipped_energies(path: Path = FILE) -> tuple[dict[str, Tensor], str]:
    """Return the shipped energies by crowd, (n,) each, and the sha256 of their model's file.

    The crowds are "test", "samples" and `CROWDS`; "labels" holds the classes of the test digits,
    and so of both flipped crowds. `weights.recipes.energies` writes the file.

    Raises:
        WeightError: the file is missing or damaged.
    """
    found, about = shipped.read_arrays(path)
    return {key: torch.from_numpy(v).float() for key, v in found.items()}, about["ebm-mnist"]

"""Anomaly detection: does a score tell digits from what is no digit?

    score    an energy E(x): high where the model finds an image strange
    AUROC    P(score of a strange image > score of a digit) + ½ P(equal),  by ranks:
             (R − m(m + 1)/2) / (m n),  R the sum of the m strange images' ranks among all m + n
             (Mann & Whitney 1947; ranks of equal scores are their mean)

1 tells all apart, ½ none, and below ½ digits are found the stranger ones. The crowds that digits
are held against: uniform noise, shapes of clothes (core.data.silhouettes), and digits upside down
or mirrored, among which every 0, 1 and 8 is nearly a digit again, so that no score can reach 1.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from core.data.silhouettes import silhouettes
from core.inputs import InputError

FILE = Path(__file__).parents[2] / "weights" / "ebm-energies.safetensors"
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


def auroc(usual: Tensor, strange: Tensor) -> float:
    """Return how well a score tells: of usual images (n,) and of strange ones (m,), in [0, 1].

    Raises:
        InputError: one of the two is empty.
    """
    m, n = len(strange), len(usual)
    if not m or not n:
        raise InputError("shape", field="scores", got=f"{n} and {m}", allowed="at least 1 and 1")
    both = torch.cat([strange, usual]).double()
    _, group, count = both.unique(return_inverse=True, return_counts=True)
    last = count.cumsum(0).double()  # rank of the last of each group of equals
    ranks = (last - (count - 1) / 2)[group]
    return ((ranks[:m].sum() - m * (m + 1) / 2) / (m * n)).item()


def measured(path: Path = FILE) -> tuple[dict[str, Tensor], str]:
    """Return the shipped energies by crowd, (n,) each, and the sha256 of their model's file.

    The crowds are "test", "samples" and `CROWDS`. Made by `weights.recipes.energies`.
    """
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        found = {key: file.get_tensor(key).float() for key in file.keys()}  # noqa: SIM118
        return found, file.metadata()["ebm-mnist"]

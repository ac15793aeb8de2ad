"""Points of a target in the plane, and how far such sets are from one another."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    from core.data.densities import Density

POINTS = 256  # as many as distances are taken of
OTHERS = 10  # sets that the data's own distance is taken from


@lru_cache(maxsize=128)
def data(what: Density, seed: int) -> Tensor:
    """Return POINTS of a target, (POINTS, 2)."""
    import torch

    return what.sample(POINTS, torch.Generator().manual_seed(seed)).float()


@lru_cache(maxsize=32)
def data_apart(what: Density, seed: int) -> tuple[float, float]:
    """Return W₁ from the data of a seed to OTHERS more sets of the target: mean and deviation."""
    from core.measure.points import wasserstein

    real = data(what, seed)
    far = [wasserstein(data(what, seed + k), real) for k in range(1, OTHERS + 1)]
    return float(np.mean(far)), float(np.std(far, ddof=1))


def apart_text(what: Density, seed: int) -> str:
    """Return `data_apart` as a fact has it: mean ± standard deviation."""
    mean, spread = data_apart(what, seed)
    return f"{mean:.3f} ± {spread:.3f}"

"""Give a figure of n samples an interval: draw n of them with replacement, and measure again.

    resample    counts w ~ Multinomial(n; 1/n, …, 1/n), the figure of the samples so weighted: d*
    interval    d + (q − mean d*) for the quantiles q of d* at α/2 and 1 − α/2

The quantiles are moved so that the resamples' mean falls on the figure. A Fréchet distance and a
coverage of n samples are biased, and a resample, which holds some samples twice, is biased once
more; what is wanted is how far the figure would move with n other samples. The bias itself is not
in the interval: the figure of as many real images, the floor, shows it.
(Efron, Tibshirani 1993, chapters 10 and 13)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.measure.metrics import EXACT, frechet_gaussians, moments

DRAWS = 1000
LEVEL = 0.95

Statistic = Callable[[np.ndarray], float]  # counts (n,) of each sample -> the figure


@dataclass(frozen=True)
class Spread:
    """A figure with its interval, in the figure's unit."""

    value: float
    low: float
    high: float


def bootstrap(
    n: int, statistic: Statistic, *, draws: int = DRAWS, level: float = LEVEL, seed: int = 0
) -> Spread:
    """Return a figure of n samples and its interval over so many resamples.

    Args:
        n: samples.
        statistic: counts (n,) of each sample to the figure; all ones give the figure itself.
        draws: resamples.
        level: 1 − α.
        seed: of the resamples.
    """
    rng = np.random.default_rng(seed)
    value = statistic(np.ones(n, int))
    again = np.array([statistic(rng.multinomial(n, np.full(n, 1 / n))) for _ in range(draws)])
    low, high = np.quantile(again, [0.5 - level / 2, 0.5 + level / 2]) - again.mean()
    return Spread(value, value + float(low), value + float(high))


def frechet_of(made: Tensor, real: Tensor) -> Statistic:
    """Return the Fréchet distance of weighted features (n, F) to real ones (N, F)."""
    rows, there = made.double(), moments(real)

    def statistic(counts: np.ndarray) -> float:
        weights = torch.from_numpy(counts).double()
        mean = weights @ rows / len(rows)
        centred = rows - mean
        spread = (centred * weights[:, None]).T @ centred / (len(rows) - 1)
        return frechet_gaussians(*there, mean, spread)

    return statistic


def coverage_of(made: Tensor, real: Tensor, k: int = 5) -> Statistic:
    """Return the coverage of real features (N, F) by weighted ones (n, F).

    Args:
        made: features of generated images.
        real: of real ones.
        k: which neighbour sets the radius of a real image's ball.
    """
    real, made = real.double(), made.double()
    near = []
    for part in real.split(1000):
        radius = torch.cdist(part, real, compute_mode=EXACT).kthvalue(k + 1, dim=1).values
        near.append(torch.cdist(part, made, compute_mode=EXACT) <= radius[:, None])
    within = torch.cat(near).float()  # (N, n)

    def statistic(counts: np.ndarray) -> float:
        drawn = torch.from_numpy(counts > 0).float()
        return (within @ drawn > 0).double().mean().item()

    return statistic


def median_of(values: np.ndarray) -> Statistic:
    """Return the median of weighted values (n,)."""
    order = np.argsort(values, kind="stable")
    rising = values[order]

    def statistic(counts: np.ndarray) -> float:
        return float(np.median(np.repeat(rising, counts[order])))

    return statistic


def entropy_of(labels: np.ndarray, classes: int = 10) -> Statistic:
    """Return the entropy in nats of weighted labels (n,)."""

    def statistic(counts: np.ndarray) -> float:
        share = np.bincount(labels, weights=counts, minlength=classes) / len(labels)
        some = share[share > 0]
        return float(-(some * np.log(some)).sum()) + 0.0

    return statistic

"""A growing GAN's parts, number by number: numpy float64.

fade        x = (1 − α) double(x_low) + α x_high
pixel norm  b_c = a_c / √(1/C Σ_c a_c² + ε) at each place
deviation   s = mean over c, i, j of √(1/N Σ_n (x_ncij − mean_n x_ncij)² + ε)
rate        w = c ŵ, c = √(2 / fan_in): Adam moves each ŵ by about η, and ŵ is about 1, so every
            weight of every layer moves by the share η; a plain w ~ N(0, 2 / fan_in) by η / c

ε = 1e-8. Karras et al. 2018, arXiv 1710.10196.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from typing_extensions import TypedDict

from core.inputs import array, integer, number

EPSILON = 1e-8
MOST = 1e6  # magnitude of an entry
SIDE, MAPS = 32, 64  # of a picture, of maps or pictures, at most


class FadeTrace(TypedDict):
    """A picture between two levels."""

    doubled: np.ndarray  # (2H, 2W), each entry of the low picture four times
    low: np.ndarray  # (2H, 2W), (1 − α) doubled
    high: np.ndarray  # (2H, 2W), α times the high picture
    out: np.ndarray  # (2H, 2W), their sum


class PixelNormTrace(TypedDict):
    """Maps divided at each place by the root of their mean square."""

    squares: np.ndarray  # (C, S, S)
    mean: np.ndarray  # (S, S), over the maps
    root: np.ndarray  # (S, S), of mean + ε
    out: np.ndarray  # (C, S, S)


class DeviationTrace(TypedDict):
    """How far the pictures of a batch differ."""

    mean: np.ndarray  # (C, S, S), over the batch
    deviations: np.ndarray  # (C, S, S)
    statistic: float  # their mean, the number of the extra map


class RateTrace(TypedDict):
    """What Adam's step of size η does to the weights of layers of several widths."""

    scale: np.ndarray  # (L,), c of each fan_in
    equalised: np.ndarray  # (L,), |Δw| / the usual |w|, of equalised weights: η
    plain: np.ndarray  # (L,), the same of plain weights: η / c


def fade(low: ArrayLike, high: ArrayLike, alpha: float) -> FadeTrace:
    """Blend a small picture, doubled, with a large one.

    Args:
        low: (H, W), 1 to 32 each.
        high: (2H, 2W).
        alpha: α, 0 to 1; at the ends `out` is one of the two, bit for bit.

    Raises:
        InputError: an entry that is no number, sides that do not fit, or α outside its range.
    """
    small = array("low", low, ((1, SIDE), (1, SIDE)), MOST)
    large = array("high", high, (2 * small.shape[0], 2 * small.shape[1]), MOST)
    share = number("alpha", alpha, 0, 1)
    doubled = small.repeat(2, 0).repeat(2, 1)
    parts = (1 - share) * doubled, share * large
    return {"doubled": doubled, "low": parts[0], "high": parts[1], "out": parts[0] + parts[1]}


def alpha_at(step: int, of: int, whole: bool = False) -> float:
    """Return α after `step` of `of` steps of fading in.

    Args:
        step: 0 and up; after the last one α stays 1.
        of: 1 and up.
        whole: divide whole numbers, as a known fault does: α stays 0, then jumps to 1.
    """
    at, n = integer("step", step, 0, 10**9), integer("of", of, 1, 10**9)
    return float(min(1, at // n if whole else at / n))


def pixel_norm(maps: ArrayLike) -> PixelNormTrace:
    """Divide maps (C, S, S) at each place by the root of their mean square.

    Raises:
        InputError: an entry that is no number, or another shape.
    """
    a = array("maps", maps, ((1, MAPS), (1, SIDE), (1, SIDE)), MOST)
    squares = a**2
    mean = squares.mean(0)
    root = np.sqrt(mean + EPSILON)
    return {"squares": squares, "mean": mean, "root": root, "out": a / root}


def deviation(batch: ArrayLike) -> DeviationTrace:
    """Compute the minibatch deviation of pictures (N, C, S, S).

    Raises:
        InputError: an entry that is no number, or another shape.
    """
    x = array("batch", batch, ((1, MAPS), (1, MAPS), (1, SIDE), (1, SIDE)), MOST)
    mean = x.mean(0)
    deviations = np.sqrt(((x - mean) ** 2).mean(0) + EPSILON)
    return {"mean": mean, "deviations": deviations, "statistic": float(deviations.mean())}


def relative_steps(fan_in: ArrayLike, rate: float) -> RateTrace:
    """Compute by which share of itself Adam moves a weight, of layers with these fan-ins.

    Args:
        fan_in: (L,), inputs of a unit of each layer, whole numbers from 1.
        rate: η, above 0 and up to 1.

    Raises:
        InputError: a fan-in or η outside its range.
    """
    given = array("fan_in", fan_in, ((1, MAPS),), MOST, low=1)
    eta = number("rate", rate, 1e-12, 1)
    scale = np.sqrt(2 / given)
    return {"scale": scale, "equalised": np.full_like(given, eta), "plain": eta / scale}

"""A growing GAN's parts, number by number: numpy float64.

fade        x = (1 − α) double(x_old) + α x_new
pixel norm  b_c = a_c / √(1/C Σ_c a_c² + ε) at each place
deviation   s = mean over c, i, j of √(1/N Σ_n (x_ncij − mean_n x_ncij)² + ε)
rate        w = c ŵ, c = √(2 / fan_in): Adam moves each ŵ by about η, and ŵ is about 1, so every
            weight of every layer moves by the share η; a plain w ~ N(0, 2 / fan_in) by η / c
layers      y = leaky(s W x), W ~ N(0, 1): E y² = ½ (1 + 0.2²) s² fan_in E x², at s = c 1.04 E x²

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
INPUTS, WIDEST = 256, 256  # of a net that is measured layer by layer; units of a layer at most
SLOPE = 0.2  # of the leaky ReLU below 0


class FadeTrace(TypedDict):
    """A picture between two levels."""

    doubled: np.ndarray  # (2H, 2W), each entry of the old picture four times
    old: np.ndarray  # (2H, 2W), (1 − α) doubled
    new: np.ndarray  # (2H, 2W), α times the new picture
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


class DepthTrace(TypedDict):
    """The mean squares of what the layers of a net give, its inputs' first."""

    found: np.ndarray  # (L + 1,), over all units and all inputs
    expected: np.ndarray  # (L + 1,), over all weights too


class RateTrace(TypedDict):
    """What Adam's step of size η does to the weights of layers of several widths."""

    scale: np.ndarray  # (L,), c of each fan_in
    equalised: np.ndarray  # (L,), |Δw| / the usual |w|, of equalised weights: η
    plain: np.ndarray  # (L,), the same of plain weights: η / c


def fade(old: ArrayLike, new: ArrayLike, alpha: float) -> FadeTrace:
    """Blend the picture of the old level, doubled, with that of the new one.

    Args:
        old: (H, W), 1 to 32 each.
        new: (2H, 2W).
        alpha: α, 0 to 1; at the ends `out` is one of the two, bit for bit.

    Raises:
        InputError: an entry that is no number, sides that do not fit, or α outside its range.
    """
    small = array("old", old, ((1, SIDE), (1, SIDE)), MOST)
    large = array("new", new, (2 * small.shape[0], 2 * small.shape[1]), MOST)
    share = number("alpha", alpha, 0, 1)
    doubled = small.repeat(2, 0).repeat(2, 1)
    parts = (1 - share) * doubled, share * large
    return {"doubled": doubled, "old": parts[0], "new": parts[1], "out": parts[0] + parts[1]}


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


def draw_layers(width: int, layers: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw inputs (256, width) and the weights (layers, width, width) of a net, all of N(0, 1).

    Args:
        width: 1 to 256.
        layers: 1 to 32.
        seed: of the draws.

    Raises:
        InputError: a value outside its range.
    """
    units, count = integer("width", width, 1, WIDEST), integer("layers", layers, 1, SIDE)
    draw = np.random.default_rng(integer("seed", seed, 0, 2**32 - 1))
    return draw.standard_normal((INPUTS, units)), draw.standard_normal((count, units, units))


def through_layers(x: np.ndarray, weights: np.ndarray, scale: float) -> DepthTrace:
    """Send inputs through dense layers, each with a leaky ReLU, and measure how large they stay.

    Args:
        x: (B, W), inputs.
        weights: (L, W, W), W ~ N(0, 1) of each layer.
        scale: s, what they are multiplied by: c keeps the size, 1 is that of no care.
    """
    found = [float((x**2).mean())]
    for one in weights:
        z = x @ (scale * one).T
        x = np.where(z > 0, z, SLOPE * z)
        found.append(float((x**2).mean()))
    growth = scale**2 * weights.shape[-1] * (1 + SLOPE**2) / 2
    return {"found": np.array(found), "expected": growth ** np.arange(len(found))}

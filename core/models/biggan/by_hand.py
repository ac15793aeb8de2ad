"""BigGAN's parts, number by number: numpy float64.

truncated     z ~ N(0, 1) given |z| ≤ ψ, drawn anew beside drawn once and multiplied by ψ;
              Var z = 1 − 2 ψ φ(ψ) / (2 Φ(ψ) − 1), where ψ z has ψ²
conditional   b = (1 + g) (a − m) / √(v + ε) + o, or g (a − m) / √(v + ε) + o without the "1 +"
norm          m, v: mean and variance of a over the batch; g, o given by class and code
spectral      v ← Wᵀu / ‖Wᵀu‖,  u ← W v / ‖W v‖,  σ = uᵀ W v, round by round
projection    D(x, y) = w·h + b + v_y·h

ε = 1e-5. Brock et al. 2019, arXiv 1809.11096; Miyato et al. 2018, arXiv 1802.05957; Miyato & Koyama
2018, arXiv 1802.05637.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from typing_extensions import TypedDict

from core.inputs import array, boolean, integer, number

EPSILON = 1e-5
MOST = 1e6  # magnitude of an entry
SIZE, ROUNDS, DRAWS = 64, 1_000, 100_000  # of an axis, of rounds, of draws, at most
LEAST_PSI, MOST_PSI = 0.04, 10.0  # at the least, the paper's, 3 % of the draws lie inside


class TruncatedTrace(TypedDict):
    """Draws from a truncated normal, two ways."""

    first: np.ndarray  # (n,), of N(0, 1)
    redrawn: np.ndarray  # (n,), how often each was drawn again
    values: np.ndarray  # (n,), all within ±ψ
    scaled: np.ndarray  # (n,), ψ times the first draws


class NormTrace(TypedDict):
    """One channel's numbers through a conditional batch norm."""

    mean: float
    variance: float  # divided by N
    normal: np.ndarray  # (N,), mean 0 and variance about 1
    factor: np.ndarray  # (N,), 1 + g, or g
    out: np.ndarray  # (N,)


class SpectralTrace(TypedDict):
    """Rounds of power iteration on a matrix (R, C)."""

    start: np.ndarray  # (R,), of length 1
    u: np.ndarray  # (rounds, R)
    v: np.ndarray  # (rounds, C)
    sigma: np.ndarray  # (rounds,), rises towards the largest singular value


class ProjectionTrace(TypedDict):
    """A discriminator's score for one image and each label."""

    plain: float  # w·h + b
    products: np.ndarray  # (K, F), v_y h entry by entry
    match: np.ndarray  # (K,), v_y·h
    scores: np.ndarray  # (K,)


def draw_truncated(n: int, psi: float, seed: int = 0) -> TruncatedTrace:
    """Draw n numbers of a normal distribution cut off at ±ψ.

    Args:
        n: 1 to 100 000.
        psi: ψ, 0.04 to 10.
        seed: of the draws.

    Raises:
        InputError: a value outside its range.
    """
    count = integer("n", n, 1, DRAWS)
    psi = number("psi", psi, LEAST_PSI, MOST_PSI)
    draw = np.random.default_rng(integer("seed", seed, 0, 2**32 - 1))
    first = draw.standard_normal(count)
    values, redrawn = first.copy(), np.zeros(count, dtype=int)
    while len(beyond := np.flatnonzero(np.abs(values) > psi)):
        values[beyond] = draw.standard_normal(len(beyond))
        redrawn[beyond] += 1
    return {"first": first, "redrawn": redrawn, "values": values, "scaled": psi * first}


def variance(psi: float) -> float:
    """Return the variance of N(0, 1) given |z| ≤ ψ, for ψ from 0.04 to 10.

    Below ψ = 0.1 the difference of two numbers near 1 would cancel: there the density is flat, and
    the series ψ²/3 − 2 ψ⁴/45 is right to ψ⁶.
    """
    psi = number("psi", psi, LEAST_PSI, MOST_PSI)
    if psi < 0.1:
        return psi**2 / 3 - 2 * psi**4 / 45
    density = math.exp(-(psi**2) / 2) / math.sqrt(2 * math.pi)
    return 1 - 2 * psi * density / math.erf(psi / math.sqrt(2))  # erf = 2 Φ(ψ) − 1


def conditional_norm(
    a: ArrayLike, gain: ArrayLike, offset: ArrayLike, plus_one: bool = True
) -> NormTrace:
    """Normalise one channel's numbers over a batch, each with its image's own gain and offset.

    Args:
        a: (N,), 2 to 64.
        gain: g, (N,): near 0 in a fresh net.
        offset: o, (N,).
        plus_one: whether the factor is 1 + g; without it a fresh net hands on almost nothing.

    Raises:
        InputError: an entry that is no number, or other lengths.
    """
    x = array("a", a, ((2, SIZE),), MOST)
    g, o = (array(k, v, (len(x),), MOST) for k, v in (("gain", gain), ("offset", offset)))
    mean, variance = float(x.mean()), float(x.var())
    normal = (x - mean) / np.sqrt(variance + EPSILON)
    factor = 1 + g if boolean("plus_one", plus_one) else g
    out = factor * normal + o
    return {"mean": mean, "variance": variance, "normal": normal, "factor": factor, "out": out}


def spectral(matrix: ArrayLike, rounds: int, seed: int = 0) -> SpectralTrace:
    """Find a matrix's largest singular value by power iteration.

    Args:
        matrix: (R, C), 1 to 64 each, not all zero.
        rounds: 1 to 1000.
        seed: of the start.

    Raises:
        InputError: an entry that is no number, or a value outside its range.
    """
    w = array("matrix", matrix, ((1, SIZE), (1, SIZE)), MOST)
    count = integer("rounds", rounds, 1, ROUNDS)
    u = np.random.default_rng(integer("seed", seed, 0, 2**32 - 1)).standard_normal(len(w))
    start = u = u / np.linalg.norm(u)
    rows: list[tuple[np.ndarray, np.ndarray, float]] = []
    for _ in range(count):
        v = _unit(w.T @ u)
        wv = w @ v
        u = _unit(wv)
        rows.append((u, v, float(u @ wv)))
    us, vs, sigmas = (np.array(part) for part in zip(*rows))
    return {"start": start, "u": us, "v": vs, "sigma": sigmas}


def projection(h: ArrayLike, weight: ArrayLike, bias: float, vectors: ArrayLike) -> ProjectionTrace:
    """Score an image's features h (F,) for every label: D(x, y) = w·h + b + v_y·h.

    Args:
        h: features, (F,), 1 to 64.
        weight: w, (F,).
        bias: b.
        vectors: v_y, (K, F), one a label.

    Raises:
        InputError: an entry that is no number, or other lengths.
    """
    features = array("h", h, ((1, SIZE),), MOST)
    w = array("weight", weight, (len(features),), MOST)
    v = array("vectors", vectors, ((1, SIZE), len(features)), MOST)
    plain = float(w @ features) + number("bias", bias, -MOST, MOST)
    products = v * features
    match = products.sum(1)
    return {"plain": plain, "products": products, "match": match, "scores": plain + match}


def _unit(x: np.ndarray) -> np.ndarray:
    """Return x over its length; zeros stay zeros."""
    length = np.linalg.norm(x)
    return x / length if length else x

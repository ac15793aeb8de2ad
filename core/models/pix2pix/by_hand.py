"""Compute by hand what a loss asks for where one drawing has several right answers.

    answers   K pictures y_k of N pixels, right with probability p_k
    L2        E Σ (y − c)² is least at the mean of each pixel,      c = Σ_k p_k y_k
    L1        E Σ |y − c|  is least at the median of each pixel,    half of p lies on either side
    adversary the best D against guesses q that take all answers alike, q_k = 1/K, is
              D(y_k) = p_k / (p_k + 1/K);  D = 0 of any other picture
              −log D(c) is least at the mode,                       c = y_k of the largest p_k

Mean and median are taken pixel by pixel, so c may be a picture that is never right; the mode is one
of the answers. D(y) = p/(p + q) is the best discriminator (Goodfellow et al. 2014); that L1 asks
for a median and so for blur: Isola et al. 2017, arXiv 1611.07004, section 2.1 and figure 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.inputs import InputError, array, describe, integer

Array = np.ndarray
PIXELS = 12
MOST = 3  # answers


@dataclass(frozen=True)
class Toy:
    """What three losses ask for.

    Attributes:
        answers: (K, N), 1 ink, 0 paper.
        odds: (K,), their probabilities.
        mean: (N,), what L2 asks for.
        median: (N,), what L1 asks for.
        mode: (N,), what an adversary asks for.
        verdicts: (K,), the best D of each answer.
        losses: (3, 3): E Σ |y − c|, E Σ (y − c)² and −log D, by row, of mean, median and mode, by
            column; −log D of a picture that is no answer is infinite.
    """

    answers: Array
    odds: Array
    mean: Array
    median: Array
    mode: Array
    verdicts: Array
    losses: Array


def strokes(places: list[int], wide: int) -> Array:
    """Return rows of 12 pixels with a stroke `wide` pixels wide, from each place on, (K, 12).

    Raises:
        InputError: a stroke that does not fit, or places that are none.
    """
    if not isinstance(places, list) or not 1 <= len(places) <= MOST:
        raise InputError("shape", field="places", got=describe(places), allowed=f"1 … {MOST}")
    wide = integer("wide", wide, 1, PIXELS)
    at = [integer("places", place, 0, PIXELS - wide) for place in places]
    pixel = np.arange(PIXELS)
    return np.stack([((pixel >= p) & (pixel < p + wide)).astype(float) for p in at])


def toy(answers: Array, odds: list[float]) -> Toy:
    """Compute the three pictures, the verdicts and all losses.

    Args:
        answers: (K, N), each another picture.
        odds: K numbers above 0, as large against each other as the probabilities.

    Raises:
        InputError: odds of another number, or one that is not above 0.
    """
    p = array("odds", odds, [len(answers)], low=1e-9)
    p = p / p.sum()
    mean = p @ answers  # (N,)
    median = np.array([weighted_median(pixel, p) for pixel in answers.T])
    mode = answers[p.argmax()]
    verdicts = p / (p + 1 / len(p))
    guesses = np.stack([mean, median, mode])  # (3, N)
    apart = answers[:, None] - guesses  # (K, 3, N)
    l1, l2 = p @ np.abs(apart).sum(2), p @ (apart**2).sum(2)  # (3,) each
    judged = [[d for y, d in zip(answers, verdicts) if (y == c).all()] for c in guesses]
    with np.errstate(divide="ignore"):
        adversary = -np.log([d[0] if d else 0.0 for d in judged])
    return Toy(answers, p, mean, median, mode, verdicts, np.stack([l1, l2, adversary]))


def weighted_median(values: Array, odds: Array) -> float:
    """Return the smallest value with at least half of the probability at or below it."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(odds[order])
    return float(values[order][np.searchsorted(below, 0.5 - 1e-12)])

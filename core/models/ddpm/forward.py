"""The way into noise, and one step of the loss by hand.

    one step    x_t = √α_t x_(t−1) + √β_t ε_t,   ε_t ~ N(0, I)
    in one go   x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε,   ε ~ N(0, I)
    back        x̂_0 = (x_t − √(1 − ᾱ_t) ε̂) / √ᾱ_t
    loss        L = mean (ε − ε̂)²                                   (Ho et al. 2020, eq. 14)

Images are (…, 1, 28, 28) in [0, 1] outside; the process runs on x_0 = 2 · image − 1 in [−1, 1].
Here all is float64: a number that is shown beside a formula is the one that the formula gives.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from typing_extensions import TypedDict

from core.inputs import array, integer, number
from core.models.ddpm.schedule import Schedule, Step
from core.models.flat.runs import draws
from core.models.rounding import checked_rounder

SIDE = 28
MOST_PIXELS = 8  # of the loss by hand
LARGEST = 1e3


class Noised(Step):
    """An image after t steps of noise; tensors are float64 (28, 28) in the process's units."""

    t: int
    x0: Tensor  # 2 · image − 1
    mean: Tensor  # √ᾱ_t x_0
    noise: Tensor  # ε
    part: Tensor  # √(1 − ᾱ_t) ε
    x_t: Tensor  # mean + part


class Pixel(TypedDict):
    """The closed form of one pixel with every product."""

    x0: float
    noise: float  # ε
    alpha_bar: float  # ᾱ_t
    rest: float  # 1 − ᾱ_t
    signal: float  # √ᾱ_t
    sigma: float  # √(1 − ᾱ_t)
    mean: float  # √ᾱ_t x_0
    part: float  # √(1 − ᾱ_t) ε
    x_t: float
    t: int


class LossByHand(TypedDict):
    """One step of the training loss on n pixels; lists are of n numbers."""

    x0: list[float]
    noise: list[float]  # ε
    guess: list[float]  # ε̂
    mean: list[float]  # √ᾱ_t x_0
    part: list[float]  # √(1 − ᾱ_t) ε
    x_t: list[float]
    difference: list[float]  # ε − ε̂
    square: list[float]
    grad: list[float]  # ∂L/∂ε̂ = −2 (ε − ε̂) / n
    alpha_bar: float  # ᾱ_t
    signal: float  # √ᾱ_t
    sigma: float  # √(1 − ᾱ_t)
    total: float  # Σ square
    loss: float  # its mean
    t: int
    x0_hat: list[float] | None  # None where √ᾱ_t was rounded to 0


def to_process(images: Tensor) -> Tensor:
    """Return x_0 in [−1, 1] of images in [0, 1]."""
    return 2 * images - 1


def to_images(x: Tensor) -> Tensor:
    """Return images in [0, 1] of x in about [−1, 1], clipped."""
    return ((x + 1) / 2).clamp(0, 1)


def add_noise(x0: Tensor, alpha_bar: Tensor | float, noise: Tensor) -> Tensor:
    """Return x_t = √ᾱ x_0 + √(1 − ᾱ) ε, like x0.

    Args:
        x0: (B, …).
        alpha_bar: ᾱ, a number or (B,).
        noise: ε, like x0.
    """
    alpha_bar = torch.as_tensor(alpha_bar, dtype=torch.float64)
    shape = (-1, *[1] * (x0.dim() - 1)) if alpha_bar.dim() else ()
    roots = alpha_bar.sqrt(), (1 - alpha_bar).sqrt()
    signal, sigma = (part.to(x0.dtype).view(shape) for part in roots)
    return signal * x0 + sigma * noise


def forward(image: Any, t: int, schedule: Schedule, seed: int = 0) -> Noised:
    """Add t steps of noise to an image, by the closed form.

    Args:
        image: (28, 28) numbers in [0, 1].
        t: 0 to T.
        schedule: of the process.
        seed: of ε, 0 to 2³¹ − 1; the same seed is the same ε at every t.

    Raises:
        InputError: with the name of the field.
    """
    pixels = array("image", image, (SIDE, SIDE), 1, low=0)
    x0, now = to_process(torch.from_numpy(pixels)), schedule.at(t)
    noise = epsilon(seed)
    mean, part = now["signal"] * x0, now["sigma"] * noise
    x_t = mean + part
    return {**now, "t": int(t), "x0": x0, "mean": mean, "noise": noise, "part": part, "x_t": x_t}


def epsilon(seed: int = 0) -> Tensor:
    """Return the ε of a seed, (28, 28) float64."""
    seed = integer("seed", seed, 0, 2**31 - 1)
    return torch.randn(SIDE, SIDE, generator=draws(seed, "epsilon"), dtype=torch.float64)


def strip(image: Any, times: Sequence[int], schedule: Schedule, seed: int = 0) -> list[Noised]:
    """Add noise to an image at several times, with one ε for all: a film of `forward`."""
    return [forward(image, t, schedule, seed) for t in times]


def walk(
    x0: Tensor, schedule: Schedule, generator: torch.Generator | None = None
) -> Iterator[tuple[int, Tensor]]:
    """Yield (t, x_t) for t = 0 … T by single steps of q, a new ε_t each; x0 is (B, …).

    In mean and variance what comes is `add_noise` of x0: the closed form is this chain's.
    """
    x = x0
    yield 0, x
    for t in range(1, schedule.steps + 1):
        beta = schedule.beta[t].item()
        step = torch.randn(x.shape, generator=generator, dtype=x.dtype)
        x = math.sqrt(1 - beta) * x + math.sqrt(beta) * step
        yield t, x


def pixel_by_hand(
    x0: float, noise: float, t: int, schedule: Schedule, decimals: int | None = None
) -> Pixel:
    """Compute the closed form of one pixel with every product.

    Args:
        x0: the pixel in the process's units, −1 (black) to 1 (white).
        noise: ε that was drawn for it.
        t: 0 to T.
        schedule: of the process.
        decimals: None is exact; 2 to 8: every value is rounded at once and the next goes on from
            what is written down.

    Raises:
        InputError: with the name of the field.
    """
    r = checked_rounder(decimals, 2, 8)
    x0, noise = number("x0", x0, -1, 1), number("noise", noise, -LARGEST, LARGEST)
    alpha_bar = r(np.float64(schedule.at(t)["alpha_bar"]))
    rest = r(1 - alpha_bar)
    signal, sigma = r(np.sqrt(alpha_bar)), r(np.sqrt(rest))
    mean, part = r(signal * x0), r(sigma * noise)
    return {
        "x0": x0,
        "noise": noise,
        "alpha_bar": float(alpha_bar),
        "rest": float(rest),
        "signal": float(signal),
        "sigma": float(sigma),
        "mean": float(mean),
        "part": float(part),
        "x_t": float(r(mean + part)),
        "t": int(t),
    }


def loss_by_hand(
    x0: Any, noise: Any, guess: Any, t: int, schedule: Schedule, decimals: int | None = None
) -> LossByHand:
    """Compute one step of the training loss on a few pixels, every value on the way.

    Args:
        x0: 1 to 8 pixels in the process's units, −1 to 1.
        noise: ε of each.
        guess: ε̂ of each.
        t: 1 to T.
        schedule: of the process.
        decimals: as in `pixel_by_hand`.

    Raises:
        InputError: with the name of the field.
    """
    r = checked_rounder(decimals, 2, 8)
    t = integer("t", t, 1, schedule.steps)
    x0, noise, guess = _pixels(x0, noise, guess)
    alpha_bar = r(np.float64(schedule.at(t)["alpha_bar"]))
    signal, sigma = r(np.sqrt(alpha_bar)), r(np.sqrt(r(1 - alpha_bar)))
    mean, part = r(signal * x0), r(sigma * noise)
    x_t, difference = r(mean + part), r(noise - guess)
    square = r(difference**2)
    total = r(square.sum())
    return {
        "x0": x0.tolist(),
        "noise": noise.tolist(),
        "guess": guess.tolist(),
        "mean": mean.tolist(),
        "part": part.tolist(),
        "x_t": x_t.tolist(),
        "difference": difference.tolist(),
        "square": square.tolist(),
        "grad": r(-2 * difference / len(x0)).tolist(),
        "alpha_bar": float(alpha_bar),
        "signal": float(signal),
        "sigma": float(sigma),
        "total": float(total),
        "loss": float(r(total / len(x0))),
        "t": t,
        "x0_hat": r(r(x_t - r(sigma * guess)) / signal).tolist() if signal else None,
    }


def _pixels(x0: Any, noise: Any, guess: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Check the pixels, noises and guesses of the loss by hand, as many of each."""
    pixels = array("x0", x0, ((1, MOST_PIXELS),), 1.0)
    count = (len(pixels),)
    return pixels, array("noise", noise, count, LARGEST), array("guess", guess, count, LARGEST)

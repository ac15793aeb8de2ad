"""The way into noise, and one step of the loss by hand.

    one step    x_t = √α_t x_(t−1) + √β_t ε_t,   ε_t ~ N(0, I)
    in one go   x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε,   ε ~ N(0, I)
    back        x̂_0 = (x_t − √(1 − ᾱ_t) ε̂) / √ᾱ_t
    loss        L = mean (ε − ε̂)²                                   (Ho et al. 2020, eq. 14)

Images are (…, 1, 28, 28) in [0, 1] outside; the process runs on x_0 = 2 · image − 1 in [−1, 1].
Here all is float64: what is shown beside a formula is what the formula gives.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.inputs import array, integer, number
from core.models.ddpm.schedule import Schedule
from core.models.flat.runs import draws
from core.models.rnn.cells import rounder

SIDE = 28
MOST_PIXELS = 8  # of the loss by hand
LARGEST = 1e3


def to_process(images: Tensor) -> Tensor:
    """Return x_0 in [−1, 1] of images in [0, 1]."""
    return 2 * images - 1


def to_images(x: Tensor) -> Tensor:
    """Return images in [0, 1] of x in about [−1, 1]; what lies outside is cut."""
    return ((x + 1) / 2).clamp(0, 1)


def noised(x0: Tensor, kept: Tensor | float, noise: Tensor) -> Tensor:
    """Return x_t = √ᾱ x_0 + √(1 − ᾱ) ε.

    Args:
        x0: (B, …).
        kept: ᾱ, a number or (B,).
        noise: ε, like x0.
    """
    kept = torch.as_tensor(kept, dtype=torch.float64)
    shape = (-1, *[1] * (x0.dim() - 1)) if kept.dim() else ()
    signal, sigma = (part.to(x0.dtype).view(shape) for part in (kept.sqrt(), (1 - kept).sqrt()))
    return signal * x0 + sigma * noise


def forward(image: Any, t: int, schedule: Schedule, seed: int = 0) -> dict[str, Any]:
    """Return an image after t steps of noise, by the closed form, and all that went into it.

    Args:
        image: (28, 28) numbers in [0, 1].
        t: 0 to T.
        schedule: of the process.
        seed: of ε, 0 to 2³¹ − 1; the same seed is the same ε at every t.

    Returns:
        t; x0, mean √ᾱ_t x_0, noise ε, part √(1 − ᾱ_t) ε and x_t, their sum: float64 (28, 28) in the
        units of the process; and all of `Schedule.at`.

    Raises:
        InputError: with the name of the field.
    """
    pixels = array("image", image, (SIDE, SIDE), 1.0)
    if pixels.min() < 0:
        row, column = np.argwhere(pixels < 0)[0].tolist()
        number(f"image[{row}][{column}]", pixels[row, column], 0, 1)
    x0, now = to_process(torch.from_numpy(pixels)), schedule.at(t)
    noise = epsilon(seed)
    mean, part = now["signal"] * x0, now["sigma"] * noise
    found = {"x0": x0, "mean": mean, "noise": noise, "part": part, "x_t": mean + part}
    return {"t": int(t)} | found | now


def epsilon(seed: int = 0) -> Tensor:
    """Return the ε of a seed, (28, 28) float64."""
    seed = integer("seed", seed, 0, 2**31 - 1)
    return torch.randn(SIDE, SIDE, generator=draws(seed, "epsilon"), dtype=torch.float64)


def strip(image: Any, times: Sequence[int], schedule: Schedule, seed: int = 0) -> list[dict]:
    """Return `forward` at several times, with one ε for all: a film of one image."""
    return [forward(image, t, schedule, seed) for t in times]


def walk(
    x0: Tensor, schedule: Schedule, generator: torch.Generator | None = None
) -> Iterator[tuple[int, Tensor]]:
    """Yield (t, x_t) for t = 0 … T by single steps of q, a new ε_t each; x0 is (B, …).

    In mean and variance what comes is `noised` of x0: the closed form is this chain's.
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
) -> dict[str, float]:
    """Return the closed form of one pixel with every product.

    Args:
        x0: the pixel in the process's units, −1 (black) to 1 (white).
        noise: ε that was drawn for it.
        t: 0 to T.
        schedule: of the process.
        decimals: None is exact; 2 to 8: every value is rounded at once and the next goes on from
            what is written down.

    Returns:
        x0, noise, t, alpha_bar, rest 1 − ᾱ_t, signal √ᾱ_t, sigma √(1 − ᾱ_t), mean √ᾱ_t x_0,
        part √(1 − ᾱ_t) ε, x_t.
    """
    r = rounder(None if decimals is None else integer("decimals", decimals, 2, 8))
    x0, noise = number("x0", x0, -1, 1), number("noise", noise, -LARGEST, LARGEST)
    kept = r(np.float64(schedule.at(t)["alpha_bar"]))
    rest = r(1 - kept)
    signal, sigma = r(np.sqrt(kept)), r(np.sqrt(rest))
    mean, part = r(signal * x0), r(sigma * noise)
    found = {"x0": x0, "noise": noise, "alpha_bar": kept, "rest": rest, "signal": signal}
    found |= {"sigma": sigma, "mean": mean, "part": part, "x_t": r(mean + part)}
    return {name: float(value) for name, value in found.items()} | {"t": int(t)}


def loss_by_hand(
    x0: Any, noise: Any, guess: Any, t: int, schedule: Schedule, decimals: int | None = None
) -> dict[str, Any]:
    """Return one step of the training loss on a few pixels, every value on the way.

    Args:
        x0: 1 to 8 pixels in the process's units, −1 to 1.
        noise: ε that was drawn, as many numbers.
        guess: ε̂ that the net says, as many.
        t: 1 to T.
        schedule: of the process.
        decimals: as in `pixel_by_hand`.

    Returns:
        t, alpha_bar, signal, sigma; lists x0, noise, guess, mean √ᾱ_t x_0, part √(1 − ᾱ_t) ε, x_t,
        difference ε − ε̂, square, grad ∂L/∂ε̂ = −2 (ε − ε̂) / n, and x0_hat (None where √ᾱ_t was
        rounded to 0); total Σ square and loss, its mean.
    """
    r = rounder(None if decimals is None else integer("decimals", decimals, 2, 8))
    integer("t", t, 1, schedule.steps)
    x0 = array("x0", x0, ((1, MOST_PIXELS),), 1.0)
    noise = array("noise", noise, (len(x0),), LARGEST)
    guess = array("guess", guess, (len(x0),), LARGEST)
    kept = r(np.float64(schedule.at(t)["alpha_bar"]))
    signal, sigma = r(np.sqrt(kept)), r(np.sqrt(r(1 - kept)))
    mean, part = r(signal * x0), r(sigma * noise)
    x_t, difference = r(mean + part), r(noise - guess)
    square = r(difference**2)
    back = r(r(x_t - r(sigma * guess)) / signal) if signal else None
    lists = {"x0": x0, "noise": noise, "guess": guess, "mean": mean, "part": part, "x_t": x_t}
    lists |= {"difference": difference, "square": square, "grad": r(-2 * difference / len(x0))}
    total = r(square.sum())
    numbers = {"alpha_bar": kept, "signal": signal, "sigma": sigma}
    numbers |= {"total": total, "loss": r(total / len(x0))}
    return (
        {name: value.tolist() for name, value in lists.items()}
        | {name: float(value) for name, value in numbers.items()}
        | {"t": int(t), "x0_hat": None if back is None else back.tolist()}
    )

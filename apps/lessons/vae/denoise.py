"""View "denoise": a picture with noise on it, decoded again by each net."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.shared import pictures
from apps.lessons.vae.autoencoders import NAMES, decode, encode
from apps.lessons.vae.inputs import Inputs
from apps.lessons.vae.reconstruction import (
    ROLES,
    error_line,
    first_vae_check,
    present_nets,
    side_by_side,
    squared_error,
)
from apps.stage import board as b
from apps.stage.contract import Board

LEVELS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)  # shares of the pixels


def denoise(inputs: Inputs) -> Board:
    """Show a picture with noise on it as each net reconstructs it, and the error by noise."""
    clean = pictures.select(inputs.drawn, inputs.digit, inputs.letter)
    noisy = add_noise(clean, inputs.noise, inputs.seed)
    there = present_nets()
    again = {name: decode(name, encode(name, noisy[None])[0])[0] for name in there}
    spoiled = b.grey(b.word("noisy"), noisy, size=165, role="real")
    first = b.row(
        pictures.pad(clean, b.word("clean"), 4),
        b.text("→"),
        b.column(spoiled, error_line(noisy, clean), gap="tight"),
        b.text("→"),
        *side_by_side(again, clean),
        gap="mid",
    )
    errors = error_by_noise(there, inputs.seed)
    lines = [b.series(NAMES[name], errors[name], ROLES[name], x=LEVELS) for name in there]
    lines.append(b.series(b.word("noisy"), errors[""], "grad", x=LEVELS))
    chart = b.chart(
        b.word("noise_curve"), lines, x=b.word("noise_axis"), low=0, width=640, height=200
    )
    return {
        "frames": [b.frame(b.column(first, chart, gap="mid"))],
        "facts": [],
        "checks": first_vae_check(there, noisy),
        "tables": {"error": [["noise", *errors], *zip(LEVELS, *errors.values())]},
    }


def add_noise(images: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Replace each pixel by black or white with chance `share`; pictures of any shape."""
    rng = np.random.default_rng(seed)
    hit, value = rng.random(images.shape) < share, rng.random(images.shape) < 0.5
    return np.where(hit, value, images)


@lru_cache(maxsize=8)
def error_by_noise(names: tuple[str, ...], seed: int) -> dict[str, list[float]]:
    """Return the mean squared error of the 100 digits at each level, by net; "" the noise's own."""
    clean = pictures.digits()[0]
    out: dict[str, list[float]] = {name: [] for name in (*names, "")}
    for level in LEVELS:
        noisy = add_noise(clean, level, seed)
        for name in names:
            again = decode(name, encode(name, noisy)[0])
            out[name].append(squared_error(again, clean))
        out[""].append(squared_error(noisy, clean))
    return out

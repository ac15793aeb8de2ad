"""View "denoise": a picture with noise on it, decoded again by each net."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.shared import nets, pictures
from apps.lessons.vae.autoencoders import NAMES, decode, encode
from apps.lessons.vae.inputs import Inputs
from apps.lessons.vae.reading import share_right
from apps.lessons.vae.reconstruction import (
    ROLES,
    error_line,
    net_checks,
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
    mu = {name: encode(name, noisy[None])[0] for name in there}  # (1, latent)
    again = {name: decode(name, z)[0] for name, z in mu.items()}
    spoiled = b.grey(b.word("noisy"), noisy, size=165, role="real")
    first = b.row(
        pictures.pad(clean, b.word("clean"), 4),
        b.text("→"),
        b.column(spoiled, error_line(noisy, clean), gap="tight"),
        b.text("→"),
        *side_by_side(again, clean),
        gap="mid",
    )
    found = by_noise(there, inputs.seed)
    charts = b.row(*(curves(name, found, inputs.noise) for name in found), gap="mid")
    rows = {
        name: [["noise", *(net or "noisy" for net in values)], *zip(LEVELS, *values.values())]
        for name, values in found.items()
    }
    return {
        "frames": [b.frame(b.column(first, charts, gap="mid"))],
        "facts": [],
        "checks": net_checks(noisy, mu, mu, again),
        "turn": {
            "ask": b.word("turn_noise", p=f"{100 * inputs.noise:.0f}"),
            "blanks": [b.blank(b.word("mean_error"), [inputs.noise / 2], "grad", "")],
        },
        "tables": rows,
    }


def curves(name: str, found: dict[str, dict[str, list[float]]], level: float) -> b.Widget:
    """Return the chart of the 100 digits' errors or of the share that is read right, by noise."""
    values = found[name]
    lines = [
        b.series(NAMES[net] if net else b.word("noisy"), y, ROLES.get(net, "grad"), x=LEVELS)
        for net, y in values.items()
    ]
    return b.chart(
        b.word(f"noise_{name}"), lines, x=b.word("noise_axis"), y=b.word(f"noise_{name}_axis"),
        low=0, rules=[{"x": level, "label": ""}], width=440, height=220,
    )  # fmt: skip


def add_noise(images: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Replace each pixel by black or white with chance `share`; pictures of any shape."""
    rng = np.random.default_rng(seed)
    hit, value = rng.random(images.shape) < share, rng.random(images.shape) < 0.5
    return np.where(hit, value, images)


@lru_cache(maxsize=8)
def by_noise(names: tuple[str, ...], seed: int) -> dict[str, dict[str, list[float]]]:
    """Measure the 100 digits at each level of noise, decoded by each net; "" as they came.

    Returns:
        "error", the mean squared error, and where the classifier is here "read", the share that it
        reads right: net -> a number a level.
    """
    clean = pictures.digits()[0]
    measures = {"error": lambda images: squared_error(images, clean)}
    if nets.have(nets.CLASSIFIER):
        measures["read"] = share_right
    out = {name: {net: [] for net in (*names, "")} for name in measures}
    for level in LEVELS:
        noisy = add_noise(clean, level, seed)
        seen = {net: decode(net, encode(net, noisy)[0]) for net in names} | {"": noisy}
        for name, measure in measures.items():
            for net, images in seen.items():
                out[name][net].append(measure(images))
    return out

"""The home page's picture of the energy-based model lesson."""

from __future__ import annotations

import numpy as np

from apps.stage import board as b


def picture() -> b.Widget:
    """Return the home page's picture: particles that came down on the energy of eight modes.

    The same dynamics in numpy, because torch is not there yet: E = −log Σ exp(−|x − c|²/(2σ²)).
    """
    rng = np.random.default_rng(1)
    turn = 2 * np.pi * np.arange(8) / 8
    centres, sigma, step = 2 * np.stack([np.cos(turn), np.sin(turn)], 1), 0.35, 0.05

    def near(x: np.ndarray) -> np.ndarray:
        return np.exp(-((x[..., None, :] - centres) ** 2).sum(-1) / (2 * sigma**2)) + 1e-12

    x = rng.uniform(-2.9, 2.9, (140, 2))
    way = [x[:24].copy()]
    for _ in range(40):
        share = near(x) / near(x).sum(-1, keepdims=True)  # (140, 8)
        slope = (x - share @ centres) / sigma**2
        x = x - step / 2 * slope + np.sqrt(step) * rng.standard_normal(x.shape)
        way.append(x[:24].copy())
    line = (np.arange(48) + 0.5) / 48 * 6 - 3
    energy = -np.log(near(np.stack(np.meshgrid(line, line[::-1]), -1)).sum(-1))
    return b.field(
        "",
        (-3, 3, -1.75, 1.75),
        [
            b.surface(np.log1p(energy - energy.min())[10:38], 0, 3.4, above="grad"),
            b.curves(list(np.array(way).swapaxes(0, 1)), "hidden", width=0.7),
            b.dots(x[np.abs(x[:, 1]) < 1.75], "made", radius=2.6),
        ],
        size=320,
    )

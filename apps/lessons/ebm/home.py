"""The picture on the lesson's card of the home page."""

from __future__ import annotations

import numpy as np

from apps.stage import board as b

STEP, STEPS, SIDE = 0.05, 40, 48


def picture() -> b.Widget:
    """Draw particles that came down on the energy of eight modes, by Langevin's steps."""
    import torch

    from core.data.densities import grid, ring
    from core.models.ebm import langevin

    eight = ring(8, sigma=0.35)
    energy = langevin.surface(eight)
    draw = np.random.default_rng(1)  # numpy's, and so the same on every machine and torch
    x = torch.from_numpy(draw.uniform(-2.9, 2.9, (140, 2)))
    way = [x]
    for _ in range(STEPS):
        noise = torch.from_numpy(draw.standard_normal(x.shape))
        x = x + sum(langevin.terms(langevin.slope(energy, x)[1], noise, STEP))
        way.append(x)
    height = energy(grid(eight.bounds, SIDE)).reshape(SIDE, SIDE)
    return b.field(
        "",
        (-3, 3, -1.75, 1.75),
        [
            b.surface(torch.log1p(height - height.min())[10:38], 0, 3.4, above="grad"),
            b.curves(list(torch.stack(way, 1)[:24]), "hidden", width=0.7),
            b.dots(x[x[:, 1].abs() < 1.75], "made", radius=2.6),
        ],
        size=320,
    )

"""The picture on the lesson's card of the home page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from apps.stage import board as b

if TYPE_CHECKING:
    from torch import Tensor

STEPS = 40


def picture() -> b.Widget:
    """Draw points on their way from noise onto two moons: DDIM's steps under the exact score."""
    import torch

    from core.data.densities import Mixture, moons
    from core.models.ddpm.ddpm2d_picture import REACH, exact_score
    from core.models.ddpm.samplers import chain, x0_of

    curve = moons().curve
    assert curve is not None
    centres = 1.5 * (
        curve((torch.arange(80, dtype=torch.float64) + 0.5) / 80) - torch.tensor([0.5, 0.25])
    )
    target = Mixture(centres, torch.full((80,), 1 / 80, dtype=torch.float64), 0.0, REACH)
    alpha_bar = torch.linspace(0.06, math.pi / 2 - 0.02, STEPS, dtype=torch.float64).cos() ** 2

    def predict(x: Tensor, t: int) -> tuple[Tensor, Tensor]:
        noise = -math.sqrt(1 - alpha_bar[t]) * exact_score(target, x, alpha_bar[t].item())
        return noise, x0_of(x, noise, alpha_bar[t].item())

    start = torch.from_numpy(np.random.default_rng(4).standard_normal((150, 2)))
    times = range(STEPS - 1, -1, -1)
    way = [moment["x"] for moment in chain(predict, start, times, alpha_bar, eta=0.0)]
    return b.field(
        "",
        (-2.9, 2.9, -1.75, 1.75),
        [
            b.curves(list(torch.stack(way, 1)[:40]), "hidden", width=0.8),
            b.dots(start[:90], "ink", radius=1.7),
            b.dots(way[-1], "made", radius=2.8),
        ],
        size=320,
    )

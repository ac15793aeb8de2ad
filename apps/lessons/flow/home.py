"""The picture on the lesson's card of the home page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from apps.stage import board as b

if TYPE_CHECKING:
    from torch import Tensor

LOOSE = 1e9  # a bound on |s| that is never felt


def picture() -> b.Widget:
    """Draw a grid carried through two couplings, and draws of a normal in the colour of log|det|.

    In each coupling s and t are lines in the coordinate that is kept.
    """
    import torch

    from core.models.flow.layers import Coupling

    def line(s: tuple[float, float], t: tuple[float, float]) -> torch.nn.Linear:
        net = torch.nn.Linear(1, 2, dtype=torch.float64)
        weights = torch.tensor([s, t], dtype=torch.float64)
        net.weight.data, net.bias.data = weights[:, :1], weights[:, 1]
        return net

    first = Coupling([0], [1], line(s=(0.35, 0.1), t=(0.5, 0.2)), LOOSE)
    second = Coupling([1], [0], line(s=(-0.3, 0.0), t=(0.7, -0.2)), LOOSE)

    @torch.no_grad()
    def there(points: np.ndarray) -> tuple[Tensor, Tensor]:
        y, one = first(torch.from_numpy(points.copy()))
        y, other = second(y)
        return y, one + other

    along, z = np.linspace(-2, 2, 41), np.random.default_rng(3).standard_normal((140, 2))
    grid = [np.stack([along, np.full(41, c)], 1) for c in np.linspace(-2, 2, 9)]
    grid += [one[:, ::-1] for one in grid]
    points, size = there(z)
    return b.field(
        "",
        (-4.6, 4.6, -2.5, 2.9),
        [
            b.curves([there(one)[0] for one in grid], "hidden", width=1.0),
            b.dots(points, "ink", radius=3.2, values=size, span=1.2),
        ],
        size=300,
    )

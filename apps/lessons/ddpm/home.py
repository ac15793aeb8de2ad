"""The home page's picture of the diffusion lesson."""

from __future__ import annotations

import numpy as np

from apps.stage import board as b


def picture() -> b.Widget:
    """Return points on their way from noise onto two moons, in numpy.

    The ODE dx/ds = x − (x + score) in log-scale steps under the exact score of a mixture, as torch
    is not there yet: x_s = √ᾱ_s x̂_0 + √(1 − ᾱ_s) ε̂ with x̂_0 = Σ r_k c_k.
    """
    rng = np.random.default_rng(4)
    turn = np.pi * (np.arange(40) + 0.5) / 40
    moons = [[np.cos(turn), np.sin(turn)], [1 - np.cos(turn), 0.5 - np.sin(turn)]]
    centres = 1.5 * (np.concatenate(moons, 1).T - [0.5, 0.25])  # (80, 2)
    phi = np.linspace(np.pi / 2 - 0.02, 0.06, 40)  # ᾱ = cos² φ
    x = rng.standard_normal((150, 2))
    way = [x]
    for now, then in zip(phi, phi[1:]):
        far = ((x[:, None] - np.cos(now) * centres) ** 2).sum(-1)  # (150, 80)
        share = np.exp(-far / (2 * np.sin(now) ** 2))
        guess = share @ centres / share.sum(1, keepdims=True)
        noise = (x - np.cos(now) * guess) / np.sin(now)
        x = np.cos(then) * guess + np.sin(then) * noise
        way.append(x)
    return b.field(
        "",
        (-2.9, 2.9, -1.75, 1.75),
        [
            b.curves(list(np.array(way)[:, :40].swapaxes(0, 1)), "hidden", width=0.8),
            b.dots(way[0][:90], "ink", radius=1.7),
            b.dots(x, "made", radius=2.8),
        ],
        size=320,
    )

"""The lesson's scenes for the GAN in the plane: settings, found by trial, and nothing else.

What happens in each at which step is printed by `python -m tests.bench.plane_gan`; a seed other
than those that it ran may do otherwise.
"""

from __future__ import annotations

from core.models.plane_gan_settings import Settings

AWAY = ((2.2, 2.0), (2.0, 2.3), (2.4, 2.3))  # a drawn target far from where G begins
_COLLAPSE = {"g_rate": 0.01, "momentum": 0.9}
_STRONG = {
    "target": "drawn",
    "points": AWAY,
    "sigma": 0.1,
    "optimizer": "sgd",  # Adam divides by the gradient's size, and hides that it vanishes
    "d_rate": 0.1,
    "g_rate": 0.02,
    "d_steps": 5,
}
_SWING = {"target": "clusters", "g_rate": 0.01, "d_rate": 0.01}

PRESETS = {
    "converges": Settings(),
    "collapse": Settings(**_COLLAPSE),
    "collapse-pack": Settings(**_COLLAPSE, pack=4),
    "collapse-wgan-gp": Settings(loss="wgan-gp", g_rate=0.01, d_rate=0.01, d_steps=3, momentum=0.0),
    "strong-minimax": Settings(**_STRONG, loss="minimax"),
    "strong-non-saturating": Settings(**_STRONG, loss="non-saturating"),
    "strong-wgan-gp": Settings(**_STRONG, loss="wgan-gp"),
    "oscillation": Settings(**_SWING, momentum=0.9),
    "oscillation-damped": Settings(**_SWING, momentum=0.0),
}
CURES = {
    "collapse": ("collapse-pack", "collapse-wgan-gp", "converges"),
    "strong-minimax": ("strong-wgan-gp", "strong-non-saturating"),
    "oscillation": ("oscillation-damped",),
}

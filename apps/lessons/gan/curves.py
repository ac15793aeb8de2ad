"""The curves of a run in the plane, and their values for a perfect model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from apps.stage import board as b

if TYPE_CHECKING:
    from core.models.gan.gan2d_settings import Settings

CURVES = {  # chart -> (key among a frame's values, role) of each curve
    "losses": (("d_loss", "real"), ("g_loss", "made")),
    "distance": (("kl", "grad"), ("js", "hidden")),
    "wasserstein": (("w1", "grad"),),
    "gradients": (("push", "made"), ("slope", "real")),
    "modes": (("covered", "ok"),),
}
FLOORS = {"distance": ("js", "floor_js"), "wasserstein": ("w1", "floor")}  # measure, its word
SAMPLED = 2048  # points of the target that a floor is measured on


def charts(names: Sequence[str], settings: Settings) -> b.Widget:
    """Return the curves of the run, two one above the other or up to four in a square."""
    small = len(names) > 2
    each = [history(name, settings, (236, 150) if small else (350, 186)) for name in names]
    if not small:
        return b.column(*each, gap="tight")
    return b.row(b.column(*each[::2], gap="tight"), b.column(*each[1::2], gap="tight"), gap="mid")


def history(name: str, settings: Settings, size: tuple[int, int]) -> b.Widget:
    """Return one chart of the run."""
    rules = []
    if name == "losses" and settings.loss in ("minimax", "non-saturating"):
        rules = [{"y": 2 * math.log(2), "label": "2 log 2"}]  # of D, where it cannot tell
    if name in FLOORS:
        measure, word = FLOORS[name]
        rules = [{"y": floors(settings)[measure], "label": b.word(word)}]
    return b.history(
        b.word(f"chart.{name}"),
        [{"key": key, "name": b.word(f"curve.{key}"), "role": role} for key, role in CURVES[name]],
        x=b.word("steps"),
        log=name == "gradients",
        low=None if name in ("losses", "gradients") else 0.0,
        high=float(count_modes(settings)) if name == "modes" else None,
        rules=rules,
        width=size[0],
        height=size[1],
    )


def count_modes(settings: Settings) -> int:
    """Return how many modes the target has, 1 where none are counted."""
    from core.models.flat.settings import target

    modes = target(settings).modes
    return 1 if modes is None else len(modes)


def floors(settings: Settings) -> dict[str, float]:
    """Return the measures of the target's own samples, a floor for any model."""
    return _floors(settings.target, settings.points, settings.sigma)


@lru_cache(maxsize=32)
def _floors(name: str, drawn: tuple[tuple[float, float], ...], sigma: float) -> dict[str, float]:
    import torch

    from core.measure import points
    from core.models.flat.settings import target
    from core.models.gan.gan2d_settings import Settings

    density = target(Settings(target=name, points=drawn, sigma=sigma))
    return points.floor(density, SAMPLED, torch.Generator().manual_seed(0))

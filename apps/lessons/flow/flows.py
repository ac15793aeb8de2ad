"""The trained flows and their targets, and how their plane is framed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.flow.inputs import NETS
from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Check
from apps.stage.widgets.field import Curves
from core.models.flow.check import flow_delta

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from core.data.densities import Density
    from core.models.flow.real_nvp import Flow

DIGITS = "flow-mnist"
PLANE = tuple(NETS.values())
ALL = (*PLANE, DIGITS)
ROUND_TRIP = 1e-3  # in units of the plane: a trained flow and back, float32


def flow(target: str) -> Flow:
    """Return the flow that was trained on a target; raise WeightError if it is unavailable."""
    return nets.model(NETS[target])


def density_of(target: str) -> Density:
    """Return a target's exact density, the same object each time: its entropy is remembered."""
    from core.models.flow import flow2d

    return flow2d.target(flow2d.Settings(target=target))


def slope_check(model: Flow, x: ArrayLike) -> Check:
    """Check log|det| of a flow at a few points (n, 2) by automatic differentiation."""
    return b.delta_check(flow_delta(model, x), 1e-9)


def square(*groups: ArrayLike, most: float = 6.0) -> tuple[float, float, float, float]:
    """Return a square about the origin that holds nearly all of these points (…, 2)."""
    far = [np.quantile(np.abs(np.asarray(group, dtype=float)), 0.99) for group in groups]
    reach = min(most, float(np.ceil(2 * max(far) + 0.5) / 2))
    return -reach, reach, -reach, reach


def circles(radii: Sequence[float] = (1, 2)) -> Curves:
    """Return rings of the standard normal distribution as a layer."""
    turn = np.linspace(0, 2 * np.pi, 61)
    lines = [r * np.stack([np.cos(turn), np.sin(turn)], 1) for r in radii]
    return b.curves(lines, "ink", b.word("circles"), width=1.2, dashed=True)

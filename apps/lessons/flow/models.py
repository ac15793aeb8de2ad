"""What the flow tab draws from: trained flows, their targets, and how the plane is framed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.vae import models as m
from apps.stage import board as b
from core.inputs import choice, integer

if TYPE_CHECKING:
    from core.data.densities import Density
    from core.models.flow.real_nvp import Flow

NETS = {
    "moons": "realnvp-moons",
    "rings": "realnvp-rings",
    "pinwheel": "realnvp-pinwheel",
    "ring": "realnvp-gaussians",
    "checkerboard": "realnvp-checkerboard",
}
DIGITS = "flow-mnist"
ALL = (*NETS.values(), DIGITS)
ROUND_TRIP = 1e-3  # in units of the plane: a trained flow and back, float32


def flow(name: str) -> Flow:
    """Return a trained flow, shared by all; a WeightError says why it cannot be had."""
    return m.model(name)  # type: ignore[return-value]


def have(name: str) -> bool:
    """Return whether a flow can be had."""
    return m.have(name)


def chosen(inputs: dict[str, Any]) -> tuple[str, Flow, Density]:
    """Return the target that a scene shows, the flow trained on it, and its exact density."""
    target = choice("net", inputs.get("net", "moons"), tuple(NETS))
    return target, flow(NETS[target]), density_of(target)


def density_of(target: str) -> Density:
    """Return a target's exact density, the same object each time: its entropy is remembered."""
    from core.models.flow.flow2d import Settings
    from core.models.flow.flow2d import target as of

    return of(Settings(target=target))


def seed(inputs: dict[str, Any]) -> int:
    """Return the seed of a scene's draws."""
    return integer("seed", inputs.get("seed", 0), 0, m.MAX_SEED)


def square(*groups: Any, most: float = 6.0) -> tuple[float, float, float, float]:
    """Return a square about the origin that holds nearly all of these points (…, 2)."""
    far = [np.quantile(np.abs(np.asarray(group, dtype=float)), 0.99) for group in groups]
    reach = min(most, float(np.ceil(2 * max(far) + 0.5) / 2))
    return -reach, reach, -reach, reach


def circles(radii: Sequence[float] = (1, 2)) -> dict[str, Any]:
    """Return rings of the standard normal distribution as a layer."""
    turn = np.linspace(0, 2 * np.pi, 61)
    lines = [r * np.stack([np.cos(turn), np.sin(turn)], 1) for r in radii]
    return b.curves(lines, "ink", b.word("circles"), width=1.2, dashed=True)


def stated(name: str, metric: str) -> float | None:
    """Return a figure from a card, or None."""
    from core.weights.card import cards

    card = cards().get(name)
    return card.metrics[metric]["value"] if card and metric in card.metrics else None

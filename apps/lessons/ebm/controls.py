"""The controls of the energy-based model's tab: what the browser needs to draw each."""

from __future__ import annotations

from typing import Any

from apps.lessons.ebm.anomaly import CROWDS
from apps.lessons.ebm.chains import MOST_STEPS
from apps.lessons.ebm.digits import STARTS
from apps.lessons.ebm.langevin import LANDSCAPES, MIXTURES
from apps.lessons.shared.plane_run import SPEEDS
from apps.lessons.vae.models import COUNT, LETTERS

HALF = {"half": True}
TARGETS = ("moons", "ring", "clusters", "spiral", "pinwheel", "checkerboard", "drawn")


def numbers(options: tuple[float, ...], **spec: Any) -> dict[str, Any]:
    """Return a choice of numbers."""
    return {
        "kind": "choice",
        "options": list(options),
        "labels": [f"{n:g}" for n in options],
        "list": True,
        **spec,
    }


CONTROLS: dict[str, dict[str, Any]] = {
    "step_hand": {"kind": "range", "min": 0.05, "max": 2, "step": 0.05},
    "decimals": {"kind": "range", "min": 2, "max": 8, "step": 1, "local": True},
    "landscape": {"kind": "choice", "options": list(LANDSCAPES), "list": True},
    "mixture": {"kind": "choice", "options": list(MIXTURES)},
    "step": {"kind": "range", "min": 0.002, "max": 0.3, "step": 0.002},
    "temperature": {"kind": "range", "min": 0.25, "max": 4, "step": 0.25},
    "noise": {"kind": "range", "min": 0, "max": 2, "step": 0.1},
    "share": {"kind": "range", "min": 0.05, "max": 0.95, "step": 0.05},
    "large": {"kind": "range", "min": 0.95, "max": 2, "step": 0.05},
    "target": {"kind": "choice", "options": list(TARGETS), "list": True},
    "batch": numbers((32, 64, 128, 256), restarts=True, **HALF),
    "width": numbers((8, 16, 32, 48, 64), restarts=True, **HALF),
    "depth": numbers((1, 2, 3, 4), restarts=True, **HALF),
    "chain": numbers((1, 2, 5, 10, 20)),
    "step_size": numbers((0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2)),
    "restart": numbers((0, 0.05, 0.2, 1), **HALF),
    "rate": numbers((0.0005, 0.001, 0.002, 0.005, 0.01, 0.02), **HALF),
    "alpha": numbers((0, 0.01, 0.1, 1), **HALF),
    "speed": numbers(SPEEDS, **HALF),
    "seed": {"kind": "number", "restarts": True, "resets": ["points"]},
    "steps": {"kind": "range", "min": 50, "max": MOST_STEPS, "step": 50, "resets": ["points"]},
    "eta": {"kind": "range", "min": 0, "max": 10, "step": 0.25, "resets": ["points"]},
    "sigma": {"kind": "range", "min": 0, "max": 0.05, "step": 0.0025, "resets": ["points"]},
    "start": {"kind": "choice", "options": list(STARTS), "resets": ["points"]},
    "digit": {
        "kind": "range",
        "min": 0,
        "max": COUNT - 1,
        "step": 1,
        "resets": ["drawn", "points"],
    },
    "clear": {"kind": "action"},
    "crowd": {"kind": "choice", "options": list(CROWDS)},
    "letter": {"kind": "choice", "options": list(LETTERS), "resets": ["drawn"]},
}

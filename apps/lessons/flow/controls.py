"""The controls of the flow tab: what the browser needs to draw each."""

from __future__ import annotations

from typing import Any

from apps.lessons.flow.change import FARTHEST
from apps.lessons.flow.digits import HOTTEST
from apps.lessons.flow.hand import WAYS
from apps.lessons.flow.models import NETS
from apps.lessons.flow.through import DIRECTIONS
from apps.lessons.shared.plane_run import SPEEDS
from apps.lessons.vae.models import COUNT
from core.models.flow.by_hand import FAMILIES

TARGETS = ("moons", "rings", "pinwheel", "ring", "checkerboard", "spiral", "grid", "drawn")
HALF = {"half": True}
USUAL = {  # a and b that show a family well
    "affine": {"a": 1, "b": 2},
    "softplus": {"a": 2, "b": 0},
    "sinh-arcsinh": {"a": 0.5, "b": 1},
    "cubic": {"a": 0.4, "b": 0.2},
}


def numbers(options: tuple[float, ...], **spec: Any) -> dict[str, Any]:
    """Return a choice of numbers from a list."""
    labels = [f"{n:g}" for n in options]
    return {"kind": "choice", "options": list(options), "labels": labels, "list": True, **spec}


CONTROLS: dict[str, dict[str, Any]] = {
    "family": {"kind": "choice", "options": list(FAMILIES), "list": True, "brings": USUAL},
    "a": {"kind": "range", "min": -5, "max": 5, "step": 0.05},
    "b": {"kind": "range", "min": 0, "max": 5, "step": 0.05},
    "at": {"kind": "range", "min": -FARTHEST, "max": FARTHEST, "step": 0.1},
    "way": {"kind": "choice", "options": list(WAYS)},
    "net": {"kind": "choice", "options": list(NETS), "list": True},
    "direction": {"kind": "choice", "options": list(DIRECTIONS)},
    "masks": {"kind": "choice", "options": ["alternate", "fixed"], "list": True},
    "target": {"kind": "choice", "options": list(TARGETS), "list": True},
    "couplings": numbers((2, 4, 6, 8, 12, 16), **HALF),
    "width": numbers((8, 16, 32, 64), **HALF),
    "batch": numbers((16, 64, 128, 256, 512), **HALF),
    "rate": numbers((0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1), **HALF),
    "sigma": {"kind": "range", "min": 0.02, "max": 0.5, "step": 0.01},
    "speed": numbers(SPEEDS),
    "clear": {"kind": "action", "restarts": True},
    "show_surface": {"kind": "check", **HALF},
    "show_warp": {"kind": "check", **HALF},
    "parts": numbers((1, 2, 4, 8, 16, 32), **HALF),
    "temperature": {"kind": "range", "min": 0, "max": HOTTEST, "step": 0.1},
    "digit": {"kind": "range", "min": 0, "max": COUNT - 1, "step": 1, "resets": ["drawn"]},
    "other": {"kind": "range", "min": 0, "max": COUNT - 1, "step": 1},
    "decimals": {"kind": "range", "min": 1, "max": 6, "step": 1, "local": True},
    "seed": {"kind": "number", "restarts": True},
}

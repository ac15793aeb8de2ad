"""The controls of the diffusion tab: what the browser needs to draw each."""

from __future__ import annotations

from typing import Any

from apps.lessons.ddpm.edit import HIDDEN
from apps.lessons.ddpm.guide import DIGITS
from apps.lessons.ddpm.models import KINDS, LABELS
from apps.lessons.ddpm.plane import STEPS, TARGETS
from apps.lessons.ddpm.steps import MOST
from apps.lessons.shared.plane_run import SPEEDS
from apps.lessons.vae.models import COUNT, LETTERS

HALF = {"half": True}
LEARNED = (*TARGETS, "pinwheel", "checkerboard", "drawn")
WAYS = ("ode", "sde")


def numbers(options: tuple[float, ...], **spec: Any) -> dict[str, Any]:
    """Return a choice of numbers."""
    return {
        "kind": "choice",
        "options": list(options),
        "labels": [f"{n:g}" for n in options],
        "list": True,
        **spec,
    }


def letters(options: tuple[str, ...], words: dict[str, Any], **spec: Any) -> dict[str, Any]:
    """Return a choice of texts that say themselves, but for those that have a word."""
    labels = [words.get(one, one) for one in options]
    return {"kind": "choice", "options": list(options), "labels": labels, "list": True, **spec}


POINTS = {"resets": ["points"]}
ANY = {"any": {"k": "option.any"}}

CONTROLS: dict[str, dict[str, Any]] = {
    "digit": {
        "kind": "range",
        "min": 0,
        "max": COUNT - 1,
        "step": 1,
        "resets": ["drawn", "points"],
        **HALF,
    },
    "clear": {"kind": "action", **POINTS},
    "kind": {"kind": "choice", "options": list(KINDS)},
    "schedule": {"kind": "choice", "options": list(KINDS[:2])},
    "half": {"kind": "range", "min": 0.1, "max": 0.9, "step": 0.05},
    "sudden": {"kind": "range", "min": 0, "max": 0.95, "step": 0.05},
    "row": {"kind": "range", "min": 0, "max": 27, "step": 1, **HALF},
    "column": {"kind": "range", "min": 0, "max": 27, "step": 1, **HALF},
    "t": {"kind": "range", "min": 1, "max": 1000, "step": 1},
    "seed": {"kind": "number", "restarts": True, **POINTS, **HALF},
    "label": letters(LABELS, ANY, **POINTS, **HALF),
    "class": letters(DIGITS, {}, **POINTS, **HALF),
    "guidance": {"kind": "range", "min": 0, "max": 8, "step": 0.5, **POINTS},
    "steps": numbers((10, 20, 50, 250, 1000), **POINTS, **HALF),
    "cuts": numbers(STEPS, **HALF),
    "fill_steps": numbers((10, 25, 50, 100), **POINTS, **HALF),
    "eta": {"kind": "range", "min": 0, "max": 1, "step": 0.1, **POINTS},
    "most": letters(MOST, {}, **POINTS, **HALF),
    "hidden": {"kind": "choice", "options": list(HIDDEN), **POINTS},
    "repeats": numbers((1, 3, 5), **POINTS, **HALF),
    "letter": {"kind": "choice", "options": list(LETTERS), "resets": ["drawn", "points"]},
    "landscape": {"kind": "choice", "options": list(TARGETS), "list": True},
    "target": {"kind": "choice", "options": list(LEARNED), "list": True},
    "way": {"kind": "choice", "options": list(WAYS)},
    "show_exact": {"kind": "check"},
    "batch": numbers((64, 128, 256, 512), **HALF),
    "width": numbers((16, 32, 64, 96), restarts=True, **HALF),
    "depth": numbers((1, 2, 3, 4), restarts=True, **HALF),
    "rate": numbers((0.0005, 0.001, 0.003, 0.01, 0.03), **HALF),
    "sigma": {"kind": "range", "min": 0.05, "max": 0.4, "step": 0.05, **HALF},
    "speed": numbers(SPEEDS, **HALF),
    "decimals": {"kind": "range", "min": 2, "max": 8, "step": 1, "local": True},
}

"""The controls of the VAE tab: what the browser needs to draw each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.lessons.vae.models import BETAS, COUNT, LETTERS, NAMES, VAES
from apps.lessons.vae.uses import MOST_BITS
from core.models.vae.latent import GRIDS


def nets(names: Sequence[str]) -> dict[str, Any]:
    """Return a choice of trained nets by their short names."""
    return {"kind": "choice", "options": list(names), "labels": [NAMES[n] for n in names]}


CONTROLS: dict[str, dict[str, Any]] = {
    "grid": {"kind": "choice", "options": list(GRIDS)},
    "tiles": {"kind": "range", "min": 8, "max": 24, "step": 1},
    "dots": {"kind": "check"},
    "digit": {"kind": "range", "min": 0, "max": COUNT - 1, "step": 1, "resets": ["drawn"]},
    "other": {"kind": "range", "min": 0, "max": COUNT - 1, "step": 1},
    "letter": {"kind": "choice", "options": list(LETTERS), "resets": ["drawn"]},
    "clear": {"kind": "action"},
    "net": nets(BETAS),
    "model": nets(VAES) | {"list": True},
    "ends": {"kind": "choice", "options": ["pictures", "means"]},
    "class_a": {"kind": "number", "half": True},
    "class_b": {"kind": "number", "half": True},
    "noise": {"kind": "range", "min": 0, "max": 0.6, "step": 0.01, "percent": True},
    "bits": {"kind": "range", "min": 1, "max": MOST_BITS, "step": 1},
    "seed": {"kind": "number"},
}

"""The controls of the Hopfield tab: what the browser needs to draw each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.lessons.hopfield.capacity import REACHES, UNITS
from apps.lessons.hopfield.memory import KEYS, PROBES
from core.models.hopfield import letters, network
from core.models.hopfield.modern import MAX_PATTERNS

DRAWN = ["patterns", "probe"]  # what drawings of another size or alphabet cannot keep


def drawings(name: str) -> dict[str, Any]:
    """Return what choosing an alphabet brings along: its letters and their size."""
    side = len(next(iter(letters.SETS[name].values())))
    return {"keys": KEYS[name], "rows": side, "cols": side}


def resized(**spec: Any) -> dict[str, Any]:
    """Return a control that does away with what was drawn."""
    return {"resets": [*DRAWN, "pattern"], **spec}


def plain_choice(options: Sequence[float]) -> dict[str, Any]:
    """Return a choice of numbers."""
    return {"kind": "choice", "options": list(options), "labels": [f"{n:g}" for n in options]}


def one_of_stored(**spec: Any) -> dict[str, Any]:
    """Return a choice among the stored patterns; the board knows how many and their names."""
    return plain_choice(range(MAX_PATTERNS)) | {"list": True, **spec}


ANEW = {"resets": ["points"]}  # the capacity experiment begins again
CONTROLS = {
    "set": resized(
        kind="choice",
        options=list(letters.SETS),
        brings={name: drawings(name) for name in letters.SETS},
    ),
    "keys": resized(kind="text", max=64),
    "rows": resized(kind="number", half=True),
    "cols": resized(kind="number", half=True),
    "pattern": one_of_stored(),
    "target": one_of_stored(resets=["probe"]),
    "invert": {"kind": "action"},
    "remove": {"kind": "action"},
    "add": {"kind": "action"},
    "keep": {"kind": "action"},
    "edit": {"kind": "check", "half": True},
    "rule": {"kind": "choice", "options": list(network.RULES), **ANEW},
    "update": {"kind": "choice", "options": ["async", "sequential", "sync"]},
    "zero_diagonal": {"kind": "check"},
    "probe_kind": {"kind": "choice", "options": list(PROBES)},
    "noise": {"kind": "range", "min": 0, "max": 1, "step": 0.01, "percent": True, **ANEW},
    "side": {"kind": "choice", "options": list(letters.SIDES)},
    "top": {"kind": "number", "half": True},
    "left": {"kind": "number", "half": True},
    "height": {"kind": "number", "half": True},
    "width": {"kind": "number", "half": True},
    "seed": {"kind": "number"},
    "max_steps": {"kind": "number"},
    "beta": {"kind": "range", "min": 0.01, "max": 1, "step": 0.005, **ANEW},
    "unit_i": {"kind": "number", "half": True},
    "unit_j": {"kind": "number", "half": True},
    "units": plain_choice(UNITS) | ANEW,
    "seeds": {"kind": "range", "min": 1, "max": 10, "step": 1, **ANEW},
    "reach": plain_choice(REACHES) | ANEW,
    "beside": {"kind": "check", **ANEW},
}

"""The controls of the attention tab: what the browser needs to draw each."""

from __future__ import annotations

from typing import Any

from apps.views.attention_case import DIM, MASKS, MATRICES, TOKENS
from apps.views.attention_order import KINDS, ORDERS
from apps.views.attention_waves import LONG

TYPED = list(MATRICES)  # what a new case replaces
HALF = {"half": True}


def numbers(options: tuple[float, ...], **spec: Any) -> dict[str, Any]:
    """Return a choice of numbers."""
    labels = [f"{n:g}" for n in options]
    return {"kind": "choice", "options": list(options), "labels": labels, **spec}


CONTROLS: dict[str, dict[str, Any]] = {
    "tokens": {"kind": "range", "min": TOKENS[0], "max": TOKENS[1], "step": 1, "resets": TYPED},
    "dim": {"kind": "range", "min": DIM[0], "max": DIM[1], "step": 1, "resets": TYPED},
    "asks": {"kind": "range", "min": 1, "max": TOKENS[1], "step": 1},
    "mask": {"kind": "choice", "options": list(MASKS)},
    "seed": {"kind": "number", "resets": TYPED},
    "decimals": {"kind": "range", "min": 1, "max": 8, "step": 1, "local": True},
    "heads": numbers((1, 2, 4)),
    "push": {"kind": "range", "min": -3, "max": 3, "step": 0.5},
    "kind": {"kind": "choice", "options": list(KINDS)},
    "order": {"kind": "choice", "options": list(ORDERS), "list": True},
    "width": numbers((8, 16, 32, 64)),
    "length": {"kind": "range", "min": LONG[0], "max": LONG[1], "step": 16},
}

"""The controls of the attention tab: what the browser needs to draw each."""

from __future__ import annotations

from typing import Any

from apps.lessons.attention.ablate import LOOK
from apps.lessons.attention.case import DIM, MASKS, MATRICES, TOKENS
from apps.lessons.attention.dates import PARTS
from apps.lessons.attention.models import DATES, EXAMPLES
from apps.lessons.attention.order import KINDS, ORDERS
from apps.lessons.attention.waves import LONG

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
    "text": {"kind": "text", "max": 200, "wide": True},
    "example": {
        "kind": "choice",
        "options": list(range(len(EXAMPLES))),
        "labels": list(EXAMPLES),
        "list": True,
        "brings": {str(n): {"text": text} for n, text in enumerate(EXAMPLES)},
    },
    "model": {"kind": "choice", "options": list(DATES), "list": True},
    "method": {"kind": "choice", "options": ["greedy", "beam", "sample"]},
    "temperature": {"kind": "range", "min": 0.1, "max": 3, "step": 0.1},
    "beams": {"kind": "range", "min": 1, "max": 10, "step": 1},
    "part": {"kind": "choice", "options": list(PARTS)},
    "layer": {"kind": "range", "min": 1, "max": 3, "step": 1},
    "head": {"kind": "range", "min": 0, "max": 4, "step": 1},
    "look": {"kind": "choice", "options": list(LOOK)},
    "prompt": {"kind": "text", "max": 200, "wide": True},
    "top_k": numbers((0, 1, 3, 10, 40), list=True)
    | {"labels": [{"k": "all"}, "1", "3", "10", "40"]},
    "top_p": {"kind": "range", "min": 0.1, "max": 1, "step": 0.05},
    "count": {"kind": "range", "min": 8, "max": 120, "step": 8},
}

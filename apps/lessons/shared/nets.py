"""What a tab with trained nets shows where one cannot be had: a sentence for a picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apps.stage import board as b


def or_why(
    made: Callable[[], dict[str, Any]],
    checks: Callable[[], list[dict[str, Any]]] = list,
    key: str = "absent_why",
) -> dict[str, Any]:
    """Return a board; where a net of it cannot be had, one that says why and is not kept.

    Args:
        made: computes the board.
        checks: computes what holds without the net.
        key: the tab's word for a scene without its net; it names the part {why}.
    """
    from core.weights.card import WeightError

    try:
        return made()
    except WeightError as error:
        why = b.word(key, why=b.word(error.rule, **error.parts))
        frames = [b.frame(b.text(why, "grad", "wide"))]
        return {"frames": frames, "facts": [], "checks": checks(), "fleeting": True}

"""What live runs in the plane share: their opening, their pace and the points of a drawing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from core.inputs import array, integer

SPEEDS = (1, 5, 20, 100)
LONGEST = 1200  # steps that an opening may have
BUDGET = 10.0  # seconds of processor that it may take: the largest nets would take minutes
PIECE = 50  # steps of an opening between two looks at that
CHUNK = 5  # steps between two looks at the clock
MOST, FEWEST = 400, 3  # points of a drawing; fewer than that are repeated


def opening(moments: Any) -> list[int]:
    """Return the steps at which a run is shown before anybody plays it, rising from 0."""
    steps = array("opening", moments, ((1, 16),), LONGEST)
    return sorted({integer("opening", v, 0, LONGEST) for v in steps.tolist()} | {0})


def speed(inputs: dict[str, Any]) -> int:
    """Return how many steps a picture is on from the one before."""
    return integer("speed", inputs.get("speed", 20), 1, SPEEDS[-1])


def drawn(inputs: dict[str, Any]) -> list[list[float]]:
    """Return the visitor's points if they are the target."""
    points = inputs.get("drawn", ())
    if inputs.get("target") != "drawn" or (isinstance(points, (list, tuple)) and not points):
        return []
    return array("drawn", points, ((1, MOST), 2), 4.0).tolist()


def cleared(inputs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the inputs after the action "clear", and what the page is to merge."""
    if not inputs.get("clear"):
        return inputs, {}
    empty = {"drawn": [], "target": "drawn"}
    return {**inputs, **empty}, {"inputs": {**empty, "clear": None}}


def enough(points: list[list[float]]) -> tuple[tuple[float, float], ...]:
    """Return points as a density needs them: one or two are repeated, none is one at the origin."""
    full = points or [[0.0, 0.0]]
    return tuple((x, y) for x, y in full * (1 if len(full) >= FEWEST else FEWEST))


def moments(
    begun: Any, steps: list[int], advance: Callable[[Any, int], tuple[Any, list[dict]]]
) -> list[tuple[Any, list[dict]]]:
    """Return (state, what its steps measured) at each moment of an opening; what would take too
    long is left out, for the run can be gone on with from any moment.
    """
    state, out = begun, []
    end = time.thread_time() + BUDGET
    for left in np.diff([0, *steps]).tolist():
        seen: list[dict] = []
        while left and time.thread_time() < end:
            state, some = advance(state, min(PIECE, left))
            seen, left = seen + some, left - min(PIECE, left)
        if left:
            break
        out.append((state, seen))
    return out


def on(
    state: Any,
    left: int,
    advance: Callable[[Any, int], tuple[Any, list[dict]]],
    over: Callable[[], bool],
) -> tuple[Any, list[dict]]:
    """Train up to `left` steps, fewer where the turn is over or a number stops being finite."""
    seen: list[dict] = []
    while left and not (seen and over()):
        state, some = advance(state, min(CHUNK, left))
        seen += some
        left = left - len(some) if len(some) == min(CHUNK, left) else 0  # else it blew up
    return state, seen

"""Several recalls side by side: their states step by step, and how each stands."""

from __future__ import annotations

import numpy as np

from apps.lessons.hopfield import path
from apps.lessons.hopfield.memory import Memory
from apps.stage import board as b
from apps.stage.contract import Turn
from core.models.hopfield.hopfield_traces import Recall as Trace

ENDS = ("stored", "negative", "spurious", "cycle", "limit")


def repeat_end(trace: Trace, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Return states and energies of `length` steps: a fixed point stays, a cycle goes round."""
    last = len(trace["states"]) - 1
    back = 2 if trace["end"] == "cycle" else 1
    at = [k if k <= last else last - (back - (k - last) % back) % back for k in range(length)]
    return trace["states"][at], trace["energies"][at]


def end_role(trace: Trace, k: int) -> str:
    """Return the colour of the line about state k."""
    return "ink" if k < len(trace["states"]) - 1 else "ok" if trace["end"] == "stored" else "grad"


def state_label(memory: Memory, trace: Trace, k: int) -> b.Label:
    """Return the overlap on the way, the end once it is reached."""
    if k >= len(trace["states"]) - 1:
        return path.end_name(memory, trace)
    m = path.overlap(memory, trace, k)
    best = int(np.abs(m).argmax())
    return b.word("nearest", p=memory.names[best], m=f"{m[best]:.2f}".replace("-", "−"))


def end_turn(ask: b.Label, trace: Trace) -> Turn:
    """Return the exercise to say how a recall ends."""
    return {
        "ask": ask,
        "frame": 0,
        "choices": [b.word(f"end_{end}") for end in ENDS],
        "answer": ENDS.index(trace["end"]),
    }

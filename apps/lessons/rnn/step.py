"""View "step": one recurrent step or many, each number in place."""

from __future__ import annotations

import numpy as np

from apps.lessons.rnn import equation, gates
from apps.lessons.rnn.case import lesson_board, numbers, read_case
from apps.lessons.rnn.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board
from core.models.rnn import cells


def step(inputs: Inputs) -> Board:
    """Show a case step by step; rounded as one goes where that is asked for."""
    case, exact, shown = read_case(inputs)
    make = gates.gate_frames if case["cell"] in cells.GATES else equation.plain_frames
    frames = make(case, shown, inputs.detail)
    facts = []
    if inputs.rounded:
        frames += [equation.rounding_frame(exact, shown, t) for t in range(len(case["xs"]))]
        gap = max(float(np.abs(exact[k] - shown[k]).max()) for k in ("h", "o", "y"))
        facts = [b.fact(b.word("rounding_gap"), gap)]
    blanks = [
        b.blank("h₁", shown["h"][0], "hidden", "h1"),
        b.blank("o₁", shown["o"][0], "made", "o1"),
        b.blank("ŷ₁", shown["y"][0], "made", "ŷ1"),
    ]
    return {
        **lesson_board(case, exact, inputs, frames),
        "facts": facts,
        "turn": {"ask": b.word("turn_step"), "frame": 0, "blanks": blanks},
        "tables": numbers(case, shown),
    }

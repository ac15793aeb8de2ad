"""View "step": one recurrent step or many, each number in place."""

from __future__ import annotations

import numpy as np

from apps.lessons.rnn import equation, gates
from apps.lessons.rnn.case import Case, lesson_board, numbers, read_case
from apps.lessons.rnn.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Turn
from core.models.rnn import cells
from core.models.rnn.rnn_traces import Trace


def step(inputs: Inputs) -> Board:
    """Show a case step by step; rounded as one goes where that is asked for."""
    case, exact, shown = read_case(inputs)
    make = gates.gate_frames if case["cell"] in cells.GATES else equation.plain_frames
    frames = make(case, shown, inputs.detail)
    turn = (
        gates_turn(case, shown, len(frames)) if case["cell"] in cells.GATES else plain_turn(shown)
    )
    facts = []
    if inputs.rounded:
        frames += [equation.rounding_frame(exact, shown, t) for t in range(len(case["xs"]))]
        gap = max(float(np.abs(exact[k] - shown[k]).max()) for k in ("h", "o", "y"))
        facts = [b.fact(b.word("rounding_gap"), gap)]
    return {
        **lesson_board(case, exact, inputs, frames),
        "facts": facts,
        "turn": turn,
        "tables": numbers(case, shown),
    }


def plain_turn(shown: Trace) -> Turn:
    """Return the exercise of a plain cell: its first step."""
    blanks = [
        b.blank("h₁", shown["h"][0], "hidden", "h1"),
        b.blank("o₁", shown["o"][0], "made", "o1"),
        b.blank("ŷ₁", shown["y"][0], "made", "ŷ1"),
    ]
    return {"ask": b.word("turn_step"), "frame": 0, "blanks": blanks}


def gates_turn(case: Case, shown: Trace, frames: int) -> Turn:
    """Return the exercise of a gated cell: from gates to state, at t = 2 where there is one.

    Args:
        case: what is computed.
        shown: its trace, as it is shown.
        frames: how many there are of all times together.
    """
    T = len(case["xs"])
    t = min(1, T - 1)  # at t = 1 the old memory is usually zero
    lstm = case["cell"] == "lstm"
    pairs = [("c", "cell"), ("h", "h")] if lstm else [("h", "h")]
    names = [b.sub(name, t + 1) for name, _ in pairs]
    blanks = [
        b.blank(b.sub(name, t + 1), shown[key][t], "hidden", f"{name}{t + 1}")
        for name, key in pairs
    ]
    ask = b.word("turn_gates", q=", ".join(names))
    return {"ask": ask, "frame": t * (frames // T), "blanks": blanks}

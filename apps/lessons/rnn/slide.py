"""View "slide": the slide's numbers beside the exact ones, and where the slide is wrong."""

from __future__ import annotations

import numpy as np

from apps.lessons.rnn.case import lesson_board, numbers, read_case
from apps.lessons.rnn.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame
from core.models.rnn import presets
from core.models.rnn.cells import forward
from core.models.rnn.presets import SLIDE_PRINTS

NAMES = {"x": "x₁", "Ux": "U x₁", "h": "h₁", "o": "o₁", "y": "ŷ₁"}
ROLES = {"x": "real", "Ux": "real", "h": "hidden", "o": "made", "y": "made"}


def slide(inputs: Inputs) -> Board:
    """Show the slide's numbers and where they are wrong."""
    asked = Inputs(preset="slide", decimals=inputs.decimals, slide_x=inputs.slide_x)
    case, exact, _ = read_case(asked)
    keys = (("h₁", "h", "hidden"), ("o₁", "o", "made"), ("ŷ₁", "y", "made"))
    blanks = [b.blank(name, exact[k][0], role, f"s{k}") for name, k, role in keys]
    return {
        **lesson_board(case, exact, asked, frames(asked.slide_x)),
        "turn": {"ask": b.word("turn_step"), "frame": 0, "blanks": blanks},
        "tables": numbers(case, exact),
    }


def frames(x: str) -> list[Frame]:
    """Return the task without outlines, a frame a quantity, and all with wrong entries outlined.

    Args:
        x: "used", the input that the slide computes with, or "written", the one it prints.
    """
    case = presets.slide(x)
    trace = forward("rnn", case["params"], case["xs"], case["h0"])
    exact = {"x": np.array(case["xs"][0]), **{k: trace[k][0] for k in ("Ux", "h", "o", "y")}}
    asked = b.row(*(_pair(key, exact[key], outlined=False) for key in NAMES), gap="top")
    V = np.array(case["params"]["V"])
    readout = b.row(
        b.text("h₁ = tanh(U x₁),  o₁ = V h₁,  ŷ₁ = softmax(o₁),"), b.matrix("V", V, "made")
    )
    task = b.text(b.word("slip_task"), "ink", "wide")
    found = [b.frame(b.column(asked, readout, task), b.word("slip_compare"))]
    pairs = {key: _pair(key, exact[key]) for key in NAMES}
    for key in (*NAMES, None):
        shown = [b.faint(pairs[k], key not in (None, k)) for k in NAMES]
        slip = f"slip_{key or 'all'}" if x == "used" else "slip_written"
        note = b.text(b.word(slip), "ok" if key == "Ux" and x == "used" else "grad", "wide")
        name = NAMES[key] if key else b.word("slip_summary")
        found.append(b.frame(b.column(b.row(*shown, gap="top"), note), name))
    return found


def _pair(key: str, exact: np.ndarray, outlined: bool = True) -> b.Widget:
    printed = np.array(SLIDE_PRINTS[key])
    differ = np.flatnonzero(np.round(exact, 3) != printed)
    wrong = [[int(i), 0] for i in differ if outlined]
    ours = b.matrix(b.word("exact"), exact, ROLES[key], key=f"s{key}")
    theirs = b.matrix(b.word("slide_says"), printed, "ink", mark=wrong)
    return b.column(b.text(NAMES[key], size="big"), b.row(ours, theirs), gap="tight")

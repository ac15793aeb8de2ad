"""From a scene's inputs to the case that they describe: parameters, inputs, targets."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.rnn.inputs import GATED, PLAIN, Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Limit
from core.models.rnn import cells, check, presets

Case = dict[str, Any]  # "cell", "params", "xs", "h0", "targets", see core.models.rnn.presets
Trace = dict[str, Any]  # see core.models.rnn.cells.forward
TOLERANCE = 1e-12
SIZES: dict[str, Limit] = {  # of a random case, which is read by hand
    **{name: {"max": cells.MOST_UNITS} for name in ("hidden", "inputs", "outputs")},
    "length": {"max": cells.MOST_STEPS},
}


def case_of(inputs: Inputs) -> Case:
    """Return the case that a scene's inputs describe: a preset, and over it what was typed."""
    cell, preset, seed = inputs.cell, inputs.preset, inputs.seed
    if preset == "slide" and cell not in cells.GATES:
        case = {**presets.slide(inputs.slide_x), "cell": cell}
    elif preset == "slide":
        case = presets.random_case(cell, 2, 3, 3, 1, seed)
        case |= {"xs": [[1.0, 0.0, 0.0]], "targets": [2]}
    elif preset == "hello":
        case = presets.hello(cell, seed)
    elif preset == "copy":
        case = presets.copy_task(cell, seed)
    else:
        sizes = {name: getattr(inputs, name) for name in ("hidden", "inputs", "outputs", "length")}
        case = presets.random_case(cell, **sizes, seed=seed)
    names = GATED if cell in cells.GATES else PLAIN
    case["params"] = {**case["params"], **typed_values(inputs, names)}
    case |= {**typed_values(inputs, ("xs", "h0", "targets")), "bias": inputs.bias}
    checked = cells.validate(cell, case["params"], case["xs"], case["h0"])
    case["params"], case["xs"] = checked.params, checked.xs
    if isinstance(case["targets"], list):  # a step without a target is shown, and typed, as a dash
        case["targets"] = [None if k in ("", "-", "—") else k for k in case["targets"]]
    case["targets"] = cells.check_targets(
        case["targets"], len(checked.xs), len(checked.params["V"])
    )
    return case


def typed_values(inputs: Inputs, names: tuple[str, ...]) -> dict[str, Any]:
    """Return what was typed over a preset, by name."""
    values = {name: getattr(inputs, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def read_case(inputs: Inputs) -> tuple[Case, Trace, Trace]:
    """Return (case, exact trace, trace to show), the last rounded as you go where asked for."""
    case = case_of(inputs)
    given = (case["cell"], case["params"], case["xs"], case["h0"])
    exact = cells.forward(*given)
    shown = cells.forward(*given, inputs.decimals) if inputs.rounded else exact
    case["losses"] = cells.losses(shown["o"], case["targets"])
    return case, exact, shown


def editable_values(case: Case, hidden: int) -> dict[str, Any]:
    """Return what can be typed over, by the name of the input."""
    zeros = np.zeros(hidden)
    if case["cell"] == "lstm":
        h0 = {"h": zeros, "c": zeros, **(case["h0"] or {})}
    else:
        h0 = zeros if case["h0"] is None else case["h0"]
    return {**case["params"], "xs": case["xs"], "h0": h0, "targets": case["targets"]}


def lesson_board(
    case: Case, exact: Trace, inputs: Inputs, frames: list[Frame], without: tuple[str, ...] = ()
) -> Board:
    """Return the board of a case, its check against torch and what can be typed over."""
    found = check.rnn_forward_delta(case["cell"], case["params"], case["xs"], case["h0"], exact)
    board: Board = {
        "frames": frames,
        "checks": [b.compared(found, TOLERANCE)],
        "values": editable_values(case, exact["h"].shape[1]),
        "limits": SIZES,
        "without": without,
    }
    if inputs.preset != "random":  # only a random case has sizes
        board["without"] = [*SIZES, *without]
    return board


def numbers(case: Case, shown: Trace) -> dict[str, Any]:
    """Return a case and its states as tables."""
    return {**case["params"], "xs": case["xs"], **{k: shown[k] for k in ("h", "o", "y")}}

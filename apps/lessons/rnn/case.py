"""From a scene's inputs to the case that they describe: parameters, inputs, targets."""

from __future__ import annotations

from typing import Any

import numpy as np
from typing_extensions import NotRequired, TypedDict

from apps.lessons.rnn.inputs import GATED, PLAIN, Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Limit
from core.models.rnn import cells, check, presets
from core.models.rnn.rnn_traces import Params, Trace

TOLERANCE = 1e-12
SIZES: dict[str, Limit] = {  # of a random case, which is read by hand
    **{name: {"max": cells.MOST_UNITS} for name in ("hidden", "inputs", "outputs")},
    "length": {"max": cells.MOST_STEPS},
}


class Case(TypedDict):
    """A preset with the values typed over it, checked."""

    cell: str  # one of cells.CELLS
    params: Params  # by the names of cells.forward
    xs: np.ndarray  # (T, D)
    h0: Any  # (H,), or for the LSTM h and c; None for zeros
    targets: list[int | None]  # T classes, None for a step without a loss
    vocabulary: NotRequired[list[str]]  # the classes' names
    bias: bool  # whether biases are shown even where they are zero
    losses: np.ndarray  # (T,), nats


def case_of(inputs: Inputs) -> Case:
    """Read the case that a scene's inputs describe: a preset with the values typed over it."""
    cell, preset, seed = inputs.cell, inputs.preset, inputs.seed
    if preset == "slide" and cell not in cells.GATES:
        ready = presets.slide(inputs.slide_x)
    elif preset == "slide":
        ready = presets.random_case(cell, 2, 3, 3, 1, seed)
        ready["xs"], ready["targets"] = [[1.0, 0.0, 0.0]], [2]
    elif preset == "hello":
        ready = presets.hello(cell, seed)
    elif preset == "copy":
        ready = presets.copy_task(cell, seed)
    else:
        sizes = {name: getattr(inputs, name) for name in ("hidden", "inputs", "outputs", "length")}
        ready = presets.random_case(cell, **sizes, seed=seed)
    names = GATED if cell in cells.GATES else PLAIN
    params = {**ready["params"], **typed_values(inputs, names)}
    rest: dict[str, Any] = {**ready, **typed_values(inputs, ("xs", "h0", "targets"))}
    checked, wanted = cells.validate(cell, params, rest["xs"], rest["h0"]), rest["targets"]
    if isinstance(wanted, list):  # a step without a target is shown, and typed, as a dash
        wanted = [None if k in ("", "-", "—") else k for k in wanted]
    T, O = len(checked.xs), len(checked.params["V"])
    case: Case = {
        "cell": cell,
        "params": checked.params,
        "xs": checked.xs,
        "h0": rest["h0"],
        "targets": cells.check_targets(wanted, T, O),
        "bias": inputs.bias,
        "losses": np.zeros(T),  # known once the case has run
    }
    if "vocabulary" in ready:
        case["vocabulary"] = ready["vocabulary"]
    return case


def typed_values(inputs: Inputs, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the values typed over a preset, by name."""
    values = {name: getattr(inputs, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def read_case(inputs: Inputs) -> tuple[Case, Trace, Trace]:
    """Read (case, exact trace, trace to show), the last rounded as you go where asked for."""
    case = case_of(inputs)
    given = (case["cell"], case["params"], case["xs"], case["h0"])
    exact = cells.forward(*given)
    shown = cells.forward(*given, inputs.decimals) if inputs.rounded else exact
    case["losses"] = cells.losses(shown["o"], case["targets"])
    return case, exact, shown


def editable_values(case: Case, hidden: int) -> dict[str, Any]:
    """Return the values that can be typed over, by the name of the input."""
    zeros = np.zeros(hidden)
    if case["cell"] == "lstm":
        h0 = {"h": zeros, "c": zeros, **(case["h0"] or {})}
    else:
        h0 = zeros if case["h0"] is None else case["h0"]
    return {**case["params"], "xs": case["xs"], "h0": h0, "targets": case["targets"]}


def lesson_board(
    case: Case, exact: Trace, inputs: Inputs, frames: list[Frame], without: tuple[str, ...] = ()
) -> Board:
    """Build the board of a case, its check against torch and the values that can be typed over."""
    found = check.rnn_forward_delta(case["cell"], case["params"], case["xs"], case["h0"], exact)
    board: Board = {
        "frames": frames,
        "checks": [b.delta_check(found, TOLERANCE)],
        "values": editable_values(case, exact["h"].shape[1]),
        "limits": SIZES,
        "without": without,
    }
    if inputs.preset != "random":  # only a random case has sizes
        board["without"] = [*SIZES, *without]
    return board


def numbers(case: Case, shown: Trace) -> dict[str, Any]:
    """Return a case and its states as tables."""
    return {**case["params"], "xs": case["xs"], "h": shown["h"], "o": shown["o"], "y": shown["y"]}

"""From a scene's inputs to the case that they describe, and the controls that change them."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.inputs import boolean, choice, integer
from core.models.rnn import cells, presets, sequences

PRESETS = ("slide", "hello", "copy", "random")
PLAIN = ("W", "U", "V", "b", "c")
GATED = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "V", "c")
TYPED = [*dict.fromkeys((*PLAIN, *GATED)), "xs", "h0", "targets"]  # what a new preset replaces

CONTROLS = {
    "cell": {"kind": "choice", "options": list(cells.CELLS), "resets": TYPED},
    "preset": {"kind": "choice", "options": list(PRESETS), "resets": TYPED},
    "slide_x": {"kind": "choice", "options": list(presets.SLIDE_X), "resets": TYPED},
    "detail": {"kind": "choice", "options": ["step", "line"]},
    "decimals": {
        "kind": "range",
        "min": 2,
        "max": 8,
        "step": 1,
        "local": True,
        "unless": "rounded",
    },
    "rounded": {"kind": "check"},
    "bias": {"kind": "check"},
    "seed": {"kind": "number", "resets": TYPED},
    "hidden": {"kind": "number", "resets": TYPED},
    "inputs": {"kind": "number", "resets": TYPED},
    "outputs": {"kind": "number", "resets": TYPED},
    "length": {"kind": "number", "resets": TYPED},
    "truncate": {"kind": "range", "min": 1, "max": 8, "step": 1},
    "rho": {"kind": "range", "min": 0.2, "max": 2.4, "step": 0.1},
    "clip": {"kind": "check"},
    "max_norm": {"kind": "number"},
    "kind": {"kind": "choice", "options": list(sequences.KINDS)},
    "columns": {"kind": "range", "min": 2, "max": 6, "step": 1},
    "kernel": {"kind": "range", "min": 2, "max": 4, "step": 1},
    "layers": {"kind": "range", "min": 1, "max": 4, "step": 1},
    "dilation": {"kind": "range", "min": 1, "max": 4, "step": 1},
}


def case_of(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the case that a scene's inputs describe: a preset, and over it what a person typed."""
    cell = choice("cell", inputs.get("cell", "rnn"), cells.CELLS)
    preset = choice("preset", inputs.get("preset", "hello"), PRESETS)
    seed = inputs.get("seed", 0)
    if preset == "slide" and cell not in cells.GATES:
        case = {**presets.slide(inputs.get("slide_x", "used")), "cell": cell}
    elif preset == "slide":
        case = presets.random_case(cell, 2, 3, 3, 1, seed)
        case |= {"xs": [[1.0, 0.0, 0.0]], "targets": [2]}
    elif preset == "hello":
        case = presets.hello(cell, seed)
    elif preset == "copy":
        case = presets.copy_task(cell, seed)
    else:
        defaults = {"hidden": 2, "inputs": 3, "outputs": 3, "length": 4}
        sizes = {name: inputs.get(name, n) for name, n in defaults.items()}
        case = presets.random_case(cell, **sizes, seed=seed)
    names = GATED if cell in cells.GATES else PLAIN
    case["params"] = {**case["params"], **{n: inputs[n] for n in names if n in inputs}}
    case.update({n: inputs[n] for n in ("xs", "h0", "targets") if n in inputs})
    case["bias"] = boolean("bias", inputs.get("bias", False))
    checked = cells.validate(cell, case["params"], case["xs"], case["h0"])
    case["params"], case["xs"] = checked.params, checked.xs
    if isinstance(case["targets"], list):  # a step without a target is shown, and typed, as a dash
        case["targets"] = [None if k in ("", "-", "—") else k for k in case["targets"]]
    case["targets"] = cells.check_targets(
        case["targets"], len(checked.xs), len(checked.params["V"])
    )
    return case


def common(inputs: dict[str, Any]) -> tuple[dict, dict, dict]:
    """Return (case, exact trace, trace to show), the last rounded as you go where asked for."""
    case = case_of(inputs)
    given = (case["cell"], case["params"], case["xs"], case["h0"])
    exact = cells.forward(*given)
    decimals = integer("decimals", inputs.get("decimals", 4), 2, 8)
    rounded = boolean("rounded", inputs.get("rounded", False))
    shown = cells.forward(*given, decimals) if rounded else exact
    case["losses"] = cells.losses(shown["o"], case["targets"])
    return case, exact, shown


def editable(case: dict, hidden: int) -> dict[str, Any]:
    """Return what a person can type over, by the name of the input."""
    zeros = np.zeros(hidden)
    if case["cell"] == "lstm":
        h0 = {"h": zeros, "c": zeros, **(case["h0"] or {})}
    else:
        h0 = zeros if case["h0"] is None else case["h0"]
    return {**case["params"], "xs": case["xs"], "h0": h0, "targets": case["targets"]}


def convolution(inputs: dict) -> dict[str, Any]:
    """Return the numbers of a dilated convolution over a sequence drawn from the seed."""
    kernel = integer("kernel", inputs.get("kernel", 2), *sequences.KERNELS)
    count = integer("layers", inputs.get("layers", 3), 1, sequences.MOST_LAYERS)
    grow = integer("dilation", inputs.get("dilation", 2), 1, 4)
    dilations = [min(grow**k, sequences.MOST_DILATION) for k in range(count)]
    rng = np.random.default_rng(integer("seed", inputs.get("seed", 0), 0, 2**31 - 1))
    xs = np.round(rng.uniform(-1, 1, 16), 2)  # (T,)
    weights = np.round(rng.uniform(-1, 1, (count, kernel)), 2)
    layers = sequences.dilated(xs, weights, dilations, kernel)
    return {"x": xs, "weights": weights, "dilations": dilations, "layers": layers}

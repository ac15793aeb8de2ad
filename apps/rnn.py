"""RNN step calculator: every number of a recurrent net, forward, backward and over long times."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.stage import Tab
from apps.stage import board as b
from apps.views import rnn_step
from core import check
from core.inputs import boolean, choice, integer
from core.models import bptt, rnn, rnn_presets, sequences, vanishing

TOLERANCE = 1e-12
API_CELLS = ("rnn", "lstm", "gru")
PRESETS = ("slide", "hello", "copy", "random")
PLAIN = ("W", "U", "V", "b", "c")
GATED = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "V", "c")


# ---- the API


def rnn_forward(cell: str, params: dict, xs: list, h0: list | dict | None = None) -> dict:
    """Compute all states and outputs of a small recurrent net in float64.

    Args:
        cell: "rnn" (tanh), "relu", "lstm" or "gru".
        params: {"W" (H x H), "U" (H x D), "V" (O x H), "b" (H), "c" (O)} for rnn and relu, b and c optional;
            {"weight_ih", "weight_hh", "bias_ih", "bias_hh", "V", "c"} for lstm and gru in the layout of
            torch.nn.LSTMCell and GRUCell. H, D, O up to 8.
        xs: inputs, T x D, T up to 32.
        h0: first state (H), null for zeros; for lstm {"h": ..., "c": ...}.

    Returns:
        "h" (T x H), "o" (T x O), "y" (T x O), and for gated cells every gate as "gate_i" ... and "cell".
    """
    trace = rnn.forward(cell, params, xs, h0)
    keep = ("h", "o", "y", "a", "cell")
    return {k: v for k, v in trace.items() if k in keep or k.startswith("gate_")}


def rnn_backward(
    cell: str,
    params: dict,
    xs: list,
    h0: list | dict | None,
    targets: list,
    truncate: int | None = None,
) -> dict:
    """Compute the summed cross-entropy and all its gradients by backpropagation through time.

    Args:
        cell: as in rnn_forward, like params, xs and h0.
        params: see rnn_forward.
        xs: see rnn_forward.
        h0: see rnn_forward.
        targets: a class index from 0 for each step, null where a step has none.
        truncate: cut the gradient's way between pieces of this many steps; null for none.

    Returns:
        "loss" in nats, "losses" (T), "grads" a gradient for each parameter and h0, "dh" (T x H).
    """
    out = bptt.backward(cell, params, xs, h0, targets, truncate)
    return {k: out[k] for k in ("loss", "losses", "grads", "dh", "cut")}


# ---- inputs of a scene


def case_of(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the case that a scene's inputs describe: a preset, and over it what a person typed."""
    cell = choice("cell", inputs.get("cell", "rnn"), rnn.CELLS)
    preset = choice("preset", inputs.get("preset", "hello"), PRESETS)
    seed = inputs.get("seed", 0)
    if preset == "slide" and cell not in rnn.GATES:
        case = {**rnn_presets.slide(inputs.get("slide_x", "used")), "cell": cell}
    elif preset == "slide":
        case = {**rnn_presets.random_case(cell, 2, 3, 3, 1, seed), "xs": [[1.0, 0.0, 0.0]], "targets": [2]}
    elif preset == "hello":
        case = rnn_presets.hello(cell, seed)
    elif preset == "copy":
        case = rnn_presets.copy_task(cell, seed)
    else:
        sizes = (inputs.get(k, n) for k, n in (("hidden", 2), ("inputs", 3), ("outputs", 3), ("length", 4)))
        case = rnn_presets.random_case(cell, *sizes, seed=seed)
    names = GATED if cell in rnn.GATES else PLAIN
    case["params"] = {**case["params"], **{n: inputs[n] for n in names if n in inputs}}
    case.update({n: inputs[n] for n in ("xs", "h0", "targets") if n in inputs})
    checked = rnn.validate(cell, case["params"], case["xs"], case["h0"])
    case["params"], case["xs"] = checked.params, checked.xs
    case["targets"] = rnn.check_targets(case["targets"], len(checked.xs), len(checked.params["V"]))
    return case


def common(inputs: dict[str, Any]) -> tuple[dict, dict, dict]:
    """Return (case, exact trace, trace to show), the last one rounded as you go where that is asked for."""
    case = case_of(inputs)
    exact = rnn.forward(case["cell"], case["params"], case["xs"], case["h0"])
    decimals = integer("decimals", inputs.get("decimals", 4), 2, 8)
    rounded = boolean("rounded", inputs.get("rounded", False))
    shown = rnn.forward(case["cell"], case["params"], case["xs"], case["h0"], decimals) if rounded else exact
    case["losses"] = rnn.losses(shown["o"], case["targets"])
    return case, exact, shown


def finish(case: dict, exact: dict, shown: dict, inputs: dict, frames: list[dict]) -> dict[str, Any]:
    """Return a board with its check against torch, its editable values and its exercise."""
    checked = check.rnn_forward_delta(case["cell"], case["params"], case["xs"], case["h0"], exact)
    facts = []
    if inputs.get("rounded"):
        gap = max(float(np.abs(exact[k] - shown[k]).max()) for k in ("h", "o", "y"))
        facts.append(b.fact(b.word("rounding_gap"), gap))
    return {
        "frames": frames,
        "facts": facts,
        "checks": [b.check(checked["delta"], checked["against"], TOLERANCE)],
        "values": {**case["params"], "xs": case["xs"], "h0": np.zeros(exact["h"].shape[1]) if case["h0"] is None else case["h0"], "targets": case["targets"]},
        "without": [] if inputs.get("preset") == "random" else ["hidden", "inputs", "outputs", "length"],
        "turn": {
            "ask": b.word("turn_step"),
            "frame": 0,
            "blanks": [
                b.blank("h₁", exact["h"][0], "hidden", "h1"),
                b.blank("o₁", exact["o"][0], "made", "o1"),
                b.blank("ŷ₁", exact["y"][0], "made", "ŷ1"),
            ],
        },
    }


# ---- views


def step(inputs: dict) -> dict:
    """One step or many, each number in place."""
    case, exact, shown = common(inputs)
    detail = choice("detail", inputs.get("detail", "line"), ("step", "line"))
    make = rnn_step.gate_frames if case["cell"] in rnn.GATES else rnn_step.plain_frames
    frames = make(case, shown, list(range(len(case["xs"]))), detail)
    return finish(case, exact, shown, inputs, frames)


def slide(inputs: dict) -> dict:
    """The slide's numbers and where they are wrong."""
    case, exact, shown = common({"cell": "rnn", "preset": "slide", "decimals": inputs.get("decimals", 4)})
    return finish(case, exact, shown, {}, rnn_step.slide_frames())


VIEWS = {"step": step, "slide": slide}


def board(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of a scene."""
    return VIEWS[view](inputs)


def picture() -> b.Widget:
    """Return the home page's picture: the slide's step with its numbers."""
    case, exact, _ = common({"preset": "slide"})
    return rnn_step.equation(rnn_step.Step(case, exact, 0))


TAB = Tab(
    name="rnn",
    board=board,
    sources={"step": (rnn.rnn_step, rnn.output, rnn.dot), "slide": (rnn.rnn_step, rnn.output, rnn.dot)},
    controls={
        "cell": {"kind": "choice", "options": ["rnn", "relu", "lstm", "gru"], "resets": [*PLAIN, *GATED, "xs", "h0", "targets"]},
        "preset": {"kind": "choice", "options": list(PRESETS), "resets": [*PLAIN, *GATED, "xs", "h0", "targets"]},
        "detail": {"kind": "choice", "options": ["step", "line"]},
        "decimals": {"kind": "range", "min": 2, "max": 8, "step": 1, "local": True},
        "rounded": {"kind": "check"},
        "seed": {"kind": "number"},
        "hidden": {"kind": "number"},
        "inputs": {"kind": "number"},
        "outputs": {"kind": "number"},
        "length": {"kind": "number"},
    },
    endpoints={"rnn_forward": rnn_forward, "rnn_backward": rnn_backward},
    picture=picture,
)

"""RNN step calculator: every number of a recurrent net, forward, backward and over long times."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

import numpy as np

from apps.lessons.rnn import gates, time
from apps.lessons.rnn import shapes as rnn_shapes
from apps.lessons.rnn import slide as rnn_slide
from apps.lessons.rnn import step as rnn_step
from apps.lessons.rnn.case import CONTROLS, common, convolution, editable
from apps.stage import Tab
from apps.stage import board as b
from apps.stage.server import alone, home_card
from core.inputs import boolean, choice, integer, number
from core.measure.deltas import Delta
from core.models.rnn import bptt, cells, check, presets, sequences, vanishing

TOLERANCE = 1e-12


# ---- the API


def rnn_forward(cell: str, params: dict, xs: list, h0: list | dict | None = None) -> dict:
    """Compute all states and outputs of a small recurrent net in float64.

    Args:
        cell: "rnn" (tanh), "relu", "lstm" or "gru".
        params: {"W" (H x H), "U" (H x D), "V" (O x H), "b" (H), "c" (O)} for rnn and relu, b and c
            optional; {"weight_ih", "weight_hh", "bias_ih", "bias_hh", "V", "c"} for lstm and gru in
            the layout of torch.nn.LSTMCell and GRUCell. H, D, O up to 8.
        xs: inputs, T x D, T up to 32.
        h0: first state (H), null for zeros; for lstm {"h": ..., "c": ...}.

    Returns:
        "h" (T x H), "o" (T x O), "y" (T x O), and for gated cells every gate as "gate_i" ... and
        "cell".
    """
    trace = cells.forward(cell, params, xs, h0)
    keep = ("h", "o", "y", "cell")
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
    return {k: out[k] for k in ("loss", "losses", "grads", "dh")}


# ---- boards


def unsized(inputs: dict) -> list[str]:
    """Return the controls of sizes, which only a random case has."""
    return [] if inputs.get("preset") == "random" else ["hidden", "inputs", "outputs", "length"]


def lesson_board(
    case: dict, exact: dict, inputs: dict, frames: list[dict], **more: Any
) -> dict[str, Any]:
    """Return a board of a case: its check against torch, its editable values, what is not
    needed.
    """
    checked = check.rnn_forward_delta(case["cell"], case["params"], case["xs"], case["h0"], exact)
    return {
        "frames": frames,
        "checks": [b.check(checked["delta"], checked["against"], TOLERANCE)],
        "values": editable(case, exact["h"].shape[1]),
        "without": unsized(inputs),
        **more,
    }


# ---- views


def step(inputs: dict) -> dict:
    """One step or many, each number in place."""
    case, exact, shown = common(inputs)
    detail = choice("detail", inputs.get("detail", "line"), ("step", "line"))
    make = gates.gate_frames if case["cell"] in cells.GATES else rnn_step.plain_frames
    frames = make(case, shown, detail)
    if inputs.get("rounded"):
        frames += [rnn_step.rounding_frame(exact, shown, t) for t in range(len(case["xs"]))]
    gap = max(float(np.abs(exact[k] - shown[k]).max()) for k in ("h", "o", "y"))
    facts = [b.fact(b.word("rounding_gap"), gap)] if inputs.get("rounded") else []
    last = b.blank("ŷ₁", shown["y"][0], "made", "ŷ1")
    blanks = [
        b.blank("h₁", shown["h"][0], "hidden", "h1"),
        b.blank("o₁", shown["o"][0], "made", "o1"),
        last,
    ]
    turn = {"ask": b.word("turn_step"), "frame": 0, "blanks": blanks}
    return lesson_board(case, exact, inputs, frames, facts=facts, turn=turn)


def slide(inputs: dict) -> dict:
    """Return the slide's numbers and where they are wrong."""
    x = choice("slide_x", inputs.get("slide_x", "used"), tuple(presets.SLIDE_X))
    asked = {"preset": "slide", "decimals": inputs.get("decimals", 4), "slide_x": x}
    case, exact, _ = common(asked)
    keys = (("h₁", "h", "hidden"), ("o₁", "o", "made"), ("ŷ₁", "y", "made"))
    blanks = [b.blank(name, exact[k][0], role, f"s{k}") for name, k, role in keys]
    turn = {"ask": b.word("turn_step"), "frame": 0, "blanks": blanks}
    return lesson_board(case, exact, asked, rnn_slide.slide_frames(asked["slide_x"]), turn=turn)


def backward(inputs: dict) -> dict:
    """Backpropagation through time, step by step, truncated or not."""
    case, exact, _ = common(inputs)
    T = len(case["xs"])
    k = min(integer("truncate", inputs.get("truncate", T), 1, cells.MOST_STEPS), T)
    given = (case["cell"], case["params"], case["xs"], case["h0"], case["targets"])
    full = bptt.backward(*given)
    back = full if k == T else bptt.backward(*given, truncate=k)
    checked = check.rnn_backward_delta(*given, None if k == T else k, back)
    frames = [time.loss_frame(case, exact)]
    for t in reversed(range(T)):
        frames += time.back_frames(case, exact, back, t)
    frames += [time.total_frame(back, full)]
    blanks = [
        b.blank(b.sub("∂L/∂o", T), back["do"][-1], "grad", f"do{T}"),
        b.blank(b.sub("∂L/∂h", T), back["dh"][-1], "grad", f"dh{T}"),
    ]
    return lesson_board(
        case,
        exact,
        inputs,
        frames,
        checks=[b.check(checked["delta"], checked["against"], TOLERANCE)],
        facts=[b.fact("L", back["loss"]), *time.distances(back, full)],
        limits={"truncate": {"max": T}},
        without=[*unsized(inputs), *(["truncate"] if T == 1 else [])],
        turn={"ask": b.word("turn_back"), "frame": 1, "blanks": blanks},
    )


def gradients(inputs: dict) -> dict:
    """Gradients that vanish or explode by the spectral radius of W, clipped or not."""
    rho = number("rho", inputs.get("rho", 0.8), 0.01, 3)  # its logarithm is asked for
    length = inputs.get("length", 50)
    hidden, seed = inputs.get("hidden", 32), inputs.get("seed", 0)
    clip = boolean("clip", inputs.get("clip", False))
    most = number("max_norm", inputs.get("max_norm", 1.0), 0.01, 1000) if clip else None
    measured = vanishing.vanishing(rho, length, hidden, seed)
    lengths = lengths_of(length, hidden, seed, most)
    T = len(measured["t"])
    worst = max((last_steps(measured, cell) for cell in ("rnn", "gru")), key=lambda d: d["delta"])
    size = (T - 1) * float(np.log10(rho))
    blanks = [b.blank("n", [T - 1], "ink", ""), b.blank("log₁₀ ρⁿ", [size], "grad", "")]
    return {
        "frames": time.vanishing_frames(measured),
        "parts": {"lengths": time.lengths_chart(lengths, most, rho)},
        "checks": [b.check(worst["delta"], worst["against"], 1e-9)],
        "without": [] if clip else ["max_norm"],
        "turn": {"ask": b.word("turn_rho", T=str(T)), "frame": 0, "blanks": blanks},
    }


def last_steps(measured: dict, cell: str, steps: int = 10) -> Delta:
    """Check the norm over the last steps, from our own state there.

    An exploding net is chaotic: from h₀ two programs' states part company after some hundred steps.
    """
    params, xs = measured["params"][cell], measured["xs"]
    before = max(0, len(xs) - steps - 1)
    zero = {"h": np.zeros(params["V"].shape[1])}
    h = cells.run(cell, params, xs, zero)["h"][before - 1] if before else None
    norms = {"h": measured[cell][before:]}
    return check.jacobian_delta(cell, params, xs[before:], h, norms)


@lru_cache(maxsize=64)
def lengths_of(length: int, hidden: int, seed: int, most: float | None) -> dict[str, np.ndarray]:
    """Return the gradient's length for radii from 0.2 to 2.4; a slider of the radius asks again."""
    return vanishing.gradient_lengths(np.linspace(0.2, 2.4, 23), length, hidden, seed, most)


def shapes(inputs: dict) -> dict:
    """Return a shape of sequence problems, unrolled."""
    kind = inputs.get("kind", "many-to-one")
    picture = sequences.unroll(kind, inputs.get("seed", 0), inputs.get("columns", 4))
    checked = check.unroll_delta(kind, picture)
    first = next(n for n in picture["nodes"] if n["kind"] == "h")
    return {
        "frames": rnn_shapes.shape_frames(picture, kind),
        "checks": [b.check(checked["delta"], checked["against"], TOLERANCE)],
        "turn": {
            "ask": b.word("turn_shape"),
            "frame": 0,
            "blanks": [b.blank("h₁", first["value"], "hidden", first["id"])],
        },
    }


def dilated(inputs: dict) -> dict:
    """Dilated causal convolution: how far back the last output can see."""
    made = convolution(inputs)
    xs, weights, dilations, layers = made.values()
    kernel = weights.shape[1]
    checked = check.dilated_delta(xs, weights, dilations, layers)
    fields = sequences.receptive_field(kernel, dilations)
    reached = sequences.reach(len(xs) - 1, kernel, dilations)
    frames = rnn_shapes.dilated_frames(xs, weights, dilations, layers, fields, reached)
    said = {"size": str(kernel), "d": ", ".join(map(str, dilations))}
    return {
        "frames": frames,
        "checks": [b.check(checked["delta"], checked["against"], TOLERANCE)],
        "turn": {
            "ask": b.word("turn_field", **said),
            "frame": len(frames) - 1,
            "blanks": [b.blank(b.word("receptive"), [fields[-1]], "made", "field")],
        },
    }


VIEWS = {
    "step": step,
    "slide": slide,
    "backward": backward,
    "gradients": gradients,
    "shapes": shapes,
    "dilated": dilated,
}


def board(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of a scene."""
    return VIEWS[view](inputs)


def tables(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of a scene as tables by name."""
    if view in ("step", "slide", "backward"):
        asked = inputs if view != "slide" else {"preset": "slide", **inputs}
        case, exact, shown = common(asked)
        out = {**case["params"], "xs": case["xs"], **{k: shown[k] for k in ("h", "o", "y")}}
        if view == "backward":
            given = (case["cell"], case["params"], case["xs"], case["h0"], case["targets"])
            k = min(inputs.get("truncate", len(case["xs"])), len(case["xs"]))
            back = bptt.backward(*given, truncate=k)
            grads = {f"dL/d{name}": g for name, g in back["grads"].items()}
            out |= {"losses": back["losses"], "dL/dh": back["dh"], **grads}
        return out
    if view == "gradients":
        keys = ("rho", "length", "hidden", "seed")
        measured = vanishing.vanishing(*(inputs[k] for k in keys))
        return {k: measured[k] for k in ("t", "rnn", "lstm", "lstm_cell", "gru", "linear")}
    if view == "shapes":
        nodes = sequences.unroll(inputs["kind"], inputs["seed"], inputs["columns"])["nodes"]
        return {n["id"]: n["value"] for n in nodes}
    return convolution(inputs)


TAB = Tab(
    name="rnn",
    board=board,
    sources={
        "step": lambda inputs: (cells.STEPS[inputs.get("cell", "rnn")], cells.output, cells.dot),
        "slide": (cells.rnn_step, cells.output, cells.dot),
        "backward": lambda inputs: (
            getattr(bptt, f"{inputs.get('cell', 'rnn')}_back"),
            bptt.step_back,
            bptt.through_time,
            bptt.cut_links,
        ),
        "gradients": (vanishing.rnn_jacobian, vanishing.jacobian_norms, bptt.clip),
        "shapes": (sequences.unroll, sequences.read, sequences.generate),
        "dilated": (sequences.convolve, sequences.receptive_field, sequences.reach),
    },
    controls=CONTROLS,
    endpoints={"rnn_forward": rnn_forward, "rnn_backward": rnn_backward},
    picture=partial(home_card.picture, "rnn"),
    tables=tables,
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)

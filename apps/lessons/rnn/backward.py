"""View "backward": backpropagation through time, step by step, truncated or not."""

from __future__ import annotations

import numpy as np

from apps.lessons.rnn.case import TOLERANCE, Case, lesson_board, numbers, read_case
from apps.lessons.rnn.equation import box, index
from apps.lessons.rnn.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Fact, Frame
from core.models.rnn import bptt, check
from core.models.rnn.rnn_traces import Backward, Trace


def backward(inputs: Inputs) -> Board:
    """Show the gradient's way back through a case, cut between pieces of `truncate` steps."""
    case, exact, _ = read_case(inputs)
    T = len(case["xs"])
    k = min(inputs.truncate, T)
    given = (case["cell"], case["params"], case["xs"], case["h0"], case["targets"])
    full = bptt.backward(*given)
    back = full if k == T else bptt.backward(*given, truncate=k)
    found = check.rnn_backward_delta(*given, None if k == T else k, back)
    frames = [loss_frame(case, exact)]
    for t in reversed(range(T)):
        frames += back_frames(case, exact, back, t)
    frames += [fall_frame(case, back, full), total_frame(back)]
    blanks = [
        b.blank(b.sub("∂L/∂o", T), back["do"][-1], "grad", f"do{T}"),
        b.blank(b.sub("∂L/∂h", T), back["dh"][-1], "grad", f"dh{T}"),
    ]
    board = lesson_board(case, exact, inputs, frames, ("truncate",) if T == 1 else ())
    grads = {f"dL/d{name}": g for name, g in back["grads"].items()}
    return {
        **board,
        "checks": [b.delta_check(found, TOLERANCE)],
        "facts": [b.fact("L", back["loss"]), *distances(back, full)],
        "limits": {**board.get("limits", {}), "truncate": {"max": T}},
        "turn": {"ask": b.word("turn_back"), "frame": 1, "blanks": blanks},
        "tables": numbers(case, exact) | {"losses": back["losses"], "dL/dh": back["dh"], **grads},
    }


def loss_frame(case: Case, trace: Trace) -> Frame:
    """Return the losses of all steps written out, and their sum."""
    rows: list = []
    for t, target in enumerate(case["targets"]):
        if target is not None:
            y = trace["y"][t][target]
            rows.append(
                [
                    f"L{index(t)} = −log {b.sub('ŷ', t + 1)}{index(target)} = −log ",
                    b.num(y, "made"),
                    " = ",
                    b.num(case["losses"][t], "grad"),
                ]
            )
    rows.append(["L = Σ L[t] = ", b.num(float(case["losses"].sum()), "grad")])
    wanted = ["—" if k is None else k for k in case["targets"]]
    typed = b.matrix(b.word("targets"), wanted, "real", edit="targets")
    written = b.row(typed, b.lines(b.word("losses"), rows), gap="wide")
    return b.frame(b.column(net(case, None, len(case["xs"])), written), b.word("losses_name"))


def net(case: Case, back: Backward | None, t: int, most: int = 8) -> b.Widget:
    """Draw the unrolled net with the gradient's way back down to step t (from 0)."""
    T = len(case["xs"])
    first = max(0, min(t - most // 2, T - most))
    nodes, links = [], []
    for column, k in enumerate(range(first, min(T, first + most))):
        nodes += step_nodes(case, back, t, k, 60 + column * 104)
        links += step_links(case, back, t, k)
        if column:
            links.append(state_link(back, t, k))
    name = b.word("way_back") if back is not None else b.word("unrolled")
    return b.net(name, nodes, links, 20 + 104 * min(T, most), 152)


def step_nodes(case: Case, back: Backward | None, t: int, k: int, x: int) -> list[dict]:
    """Return the boxes of x, h and, where there is one, the loss of step k (from 0)."""
    names, target = case.get("vocabulary"), case["targets"][k]
    reached = back is not None and k >= t
    state = "now" if back is not None and k == t else ""
    values = [float(np.linalg.norm(back["dh"][k]))] if back is not None and k >= t else []
    said = names[int(np.argmax(case["xs"][k]))] if names else b.sub("x", k + 1)
    gradient = b.sub("∂L/∂h", k + 1) if values else b.sub("h", k + 1)
    hidden = box(f"h{k}", (x, 80), (70, 44), gradient, "grad" if reached else "hidden", state)
    nodes = [
        box(f"x{k}", (x, 132), (50, 28), said, "real", ""),
        {**hidden, "values": values, "places": 4},
    ]
    if target is not None:
        wanted = names[target] if names else str(target + 1)
        label = b.word("loss_node", t=str(k + 1), y=wanted)
        nodes.append(box(f"y{k}", (x, 20), (70, 28), label, "grad", state))
    return nodes


def step_links(case: Case, back: Backward | None, t: int, k: int) -> list[dict]:
    """Return the links within step k (from 0): forward, or back from its loss."""
    links = [{"from": f"x{k}", "to": f"h{k}", "role": "ink-2", "state": ""}]
    if case["targets"][k] is None:
        return links
    if back is None:
        return [*links, {"from": f"h{k}", "to": f"y{k}", "role": "ink-2", "state": ""}]
    state = "" if k >= t else "later"
    return [*links, {"from": f"y{k}", "to": f"h{k}", "role": "grad", "state": state}]


def state_link(back: Backward | None, t: int, k: int) -> dict:
    """Return the link between the states of k − 1 and k (from 0), crossed out where it is cut."""
    if back is None:
        return {"from": f"h{k - 1}", "to": f"h{k}", "role": "hidden", "state": ""}
    state = "cut" if k + 1 in back["cut"] else "" if k >= t else "later"
    return {"from": f"h{k}", "to": f"h{k - 1}", "role": "grad", "state": state}


def back_frames(case: Case, trace: Trace, back: Backward, t: int) -> list[Frame]:
    """Return step t (from 0) of the way back: ∂L/∂h in numbers, then its share of the gradients."""
    params, do, dh, later = case["params"], back["do"][t], back["dh"][t], back["dh_later"][t]
    n = t + 1
    equation = b.row(
        b.matrix(b.sub("∂L/∂h", n), dh, "grad", key=f"dh{n}"),
        b.text("="),
        b.matrix("Vᵀ", params["V"].T, "made"),
        b.matrix(b.sub("∂L/∂o", n), do, "grad", key=f"do{n}"),
        b.text("+"),
        b.matrix(b.word("from_later"), later, "grad"),
    )
    if case["cell"] in ("rnn", "relu"):
        h_prev = trace["h_prev"][t]
        da = back["by_step"]["b"][t]
        slope = "(1 − h²)" if case["cell"] == "rnn" else "[a > 0]"
        share = b.row(
            b.matrix(b.word("share", p="W", t=str(n)), back["by_step"]["W"][t], "grad"),
            b.text("="),
            b.matrix(f"∂L/∂a = ∂L/∂h ⊙ {slope}", da, "grad"),
            b.text("·"),
            b.matrix(f"{b.sub('h', t)}ᵀ", h_prev[None, :], "hidden"),
        )
    else:
        share = b.row(
            *(
                b.matrix(b.word("share", p=name, t=str(n)), back["by_step"][name][t], "grad")
                for name in ("weight_hh", "weight_ih")
            )
        )
    target = case["targets"][t]
    error = [] if target is None else [output_error(trace["y"][t], target, do, n)]
    facts = [b.fact(b.sub("‖∂L/∂h", n) + "‖", float(np.linalg.norm(dh)))]
    return [
        b.frame(
            b.column(net(case, back, t), b.row(*error, equation, gap="wide")),
            b.word("back_at", t=str(n)),
            facts,
        ),
        b.frame(b.column(net(case, back, t), share), b.word("share_at", t=str(n)), facts),
    ]


def output_error(y: np.ndarray, target: int, do: np.ndarray, n: int) -> b.Widget:
    """Write ∂L/∂o = ŷ − one-hot(target) of step n (from 1) with its numbers."""
    return b.row(
        b.matrix(b.sub("∂L/∂o", n), do, "grad", key=f"do{n}"),
        b.text("="),
        b.matrix(b.sub("ŷ", n), y, "made"),
        b.text("−"),
        b.matrix(b.word("one_hot"), np.eye(len(y))[target], "real"),
    )


def fall_frame(case: Case, back: Backward, full: Backward) -> Frame:
    """Return how ∂L/∂h falls off over time, truncated and full, beside the gradient of U.

    A step that no gradient reaches has no point on the logarithmic axis.
    """
    steps = list(range(1, len(back["dh"]) + 1))
    curves = [b.series(b.word("full"), _lengths(full["dh"]), "ink", x=steps)]
    if back["cut"]:
        curves.append(b.series(b.word("truncated"), _lengths(back["dh"]), "grad", x=steps))
    rules = [{"x": t - 0.5, "label": b.word("cut_here")} for t in back["cut"][-1:]]
    fall = b.chart(
        b.word("dh_over_time"), curves, x=b.word("time_axis"), log=True, rules=rules, width=430,
        height=330,
    )  # fmt: skip
    name = "U" if case["cell"] in ("rnn", "relu") else "weight_ih"
    told = [(full, "full"), (back, "truncated")] if back["cut"] else [(full, "full")]
    grads = [b.matrix(b.word(f"grad_{way}", p=name), one["grads"][name], "grad")
             for one, way in told]  # fmt: skip
    stacked = b.column(*grads, gap="mid") if name == "U" else b.row(*grads, gap="mid")
    drawn = [fall] if len(steps) > 1 and full["dh"].any() else []
    return b.frame(b.row(*drawn, stacked, gap="wide"), b.word("fall_name"))


def total_frame(back: Backward) -> Frame:
    """Return the gradient of every parameter."""
    names = [n for n in back["grads"] if n not in ("h0", "c0")]
    half = (len(names) + 1) // 2
    grads = [b.matrix(f"∂L/∂{n}", back["grads"][n], "grad") for n in names]
    rows = [b.row(*part, gap="mid") for part in (grads[:half], grads[half:])]
    return b.frame(b.column(*rows), b.word("total_name"))


def distances(back: Backward, full: Backward) -> list[Fact]:
    """Return, a fact a recurrent parameter, ‖g − g_full‖ / ‖g_full‖ in percent."""
    names = [n for n in full["grads"] if n in ("W", "U", "weight_ih", "weight_hh")]
    facts = []
    for name in names:
        gap = np.linalg.norm(back["grads"][name] - full["grads"][name])
        share = gap / max(float(np.linalg.norm(full["grads"][name])), 1e-300)
        facts.append(b.fact(b.word("gap_to_full", p=name), f"{100 * share:.1f} %"))
    return facts


def _lengths(rows: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(rows, axis=1)
    return np.where(norms > 0, norms, np.nan)  # a logarithm has no place for 0

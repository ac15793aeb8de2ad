"""Backpropagation through time by the textbook's recurrences, without automatic differentiation.

    L = sum_t loss_t,   do_t = y_t - onehot(target_t)   (0 without a target)
    dV = sum_t do_t h_t',   dc = sum_t do_t
    dh_t = V' do_t + (what comes back from step t+1)

    "rnn"   da_t = dh_t * (1 - h_t^2)        ("relu": dh_t * [a_t > 0])
            dW = sum_t da_t h_{t-1}',  dU = sum_t da_t x_t',  db = sum_t da_t
            back to step t-1 goes W' da_t
    "lstm", "gru": the same chain rule gate by gate, in `lstm_back` and `gru_back`

Truncation (Williams & Peng 1990; as practised, with `detach`): for truncate = k the sequence is
read in pieces of k steps. The state's value passes from piece to piece, its gradient does not: the
links h_{t-1} -> h_t with t = k+1, 2k+1, ... are cut. k = T cuts nothing. Note that gradients belong
to the summed, not the mean, loss.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from core.inputs import integer, number
from core.models.rnn import cells
from core.models.rnn.rnn_traces import Backward, Moment, Params, State, StepBack, Trace


def rnn_back(params: Params, now: Moment, dh: np.ndarray) -> tuple[Params, State]:
    """Go back one step of the plain cell: this step's gradients, and the state's at t-1."""
    da = dh * (1 - now["h"] ** 2)  # (H,)
    return plain_grads(now, da), {"h": params["W"].T @ da}


def relu_back(params: Params, now: Moment, dh: np.ndarray) -> tuple[Params, State]:
    """Go back one step of the plain cell with max(0, a); the slope at a = 0 is 0, as in torch."""
    da = dh * (now["a"] > 0)  # (H,)
    return plain_grads(now, da), {"h": params["W"].T @ da}


def plain_grads(now: Moment, da: np.ndarray) -> Params:
    """Compute one step's gradients of a = W h + U x + b from dL/da (H,)."""
    return {"W": np.outer(da, now["h_prev"]), "U": np.outer(da, now["x"]), "b": da}


def lstm_back(
    params: Params, now: Moment, dh: np.ndarray, dcell: np.ndarray
) -> tuple[Params, State]:
    """Go back one step of the LSTM; `dcell` is all of dL/dc_t."""
    i, f, g, o = (now[f"gate_{k}"] for k in "ifgo")  # each (H,)
    da_i = dcell * g * i * (1 - i)
    da_f = dcell * now["cell_prev"] * f * (1 - f)
    da_g = dcell * i * (1 - g**2)
    da_o = dh * now["tanh_cell"] * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o])  # (4H,)
    return gate_grads(now, da, da), {"h": params["weight_hh"].T @ da, "cell": dcell * f}


def gru_back(params: Params, now: Moment, dh: np.ndarray) -> tuple[Params, State]:
    """Go back one step of the GRU: to t-1 through the gates and, times z, directly."""
    r, z, n = (now[f"gate_{k}"] for k in "rzn")  # each (H,)
    da_n = dh * (1 - z) * (1 - n**2)
    da_z = dh * (now["h_prev"] - n) * z * (1 - z)
    da_r = da_n * now["h_n"] * r * (1 - r)
    da_x = np.concatenate([da_r, da_z, da_n])  # (3H,)
    da_h = np.concatenate([da_r, da_z, da_n * r])  # the reset gate sits on W_n h
    return gate_grads(now, da_x, da_h), {"h": params["weight_hh"].T @ da_h + dh * z}


def gate_grads(now: Moment, da_x: np.ndarray, da_h: np.ndarray) -> Params:
    """Compute one step's gradients of the two sides U x + bx (`da_x`) and W h + bh (`da_h`)."""
    return {
        "weight_ih": np.outer(da_x, now["x"]),
        "weight_hh": np.outer(da_h, now["h_prev"]),
        "bias_ih": da_x,
        "bias_hh": da_h,
    }


def step_back(cell: str, params: Params, now: Moment, do: np.ndarray, later: State) -> StepBack:
    """Go back one step: `do` comes from its own loss, `later` (h, LSTM: and cell) from t+1."""
    dh = params["V"].T @ do + later["h"]  # (H,)
    total = {"h": dh}
    if cell == "lstm":
        total["cell"] = later["cell"] + dh * now["gate_o"] * (1 - now["tanh_cell"] ** 2)
        grads, earlier = lstm_back(params, now, dh, total["cell"])
    else:
        go_back = {"rnn": rnn_back, "relu": relu_back, "gru": gru_back}[cell]
        grads, earlier = go_back(params, now, dh)
    grads |= {"V": np.outer(do, now["h"]), "c": do}
    return {"later": later, "total": total, "grads": grads, "earlier": earlier}


def walk_back(
    cell: str, params: Params, xs: np.ndarray, trace: Trace, do: np.ndarray, cut: list[int]
) -> tuple[list[StepBack], State]:
    """Walk from the last step to the first (backpropagation through time).

    Args:
        cell: one of `cells.CELLS`.
        params: all parameters.
        xs: (T, D).
        trace: the run over xs.
        do: (T, O), dL/do_t.
        cut: every t, counted from 1, whose link h_{t-1} -> h_t lets nothing through.

    Returns:
        Each step's `step_back`, the first step first, and the gradient of the state before it.
    """
    zero = np.zeros(params["V"].shape[1])  # (H,)
    later = {name: zero for name in ("h", "cell")[: 1 + (cell == "lstm")]}
    steps = []
    for t in reversed(range(len(do))):
        now = {**cells.moment_at(trace, t), "x": xs[t]}
        back = step_back(cell, params, now, do[t], later)
        steps.append(back)
        is_cut = t + 1 in cut  # steps count from 1, rows from 0
        later = {k: np.zeros_like(d) if is_cut else d for k, d in back["earlier"].items()}
    return steps[::-1], later


def backward(
    cell: str, params: dict, xs: Any, h0: Any, targets: Any, truncate: int | None = None
) -> Backward:
    """Compute the loss of a small recurrent net and all its gradients.

    Args:
        cell: as in `cells.forward`, like params, xs and h0.
        params: see above.
        xs: see above.
        h0: see above.
        targets: for each step a class from 0 to O-1, or None for a step without loss.
        truncate: None, or k from 1 to T: cut the gradient's way between pieces of k steps (see the
            module docstring).

    Returns:
        The summed loss in nats, the gradient of every parameter (of the biases that were left out
        too) and of the first state, each step's share of them, and the gradients on the way.

    Raises:
        InputError: with the name of the field.
    """
    case = cells.validate(cell, params, xs, h0)
    T, O = len(case.xs), len(case.params["V"])
    wanted = cells.check_targets(targets, T, O)
    cut = cut_links(T, truncate)
    trace = cells.run(cell, case.params, case.xs, case.state)
    do = output_error(trace["y"], wanted)
    steps, first = walk_back(cell, case.params, case.xs, trace, do, cut)
    by_step = {name: np.array([s["grads"][name] for s in steps]) for name in case.params}
    grads = {name: parts.sum(axis=0) for name, parts in by_step.items()} | {"h0": first["h"]}
    dh = np.array([s["total"]["h"] for s in steps])  # (T, H)
    losses = cells.losses(trace["o"], wanted)
    out: Backward = {
        "loss": float(losses.sum()),
        "losses": losses,
        "grads": grads,
        "by_step": by_step,
        "do": do,
        "dh": dh,
        "cut": cut,
        "dh_later": np.array([s["later"]["h"] for s in steps]),  # (T, H)
    }
    if cell == "lstm":
        grads["c0"] = first["cell"]
        out["dc"] = np.array([s["total"]["cell"] for s in steps])
    return out


def output_error(y: np.ndarray, targets: list[int | None]) -> np.ndarray:
    """Compute do_t = y_t - onehot(target_t), (T, O), zeros for a step without a target."""
    do = np.zeros_like(y)
    for t, target in enumerate(targets):
        if target is not None:
            do[t] = y[t]
            do[t, target] -= 1
    return do


def cut_links(steps: int, truncate: int | None) -> list[int]:
    """List each t, counted from 1, whose link h_{t-1} -> h_t is cut: k+1, 2k+1, ..."""
    if truncate is None:
        return []
    k = integer("truncate", truncate, 1, steps)
    return list(range(k + 1, steps + 1, k))


def clip(grads: dict[str, np.ndarray], max_norm: float) -> tuple[dict[str, np.ndarray], float]:
    """Shrink all gradients together to a joint length of at most `max_norm` (gradient clipping).

    As torch.nn.utils.clip_grad_norm_ (Pascanu et al. 2013), its 1e-6 against division by zero
    included.

    Args:
        grads: arrays of any shape.
        max_norm: 1e-6 to 1e6.

    Returns:
        The gradients, and their length before.

    Raises:
        InputError: max_norm is out of range.
    """
    max_norm = number("max_norm", max_norm, 1e-6, 1e6)
    norm = math.hypot(*(entry for g in grads.values() for entry in g.flat))
    factor = min(1.0, max_norm / (norm + 1e-6))
    return {name: factor * g for name, g in grads.items()}, norm

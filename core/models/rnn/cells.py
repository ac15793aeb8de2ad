"""Recurrent cells, one step at a time, in numpy float64.

x_t (D,) is the input, h_t (H,) the hidden state, o_t (O,) the output, y_t (O,) its probabilities;
t = 1..T, and * multiplies entry by entry.

    "rnn"   a_t = W h_{t-1} + U x_t + b      h_t = tanh(a_t)       (Elman 1990)
    "relu"  the same a_t                     h_t = max(0, a_t)
    "lstm"  a_k = (U_k x_t + bx_k) + (W_k h_{t-1} + bh_k)  for the gates k = i, f, g, o
            i, f, o = sigmoid(a_i, a_f, a_o),  g = tanh(a_g)
            c_t = f * c_{t-1} + i * g        h_t = o * tanh(c_t)
            (Hochreiter & Schmidhuber 1997; the forget gate f: Gers et al. 2000)
    "gru"   r, z = sigmoid(a_r, a_z),  n = tanh((U_n x_t + bx_n) + r * (W_n h_{t-1} + bh_n))
            h_t = (1 - z) * n + z * h_{t-1}                        (Cho et al. 2014)
    all     o_t = V h_t + c                  y_t = softmax(o_t)
            loss_t = -log y_t[target_t] in nats

The gated cells keep torch's layout: weight_ih stacks the U_k, weight_hh the W_k, in the order
i f g o or r z n. Where we deviate: our GRU is torch's, with the reset gate after the product W_n h
(Cho et al. put it before it).

Names in a trace (core.models.rnn.rnn_traces): for a gate k the two sides x_k = U_k x + bx_k and
h_k = W_k h + bh_k, a_k before and gate_k after the squashing; the LSTM's c_t is "cell", gate_o its
output gate, o the net's output.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from core.inputs import InputError, array, choice, integer, mapping
from core.models.rnn.rnn_traces import Moment, Params, State, Trace
from core.models.rounding import Round, checked_rounder, dot, exact

CELLS = ("rnn", "relu", "lstm", "gru")
GATES = {"lstm": "ifgo", "gru": "rzn"}
MOST_UNITS = 8  # H, D and O of a case that is read by hand
MOST_STEPS = 32  # T
LARGEST = 100.0  # magnitude of a parameter or an input: keeps 32 steps of relu inside float64


@dataclass(frozen=True)
class Case:
    """Checked input: all parameters, as float64 arrays, and the first state: h (LSTM: and cell)."""

    cell: str
    params: Params
    xs: np.ndarray  # (T, D)
    state: State


# ---- one step


def sigmoid(a: np.ndarray) -> np.ndarray:
    """Compute the logistic sigmoid 1 / (1 + e^-a) of any shape."""
    return 1 / (1 + np.exp(-np.clip(a, -500, 500)))  # e^500 still is a float


def rnn_step(
    params: Params, x: np.ndarray, h: np.ndarray, r: Round = exact, f: Callable = np.tanh
) -> Moment:
    """Do one step of the plain cell from h (H,) with x (D,): a = W h + U x + b, h = f(a)."""
    Wh = dot(params["W"], h, r)  # (H,)
    Ux = dot(params["U"], x, r)  # (H,)
    a = r(Wh + Ux + params["b"])
    return {"Wh": Wh, "Ux": Ux, "a": a, "h": r(f(a))}


def relu_step(params: Params, x: np.ndarray, h: np.ndarray, r: Round = exact) -> Moment:
    """Do one step of the plain cell with the rectifier, h = max(0, a)."""
    return rnn_step(params, x, h, r, f=lambda a: np.maximum(0.0, a))


def lstm_step(
    params: Params, x: np.ndarray, h: np.ndarray, cell: np.ndarray, r: Round = exact
) -> Moment:
    """Do one step of the LSTM from h and c (H,) with x (D,): forget, add, let out."""
    side = gate_inputs("lstm", params, x, h, r)
    a = {k: r(side[f"x_{k}"] + side[f"h_{k}"]) for k in "ifgo"}  # each (H,)
    i, f, o = (r(sigmoid(a[k])) for k in "ifo")
    g = r(np.tanh(a["g"]))
    cell = r(r(f * cell) + r(i * g))
    tanh_cell = r(np.tanh(cell))
    h = r(o * tanh_cell)
    gates = {"gate_i": i, "gate_f": f, "gate_g": g, "gate_o": o}
    before = {f"a_{k}": a[k] for k in a}
    return {**side, **before, **gates, "cell": cell, "tanh_cell": tanh_cell, "h": h}


def gru_step(params: Params, x: np.ndarray, h: np.ndarray, r: Round = exact) -> Moment:
    """Do one step of the GRU from h (H,) with x (D,): mix a candidate n with the old state by z."""
    side = gate_inputs("gru", params, x, h, r)
    a_r = r(side["x_r"] + side["h_r"])  # (H,)
    a_z = r(side["x_z"] + side["h_z"])
    reset, z = r(sigmoid(a_r)), r(sigmoid(a_z))
    a_n = r(side["x_n"] + r(reset * side["h_n"]))
    n = r(np.tanh(a_n))
    h = r(r(r(1 - z) * n) + r(z * h))
    gates = {"gate_r": reset, "gate_z": z, "gate_n": n}
    return {**side, "a_r": a_r, "a_z": a_z, "a_n": a_n, **gates, "h": h}


def gate_inputs(cell: str, params: Params, x: np.ndarray, h: np.ndarray, r: Round) -> Moment:
    """Compute both sides of each gate k, (H,): x_k = U_k x + bx_k and h_k = W_k h + bh_k."""
    from_x = r(dot(params["weight_ih"], x, r) + params["bias_ih"])  # (gates H,)
    from_h = r(dot(params["weight_hh"], h, r) + params["bias_hh"])
    gates = GATES[cell]
    said = {f"x_{k}": part for k, part in zip(gates, np.split(from_x, len(gates)))}  # each (H,)
    return said | {f"h_{k}": part for k, part in zip(gates, np.split(from_h, len(gates)))}


def output(params: Params, h: np.ndarray, r: Round = exact) -> Moment:
    """Read the state h (H,) out: o = V h + c, y = softmax(o), both (O,).

    By hand nobody shifts before the exponential, so shift = 0 as long as the largest exponential
    has a readable size; else it is the largest o, which leaves y as it is.
    """
    o = r(dot(params["V"], h, r) + params["c"])  # (O,)
    shift = np.array(0.0 if -2 < o.max() < 10 else o.max())
    e = r(np.exp(o - shift))  # (O,)
    return {"o": o, "shift": shift, "e": e, "y": r(e / r(e.sum()))}


STEPS = {"rnn": rnn_step, "relu": relu_step, "lstm": lstm_step, "gru": gru_step}


def step(cell: str, params: Params, x: np.ndarray, state: State, r: Round = exact) -> Moment:
    """Do one step from `state` with x (D,); return every intermediate value."""
    now = STEPS[cell](params, x, **state, r=r)
    return {**now, **output(params, now["h"], r)}


def run(cell: str, params: Params, xs: np.ndarray, state: State, r: Round = exact) -> Trace:
    """Unroll a cell over `xs` (T, D) of any size, unchecked; return every number of every step."""
    steps = []
    for x in xs:
        before = {f"{name}_prev": value for name, value in state.items()}
        now = step(cell, params, x, state, r)
        state = {name: now[name] for name in state}
        steps.append({**before, **now})
    return cast(Trace, {name: np.array([s[name] for s in steps]) for name in steps[0]})


def moment_at(trace: Trace, t: int) -> Moment:
    """Take the numbers of one step, t from 0, out of a trace."""
    return {name: rows[t] for name, rows in cast(Moment, trace).items()}


# ---- what a page calls


def forward(cell: str, params: dict, xs: Any, h0: Any = None, decimals: int | None = None) -> Trace:
    """Compute all states and outputs of a small recurrent net.

    Args:
        cell: one of `CELLS`.
        params: W (H, H), U (H, D), V (O, H), b (H) and c (O); for lstm and gru weight_ih (4H or 3H,
            D), weight_hh (4H or 3H, H), bias_ih, bias_hh, V and c. Biases may be missing: zeros.
        xs: (T, D). H, D, O from 1 to 8, T from 1 to 32.
        h0: (H), or {"h": (H), "c": (H)} for lstm; what is missing is zeros.
        decimals: None is exact; 2 to 8: every product, sum, activation, exponential and quotient is
            rounded at once, and the next line goes on from what is written down. The given numbers
            stay as they are given.

    Returns:
        The trace, each array with time first.

    Raises:
        InputError: with the name of the field.
    """
    case = validate(cell, params, xs, h0)
    return run(case.cell, case.params, case.xs, case.state, checked_rounder(decimals, 2, 8))


def losses(o: np.ndarray, targets: Sequence[int | None]) -> np.ndarray:
    """Compute the cross-entropies -log softmax(o_t)[target_t] in nats, (T,).

    Args:
        o: (T, O).
        targets: T classes from 0; a step with None has the loss 0.
    """
    o = o - o.max(axis=1, keepdims=True)  # keeps exp small; softmax does not change
    log_y = o - np.log(np.exp(o).sum(axis=1, keepdims=True))  # (T, O)
    return np.array([0.0 if k is None else -log_y[t, k] for t, k in enumerate(targets)])


def validate(cell: Any, params: Any, xs: Any, h0: Any = None) -> Case:
    """Check all arguments of `forward`.

    Raises:
        InputError: with the name of the field.
    """
    cell = choice("cell", cell, CELLS)
    params = check_params(cell, params)
    inputs = params["weight_ih" if cell in GATES else "U"].shape[1]
    xs = array("xs", xs, ((1, MOST_STEPS), inputs), LARGEST)  # (T, D)
    return Case(cell, params, xs, check_state(cell, h0, params["V"].shape[1]))


def check_params(cell: str, params: Any) -> Params:
    """Check the parameters of `cell` and fill in zeros for the biases that are missing."""
    weights, biases = ("weight_ih", "weight_hh", "V"), ("bias_ih", "bias_hh", "c")
    if cell not in GATES:
        weights, biases = ("U", "W", "V"), ("b", "c")
    mapping("params", params, weights, biases)
    gates, units = len(GATES.get(cell, "a")), (1, MOST_UNITS)
    recurrent = params[weights[1]]
    H = array(f"params.{weights[1]}", recurrent, ((1, gates * MOST_UNITS), units), LARGEST).shape[1]
    O = array("params.V", params["V"], (units, H), LARGEST).shape[0]
    rows = gates * H
    shapes = {weights[0]: (rows, units), weights[1]: (rows, H), "V": (O, H)}
    shapes |= {name: (O,) if name == "c" else (rows,) for name in biases}
    return {
        name: np.zeros(shape)
        if params.get(name) is None  # only a bias may be missing
        else array(f"params.{name}", params[name], shape, LARGEST)
        for name, shape in shapes.items()
    }


def check_state(cell: str, h0: Any, H: int) -> State:
    """Check the first state; what is missing is zeros."""
    if cell != "lstm":
        return {"h": np.zeros(H) if h0 is None else array("h0", h0, (H,), LARGEST)}
    if h0 is not None and not isinstance(h0, dict):
        raise InputError("object", field="h0", got=h0, allowed="h, c")
    given = mapping("h0", h0 or {}, (), ("h", "c"))
    h, c = (
        np.zeros(H) if given.get(k) is None else array(f"h0.{k}", given[k], (H,), LARGEST)
        for k in "hc"
    )
    return {"h": h, "cell": c}


def check_targets(targets: Any, steps: int, classes: int) -> list[int | None]:
    """Check that there is one class from 0 to `classes` - 1, or null, for each step."""
    if not isinstance(targets, (list, tuple)):
        raise InputError("list", field="targets", got=targets, allowed=f"{steps} classes or nulls")
    if len(targets) != steps:
        raise InputError("shape", field="targets", got=len(targets), allowed=steps)
    return [
        None if k is None else integer(f"targets[{t}]", k, 0, classes - 1)
        for t, k in enumerate(targets)
    ]

"""Measure how the last state depends on an earlier one: vanishing and exploding gradients.

    dh_T/dh_t = J_T J_{T-1} ... J_{t+1},   J_t = dh_t/dh_{t-1}
    "rnn"   J_t = diag(1 - h_t^2) W        ("relu": diag([a_t > 0]) W)
    "gru"   J_t = diag(1-z) dn/dh + diag(h_{t-1} - n) dz/dh + diag(z)
    "lstm"  the state is the pair (h, c), so J_t is 2H x 2H

Curves show the spectral norm (largest singular value) of the product: how much the most favoured
small change at t grows or shrinks until T. For the LSTM the product is taken over the joint state,
and two of its blocks are shown: dh_T/dh_t and dc_T/dc_t. (Bengio et al. 1994; Pascanu et al. 2013.)
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from core.inputs import InputError, array, integer, number
from core.models.rnn import bptt, cells
from core.models.rnn.presets import random_params
from core.models.rnn.rnn_traces import CellNorms, GradientLengths, Moment, Params, State, StateNorms

MOST_HIDDEN = 64
MOST_LENGTH = 200
INPUTS = 4  # D of the generated sequence
INPUT_SCALE = 0.1  # small, so that tanh starts out nearly straight and rho decides


def rnn_jacobian(params: Params, now: Moment) -> np.ndarray:
    """Compute dh_t/dh_{t-1} = diag(1 - h^2) W of the plain cell, (H, H)."""
    return (1 - now["h"] ** 2)[:, None] * params["W"]


def relu_jacobian(params: Params, now: Moment) -> np.ndarray:
    """Compute dh_t/dh_{t-1} = diag([a > 0]) W of the plain cell with max(0, a), (H, H)."""
    return (now["a"] > 0)[:, None] * params["W"]


def lstm_jacobian(params: Params, now: Moment) -> np.ndarray:
    """Compute d(h_t, c_t)/d(h_{t-1}, c_{t-1}) of the LSTM, (2H, 2H)."""
    W_i, W_f, W_g, W_o = np.split(params["weight_hh"], 4)  # each (H, H)
    i, f, g, o = (now[f"gate_{k}"][:, None] for k in "ifgo")  # each (H, 1): scales rows
    cell_prev, tanh_cell = now["cell_prev"][:, None], now["tanh_cell"][:, None]
    c_by_h = cell_prev * f * (1 - f) * W_f + g * i * (1 - i) * W_i + i * (1 - g**2) * W_g
    c_by_c = np.diag(f[:, 0])
    h_by_cell = o * (1 - tanh_cell**2)  # dh_t/dc_t
    h_by_h = tanh_cell * o * (1 - o) * W_o + h_by_cell * c_by_h
    return np.block([[h_by_h, h_by_cell * c_by_c], [c_by_h, c_by_c]])


def gru_jacobian(params: Params, now: Moment) -> np.ndarray:
    """Compute dh_t/dh_{t-1} of the GRU, (H, H)."""
    W_r, W_z, W_n = np.split(params["weight_hh"], 3)  # each (H, H)
    r, z, n = (now[f"gate_{k}"][:, None] for k in "rzn")  # each (H, 1): scales rows
    h_prev, h_n = now["h_prev"][:, None], now["h_n"][:, None]
    n_by_h = (1 - n**2) * (h_n * r * (1 - r) * W_r + r * W_n)
    z_by_h = z * (1 - z) * W_z
    return (1 - z) * n_by_h + (h_prev - n) * z_by_h + np.diag(z[:, 0])


JACOBIANS = {
    "rnn": rnn_jacobian,
    "relu": relu_jacobian,
    "lstm": lstm_jacobian,
    "gru": gru_jacobian,
}


def jacobian_norms(
    cell: str, params: Params, xs: np.ndarray, h0: State | None = None
) -> StateNorms:
    """Measure the spectral norms of dh_T/dh_t for t = 1..T; the last is 1.

    Args:
        cell: one of `cells.CELLS`.
        params: complete float64 arrays, of any size (`cells.check_params` completes and checks
            those of a page).
        xs: (T, D).
        h0: the first state as in `cells.Case.state`: {"h": (H,)}, with "cell" for the LSTM; None is
            zeros.

    Returns:
        The norms, for the LSTM those of dc_T/dc_t too.
    """
    H = params["V"].shape[1]
    state = h0 or {name: np.zeros(H) for name in ("h", "cell")[: 1 + (cell == "lstm")]}
    trace = cells.run(cell, params, xs, state)
    product = np.eye(len(state) * H)  # dh_T/dh_T
    by_h, by_c = [], []
    for t in reversed(range(len(xs))):
        by_h.append(np.linalg.norm(product[:H, :H], 2))
        if cell == "lstm":
            by_c.append(np.linalg.norm(product[H:, H:], 2))
        product = product @ JACOBIANS[cell](params, cells.moment_at(trace, t))
    norms: StateNorms = {"h": np.array(by_h[::-1])}  # (T,)
    if cell == "lstm":
        norms["c"] = np.array(by_c[::-1])  # (T,)
    return norms


def scale_to_radius(W: Any, rho: float) -> np.ndarray:
    """Scale W (H, H) to the spectral radius `rho`, 0 to 10: its largest eigenvalue's magnitude.

    Raises:
        InputError: where all eigenvalues of W are 0, which no factor changes.
    """
    W = np.asarray(W, dtype=np.float64)
    rho = number("rho", rho, 0, 10)
    radius = np.abs(np.linalg.eigvals(W)).max()
    if radius < 1e-12:
        raise InputError("number", field="spectral radius of W", got=0.0, low=1e-12, high=1e4)
    return W * (rho / radius)


def norms_by_cell(
    rho: float, length: int = 50, hidden: int = 16, seed: int = 0, forget_bias: float = 1.0
) -> CellNorms:
    """Measure the norms of all cells on one generated input sequence.

    The recurrent matrix of the plain cell is scaled to the spectral radius `rho`; so is each gate's
    own H x H block in the gated cells. Input weights are drawn as torch draws them; biases are 0,
    but for the gate that keeps the old state (the LSTM's f, the GRU's z), which gets `forget_bias`
    (Jozefowicz et al. 2015 advise 1).

    Args:
        rho: 0 to 3.
        length: T, 2 to 200.
        hidden: H, 1 to 64.
        seed: of parameters and inputs.
        forget_bias: -5 to 10.

    Returns:
        The norms for t = 1..T, beside what they were measured on, that another program can measure
        the same.

    Raises:
        InputError: with the name of the field.
    """
    rho, bias = number("rho", rho, 0, 3), number("forget_bias", forget_bias, -5, 10)
    T, H = integer("length", length, 2, MOST_LENGTH), integer("hidden", hidden, 1, MOST_HIDDEN)
    rng = np.random.default_rng(integer("seed", seed, 0, 2**31 - 1))
    xs = INPUT_SCALE * rng.standard_normal((T, INPUTS))
    t = np.arange(1, T + 1)
    linear = rho ** (T - t).astype(float)
    norms: dict[str, np.ndarray] = {}
    drawn: dict[str, Params] = {}
    for cell in cells.CELLS:
        params = scaled_params(cell, rho, H, rng)
        if cell in cells.GATES:
            params["bias_ih"][H : 2 * H] = bias  # the second gate of i f g o and of r z n
        found = jacobian_norms(cell, params, xs)
        norms[cell], drawn[cell] = found["h"], params
        if cell == "lstm":
            norms["lstm_cell"] = found["c"]
    return cast(CellNorms, {"t": t, "linear": linear, **norms, "xs": xs, "params": drawn})


def scaled_params(
    cell: str, rho: float, H: int, rng: np.random.Generator, outputs: int = 1
) -> Params:
    """Draw parameters, each recurrent H x H block normal and of spectral radius `rho`."""
    drawn = random_params(cell, H, INPUTS, outputs, rng)
    params = {k: v if v.ndim == 2 else np.zeros_like(v) for k, v in drawn.items()}  # no biases
    name = "weight_hh" if cell in cells.GATES else "W"
    blocks = rng.standard_normal((len(params[name]) // H, H, H))
    params[name] = np.concatenate([scale_to_radius(W, rho) for W in blocks])  # (rows, H)
    return params


def length_case(rho: float, T: int, H: int, seed: Any) -> tuple[Params, np.ndarray]:
    """Draw the plain cell of `gradient_lengths` at one radius, and its inputs (T, 4)."""
    rng = np.random.default_rng(integer("seed", seed, 0, 2**31 - 1))
    xs = INPUT_SCALE * rng.standard_normal((T, INPUTS))
    return scaled_params("rnn", rho, H, rng, outputs=INPUTS), xs


def gradient_lengths(
    radii: Any, length: int = 50, hidden: int = 16, seed: int = 0, max_norm: float | None = None
) -> GradientLengths:
    """Measure the length of the whole gradient of the plain cell's last loss, for many radii.

    Args:
        radii: (R,) spectral radii of W, each 0 to 3; R up to 64.
        length: T, 2 to 200.
        hidden: H, 1 to 64.
        seed: of parameters and inputs, the same for all radii.
        max_norm: clip to this length (Pascanu et al. 2013), or None.

    Returns:
        The lengths before and after clipping, a radius each.

    Raises:
        InputError: with the name of the field.
    """
    radii = array("radii", radii, ((1, 64),), bound=3.0)
    T, H = integer("length", length, 2, MOST_LENGTH), integer("hidden", hidden, 1, MOST_HIDDEN)
    before, after = [], []
    for rho in radii:
        params, xs = length_case(abs(float(rho)), T, H, seed)
        trace = cells.run("rnn", params, xs, {"h": np.zeros(H)})
        do = bptt.output_error(trace["y"], [None] * (T - 1) + [0])
        steps, _ = bptt.walk_back("rnn", params, xs, trace, do, cut=[])
        grads = {name: np.sum([s["grads"][name] for s in steps], axis=0) for name in params}
        clipped, norm = bptt.clip(grads, 1e6 if max_norm is None else max_norm)
        before.append(norm)
        after.append(np.sqrt(sum((g**2).sum() for g in clipped.values())))
    return {"radius": radii, "before": np.array(before), "after": np.array(after)}

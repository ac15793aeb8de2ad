"""View "gradients": gradients that vanish or explode by the spectral radius of W."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np

from apps.lessons.rnn.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame
from core.measure.deltas import Delta
from core.models.rnn import cells, check, vanishing
from core.models.rnn.rnn_traces import CellNorms, GradientLengths, Params, State, StateNorms

CURVES = (
    ("rnn", "RNN", "grad"),
    ("lstm_cell", "LSTM (c)", "hidden"),
    ("gru", "GRU", "made"),
    ("linear", "ρᵀ⁻ᵗ", "ink-2"),
)
FLOOR = 1e-300  # a logarithm needs more than 0
Checked = Literal["rnn", "lstm", "gru"]
CHECKED: tuple[Checked, ...] = ("rnn", "lstm", "gru")


def gradients(inputs: Inputs) -> Board:
    """Show how much of the last state depends on an earlier one, and the gradient's length."""
    rho, length, hidden, seed = inputs.rho, inputs.length, inputs.hidden, inputs.seed
    most = inputs.max_norm if inputs.clip else None
    measured = vanishing.norms_by_cell(rho, length, hidden, seed, inputs.forget_bias)
    lengths = lengths_of(length, hidden, seed, most)
    T = len(measured["t"])
    worst = max((last_steps_delta(measured, cell) for cell in CHECKED), key=lambda d: d["delta"])
    size = (T - 1) * float(np.log10(rho))
    blanks = [b.blank("n", [T - 1], "ink", ""), b.blank("log₁₀ ρⁿ", [size], "grad", "")]
    names = ("t", "rnn", "lstm", "lstm_cell", "gru", "linear")
    return {
        "frames": vanishing_frames(measured),
        "parts": {"lengths": lengths_chart(lengths, most, rho)},
        "checks": [
            b.delta_check(worst, 1e-9),
            b.delta_check(length_delta(lengths, rho, length, hidden, seed, most), 1e-9),
        ],
        "facts": [b.fact(b.word("mean_gate"), float(mean_forget_gate(measured)))],
        "limits": {"length": {"min": 2}},
        "without": [] if inputs.clip else ["max_norm"],
        "turn": {"ask": b.word("turn_rho", T=str(T)), "frame": 0, "blanks": blanks},
        "tables": {name: measured[name] for name in names},
    }


def last_steps_delta(measured: CellNorms, cell: Checked, steps: int = 10) -> Delta:
    """Check the norm over the last steps, from our own state there.

    An exploding net is chaotic: from h₀ two programs' states part company after some hundred steps.
    """
    params, xs = measured["params"][cell], measured["xs"]
    before = max(0, len(xs) - steps - 1)
    trace = cells.run(cell, params, xs, zero_state(cell, params))
    state = trace["h"][before - 1] if before else None
    norms: StateNorms = {"h": measured[cell][before:]}
    if cell == "lstm":
        norms["c"] = measured["lstm_cell"][before:]
        state = {"h": state, "c": trace["cell"][before - 1]} if before else None
    return check.jacobian_delta(cell, params, xs[before:], state, norms)


def zero_state(cell: str, params: Params) -> State:
    """Return the state that all runs start from."""
    zero = np.zeros(params["V"].shape[1])
    return {name: zero for name in (("h", "cell") if cell == "lstm" else ("h",))}


def mean_forget_gate(measured: CellNorms) -> float:
    """Average the LSTM's forget gate over all steps and units."""
    params = measured["params"]["lstm"]
    return cells.run("lstm", params, measured["xs"], zero_state("lstm", params))["gate_f"].mean()


def length_delta(
    lengths: GradientLengths, rho: float, length: int, hidden: int, seed: int, most: float | None
) -> Delta:
    """Check the right-hand chart at the chosen radius, at most 1: beyond it the net is chaotic."""
    at = int(np.abs(lengths["radius"] - min(rho, 1.0)).argmin())
    params, xs = vanishing.length_case(float(lengths["radius"][at]), length, hidden, seed)
    found = (float(lengths["before"][at]), float(lengths["after"][at]))
    return check.length_delta(params, xs, most, found)


@lru_cache(maxsize=64)
def lengths_of(length: int, hidden: int, seed: int, most: float | None) -> GradientLengths:
    """Return the gradient's length for radii from 0.2 to 2.4; a slider of the radius asks again."""
    return vanishing.gradient_lengths(np.linspace(0.2, 2.4, 23), length, hidden, seed, most)


def vanishing_frames(measured: CellNorms, most: int = 26) -> list[Frame]:
    """Return the norms ‖∂h_T/∂h_t‖ drawn from t = T back to 1, beside the gradient's lengths."""
    T = len(measured["t"])
    stops = {*np.linspace(0, T - 1, min(T, most)).round().astype(int).tolist()}
    every = np.maximum(np.concatenate([measured[key] for key, _, _ in CURVES]), FLOOR)
    frames = []
    for t in sorted(stops, reverse=True):
        drawn = [
            b.series(name, np.maximum(measured[key][t:], FLOOR), role, x=measured["t"][t:])
            for key, name, role in CURVES
        ]
        view = b.chart(
            b.word("norms"), drawn, x=b.word("time_axis"), log=True, cursor=t + 1, x_range=(1, T),
            low=float(every.min()), high=float(every.max()), width=460, height=330,
        )  # fmt: skip
        facts = [b.fact(name, _short(measured[key][t])) for key, name, _ in CURVES[:3]]
        name = b.word("back_to", t=str(t + 1), T=str(T))
        frames.append(b.frame(b.row(view, b.part("lengths"), gap="mid"), name, facts))
    return frames


def lengths_chart(measured: GradientLengths, max_norm: float | None, rho: float) -> b.Widget:
    """Return the gradient's length over the spectral radius, clipped or not."""
    before = b.series(b.word("before_clip"), measured["before"], "grad", x=measured["radius"])
    after = b.series(b.word("after_clip"), measured["after"], "ok", x=measured["radius"])
    rules: list[dict] = [{"x": rho, "label": f"ρ = {rho:g}"}]
    if max_norm is not None:
        rules.append({"y": max_norm, "label": b.word("clip_at", v=f"{max_norm:g}")})
    curves = [before] if max_norm is None else [before, after]
    return b.chart(b.word("lengths"), curves, x="ρ", log=True, rules=rules, width=380, height=330)


def _short(value: float) -> str:
    """Return 3.2e−05 for text that a curve's scale needs."""
    return f"{value:.2g}".replace("-", "−")

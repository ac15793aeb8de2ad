"""View "spectral": power iteration round by round beside SVD, and what division by σ does."""

from __future__ import annotations

import numpy as np

from apps.lessons.biggan.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from core.models.biggan import by_hand, check
from core.models.biggan.by_hand import SpectralTrace

ROUNDS = 8
LONG = 200  # rounds after which W / σ is formed
PAIRS = 1_000  # pairs of points whose distance is tried
TOLERANCE = 1e-3
DUST = 1e-16  # where an error is drawn that is 0


def spectral(inputs: Inputs) -> Board:
    """Show the unit circle's image, where the rounds point, and how far σ is from SVD's."""
    w = np.array(inputs.matrix)
    trace = by_hand.spectral(w, ROUNDS, inputs.seed)
    values = np.linalg.svd(w, compute_uv=False)
    exact = check.largest_singular_value(w)
    long = float(by_hand.spectral(w, LONG, inputs.seed)["sigma"][-1])
    kept = shorter(w / long if long else w, inputs.seed)
    frames = [frame(w, trace, k, exact, values) for k in range(1, ROUNDS + 1)]
    return {
        "frames": [*frames, last_frame(w, long)],
        "facts": [b.fact(b.word("svd"), exact), b.fact("σ₂", float(values[1]))],
        "checks": [
            b.check(abs(long - exact) / max(1.0, exact), "LAPACK, SVD", TOLERANCE),
            b.law(b.word("law_lipschitz"), kept, PAIRS),
        ],
        "values": {"matrix": inputs.matrix},
        "turn": turn(),
        "tables": {
            "sigma": [["round", "sigma", "exact"],
                      *([k + 1, float(s), exact] for k, s in enumerate(trace["sigma"]))],
            "matrix": w,
        },
    }  # fmt: skip


def shorter(w: np.ndarray, seed: int) -> int:
    """Return how many of 1000 pairs of points lie no further apart behind a matrix, but for the
    tolerance.
    """
    pairs = np.random.default_rng(seed).standard_normal((2, PAIRS, 2))
    apart = pairs[0] - pairs[1]
    after = np.linalg.norm(apart @ w.T, axis=1)
    return int((after <= (1 + TOLERANCE) * np.linalg.norm(apart, axis=1)).sum())


def frame(w: np.ndarray, trace: SpectralTrace, k: int, exact: float, values: np.ndarray) -> Frame:
    """Return k rounds: where v and W v point, the round's numbers, the error so far."""
    u, v, sigma = trace["u"][k - 1], trace["v"][k - 1], float(trace["sigma"][k - 1])
    before = trace["start"] if k == 1 else trace["u"][k - 2]
    turned, seen = w.T @ before, w @ v
    sums = [
        ["Wᵀu = ", *pair(turned)],
        ["v = Wᵀu/‖Wᵀu‖ = ", *pair(v)],
        ["W v = ", *pair(seen)],
        ["u = W v/‖W v‖ = ", *pair(u)],
        ["σ = uᵀ W v = ", b.num(sigma, "made")],
    ]
    matrix = b.matrix("W", w.tolist(), "ink", edit="matrix")
    right = b.column(matrix, b.lines(b.word("round_sums"), sums), errors(trace, k, exact, values),
                     gap="tight")  # fmt: skip
    view = b.row(plane(w, v, seen, "W"), right, gap="mid")
    facts = [b.fact("σ", sigma), b.fact(b.word("missing"), exact - sigma)]
    return b.frame(view, b.word("round_n", n=str(k)), facts)


def pair(values: np.ndarray) -> list:
    """Return a vector of two as tokens."""
    return ["(", b.num(float(values[0])), ", ", b.num(float(values[1])), ")"]


def plane(w: np.ndarray, v: np.ndarray | None, seen: np.ndarray | None, name: str) -> b.Widget:
    """Return the unit circle, its image, and an arrow in each."""
    turns = np.linspace(0, 2 * np.pi, 121)
    circle = np.stack([np.cos(turns), np.sin(turns)], 1)
    image = circle @ w.T
    reach = 1.15 * max(1.0, float(np.abs(image).max()))
    origin = np.zeros((1, 2))
    layers = [
        b.curves([[[-reach, 0], [reach, 0]], [[0, -reach], [0, reach]]], "ink", width=0.5),
        b.curves([circle], "real", b.word("circle"), dashed=True),
        b.curves([image], "made", b.word("image_of", name=name), width=2),
        None if v is None else b.arrows(origin, v[None], "real", "v"),
        None if seen is None else b.arrows(origin, seen[None], "made", "W v"),
    ]
    return b.field("", (-reach, reach, -reach, reach), layers, size=380)


def errors(trace: SpectralTrace, k: int, exact: float, values: np.ndarray) -> b.Widget:
    """Return σ's error up to the round, and the ratio by which theory lets it fall."""
    left = np.maximum(exact - trace["sigma"], DUST)
    x = np.arange(1, ROUNDS + 1)
    law = left[0] * (values[1] / exact) ** (4.0 * (x - 1)) if exact else left
    curves = [
        b.series(b.word("error"), np.where(x <= k, left, np.nan), "grad", x=x),
        b.series("(σ₂/σ₁)⁴", np.maximum(law, DUST), "ink", x=x, dash=True),
    ]
    return b.chart("", curves, x=b.word("rounds"), log=True, width=400, height=190)


def last_frame(w: np.ndarray, sigma: float) -> Frame:
    """Return the matrix divided by σ: the circle's image lies in the circle."""
    divided = w / sigma if sigma else w
    right = b.column(
        b.row(b.matrix("W / σ", divided.tolist(), "ok"), b.text("="),
              b.matrix("W", w.tolist(), "ink", edit="matrix"), b.text("/"),
              b.matrix("σ", [sigma], "made")),
        b.text(b.word("touches"), "ok", "note"),
        gap="mid",
    )  # fmt: skip
    return b.frame(b.row(plane(divided, None, None, "W / σ"), right, gap="wide"),
                   b.word("divided"))  # fmt: skip


def turn() -> Turn:
    """Return the exercise: one round by hand on a diagonal matrix."""
    u = np.array([0.6, 0.8])
    w = np.diag([2.0, 1.0])
    v = w.T @ u / np.linalg.norm(w.T @ u)
    blanks = [
        b.blank("v", v, "real", ""),
        b.blank("σ = ‖W v‖", [float(np.linalg.norm(w @ v))], "made", ""),
    ]
    return {"ask": b.word("turn_spectral"), "blanks": blanks, "frame": 0}

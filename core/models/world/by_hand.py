"""Do one step of a tiny M by hand, in float64: GRU, mixture, density, chance of death.

    x = [z, a]                  the code, one number, and the action −1, 0 or 1 that led to it
    r, u = sigmoid(a_r, a_u)    n = tanh(x_n + r * h_n)    h' = (1 − u) * n + u * h
    o = V h' + c                o = [ℓ₁ ℓ₂  μ₁ μ₂  s₁ s₂  d]
    π = softmax(ℓ)              σ_k = e^{s_k}              death = sigmoid(d)
    N_k = exp(−½ ((z' − μ_k) / σ_k)²) / (σ_k √(2π))
    p(z') = π₁ N₁ + π₂ N₂       nats = −log p(z')

The GRU's gate u is called z elsewhere; here z is the code. Its layout is torch's, as in
core.models.rnn.cells. We deviate from core.models.world.memory in the sizes (Z = 1, H = 2, K = 2),
in the action as one number, and in a forecast that is linear in h'.
"""

from __future__ import annotations

import math
from typing import Any, TypedDict

import numpy as np

from core.inputs import array, mapping, number
from core.models.rnn.cells import gru_step, sigmoid

UNITS, MIXTURES, OUTPUTS = 2, 2, 7
LARGEST = 10.0  # magnitude of a parameter, a code or a memory
SHAPES = {
    "weight_ih": (3 * UNITS, 2),
    "weight_hh": (3 * UNITS, UNITS),
    "bias_ih": (3 * UNITS,),
    "bias_hh": (3 * UNITS,),
    "V": (OUTPUTS, UNITS),
    "c": (OUTPUTS,),
}


class Step(TypedDict):
    """Every number of one step."""

    x: np.ndarray  # (2,): z, a
    h_prev: np.ndarray  # (2,)
    a_r: np.ndarray  # (2,)
    a_z: np.ndarray  # (2,), of the gate u
    a_n: np.ndarray  # (2,)
    gate_r: np.ndarray  # (2,)
    gate_z: np.ndarray  # (2,), u
    gate_n: np.ndarray  # (2,)
    h: np.ndarray  # (2,)
    o: np.ndarray  # (7,)
    pi: np.ndarray  # (2,)
    mu: np.ndarray  # (2,)
    sigma: np.ndarray  # (2,)
    normal: np.ndarray  # (2,), N_k
    share: np.ndarray  # (2,), π_k N_k
    p: float
    nats: float
    death: float


# A memory of two numbers, set by hand: h₁ follows the code, h₂ the action. The gap went left before
# (z = −0.5) and the player stood; it may go on (π₁) or turn (π₂).
EXAMPLE: dict[str, list] = {
    "weight_ih": [[0.5, 0.0], [0.0, 0.5], [-1.0, 0.0], [0.0, -1.0], [2.0, 0.0], [0.0, 1.5]],
    "weight_hh": [[0.5, 0.0], [0.0, 0.5], [0.5, 0.0], [0.0, 0.5], [0.5, 0.0], [0.0, 0.5]],
    "bias_ih": [0.5, 0.5, -0.5, -0.5, 0.0, 0.0],
    "bias_hh": [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    "V": [[-2.0, 0.0], [2.0, 0.0], [1.0, 0.5], [-1.0, 0.5], [0.0, 0.0], [0.0, 0.0], [1.5, -2.0]],
    "c": [0.0, 0.0, 0.0, 0.0, -1.0, -0.5, -1.0],
}


def memory_step(params: Any, z: float, action: float, h: Any, z_next: float) -> Step:
    """Compute one step of the tiny memory, and the density of the code that came next.

    Args:
        params: weight_ih (6, 2), weight_hh (6, 2), bias_ih (6), bias_hh (6), V (7, 2), c (7),
            entries from -10 to 10.
        z: the code, -10 to 10.
        action: -1 to 1.
        h: the memory before, (2,).
        z_next: the code whose density is asked for, -10 to 10.

    Raises:
        InputError: with the name of the field.
    """
    mapping("params", params, tuple(SHAPES))
    weights = {k: array(f"params.{k}", params[k], s, LARGEST) for k, s in SHAPES.items()}
    x = np.array([number("z", z, -LARGEST, LARGEST), number("action", action, -1, 1)])
    before = array("h", h, (UNITS,), LARGEST)
    wanted = number("z_next", z_next, -LARGEST, LARGEST)
    now = gru_step(weights, x, before)
    o = weights["V"] @ now["h"] + weights["c"]  # (7,)
    pi = np.exp(o[:2] - o[:2].max())
    pi = pi / pi.sum()
    mu, sigma = o[2:4], np.exp(o[4:6])
    log_normal = -0.5 * ((wanted - mu) / sigma) ** 2 - o[4:6] - 0.5 * math.log(2 * math.pi)
    log_share = np.log(pi) + log_normal  # nats come from logarithms: far off, p itself is 0
    top = log_share.max()
    nats = -(top + math.log(np.exp(log_share - top).sum()))
    gates = {k: now[k] for k in ("a_r", "a_z", "a_n", "gate_r", "gate_z", "gate_n", "h")}
    return {
        **gates,
        **{"x": x, "h_prev": before, "o": o, "pi": pi, "mu": mu, "sigma": sigma},
        **{"normal": np.exp(log_normal), "share": np.exp(log_share)},
        **{"p": math.exp(-nats), "nats": nats, "death": float(sigmoid(o[6]))},
    }  # type: ignore[typeddict-item]

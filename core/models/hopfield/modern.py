"""The modern Hopfield network: continuous states, exponential energy, and attention as one update.

    stored      X (P, N), a pattern a row;  state ξ (N,), real;  β > 0, the inverse temperature
    update      ξ ← Xᵀ softmax(β X ξ)
    energy      E(ξ) = −lse(β, Xξ) + ½ ξᵀξ + β⁻¹ log P + ½ M²
                lse(β, z) = β⁻¹ log Σ_μ exp(β z_μ),   M = max_μ ‖x_μ‖  (√N for ±1 patterns)
    attention   q = ξ, K = V = X:  softmax(β q Kᵀ) V  is the same update

Paper: Ramsauer et al. 2021, "Hopfield Networks is All You Need", arXiv 2008.02217, eqs. 2 to 4.
E ≥ 0 and no update raises it (their theorem 1). We deviate in one thing only: patterns are ±1 rows,
where the paper has real columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.inputs import array, number, spins
from core.models.hopfield.hopfield_traces import Attention, ModernPath

STILL = 1e-9  # a state that moves less than this has settled
BETA = (0.01, 100.0)  # the allowed range of β
MAX_PATTERNS, MAX_UNITS = 64, 256


def softmax(z: np.ndarray) -> np.ndarray:
    """Compute softmax, exp(z) / Σ exp(z), along the last axis; z of any shape, same shape back."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))  # the shift cancels, and exp cannot overflow
    return e / e.sum(axis=-1, keepdims=True)


def attend(X: np.ndarray, xi: np.ndarray, beta: float) -> np.ndarray:
    """Weigh the stored patterns by softmax(β X ξ), (P,), or (B, P) for ξ (B, N)."""
    return softmax(beta * xi @ X.T)


def modern_step(X: np.ndarray, xi: np.ndarray, beta: float) -> np.ndarray:
    """Compute the next state Xᵀ softmax(β X ξ), (N,), or (B, N) for ξ (B, N)."""
    weights = attend(X, xi, beta)  # (P,)
    return weights @ X  # (N,)


def modern_energy(X: np.ndarray, xi: np.ndarray, beta: float) -> float:
    """Compute the energy −lse(β, Xξ) + ½ ξᵀξ + β⁻¹ log P + ½ M² ≥ 0 of one state ξ (N,)."""
    z = beta * X @ xi  # (P,)
    lse = (z.max() + np.log(np.exp(z - z.max()).sum())) / beta
    M2 = (X**2).sum(axis=1).max()
    return float(-lse + xi @ xi / 2 + np.log(len(X)) / beta + M2 / 2)


def settle_modern(X: np.ndarray, xi: np.ndarray, beta: float, max_steps: int) -> ModernPath:
    """Update ξ until it moves less than `STILL`, or for `max_steps` updates.

    Args:
        X: stored patterns (P, N).
        xi: the first state (N,).
        beta: inverse temperature > 0.
        max_steps: most updates.

    Returns:
        The states, what each pays attention to, their energies, and whether the last one settled.
    """
    path, settled = [xi], False
    while not settled and len(path) <= max_steps:
        path.append(modern_step(X, path[-1], beta))
        settled = np.abs(path[-1] - path[-2]).max() < STILL
    return {
        "continuous": np.array(path),
        "weights": np.array([attend(X, xi, beta) for xi in path]),
        "energies": np.array([modern_energy(X, xi, beta) for xi in path]),
        "settled": bool(settled),
    }


def as_attention(patterns: Any, xi: Any, beta: Any = 1.0) -> Attention:
    """Do one modern Hopfield update as attention, part by part.

    Args:
        patterns: P x N of -1 and 1; keys and values at once.
        xi: the state (N,), real numbers; the query.
        beta: inverse temperature, 0.01 to 100; a transformer has β = 1/√N.

    Returns:
        Query, keys, values, scores, weights and output of the attention, and beside them the
        Hopfield update of the same state with the largest difference.

    Raises:
        InputError: naming patterns, xi or beta.

    Source: Ramsauer et al. 2021, section 2, "the update rule is attention".
    """
    X = spins("patterns", patterns, ((1, MAX_PATTERNS), (2, MAX_UNITS)))  # (P, N)
    query = array("xi", xi, (X.shape[1],))  # (N,)
    beta = number("beta", beta, *BETA)
    keys = values = X
    scores = beta * keys @ query  # (P,)
    weights = softmax(scores)  # (P,)
    output = values.T @ weights  # (N,)
    hopfield = modern_step(X, query, beta)  # (N,)
    return {
        "query": query,
        "keys": keys,
        "values": values,
        "scores": scores,
        "weights": weights,
        "output": output,
        "hopfield": hopfield,
        "delta": float(np.abs(output - hopfield).max()),
    }

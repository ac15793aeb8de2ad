"""Patterns and probes that the tests of the Hopfield network share."""

from __future__ import annotations

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from core.models.hopfield import letters

often = settings(max_examples=40, deadline=None, derandomize=True, database=None)
seeds = st.integers(0, 10_000)
ONE_BY_ONE = ("async", "sequential")


def draw(seed: int, P: int | None = None, N: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    P, N = P or int(rng.integers(1, 9)), N or int(rng.integers(2, 33))
    return rng.choice([-1.0, 1.0], (P, N)), rng.choice([-1.0, 1.0], N)


def hadamard(N: int) -> np.ndarray:
    H = np.ones((1, 1))
    while len(H) < N:
        H = np.block([[H, H], [H, -H]])
    return H


def jamo(keys: str, key: str, kind: str, amount, seed: int) -> tuple[np.ndarray, np.ndarray]:
    X = letters.patterns("jamo", 8, 8, keys)
    return X, letters.corrupt(X[keys.index(key)], kind, amount, [8, 8], seed)

"""The traces of core.models.hopfield: every number of a recall, with its shape.

P patterns of N units; K + 1 states from the probe to the end. All numbers are float64.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from typing_extensions import TypedDict

Fixed = Literal["stored", "negative", "spurious"]  # what a fixed point is


class Path(TypedDict):
    """The states on the way from a probe to where nothing moves, of a net with weights."""

    states: list[np.ndarray]  # K + 1 of (N,), the first is the probe
    flips: list[int | None]  # K + 1: the unit that flipped; None at first, or where all moved
    steps: int  # units looked at, or updates where all move at once


class ModernPath(TypedDict):
    """The states of the modern network, real numbers."""

    continuous: np.ndarray  # (K+1, N)
    weights: np.ndarray  # (K+1, P), the attention that state k pays and that makes state k+1
    energies: np.ndarray  # (K+1,), each ≥ 0
    settled: bool  # whether the last move was below modern.STILL


class Options(TypedDict):
    """The options of a recall, checked."""

    rule: str  # one of network.RULES
    update: str  # one of network.UPDATES
    seed: int  # 0 to 2³¹−1
    beta: float  # β, 0.01 to 100
    max_steps: int  # 1 to 1000
    zero_diagonal: bool


class Course(TypedDict):
    """A recall before its end is named."""

    states: np.ndarray  # (K+1, N) int of ±1; modern: the signs of `continuous`
    energies: np.ndarray  # (K+1,)
    flips: list[int | None]  # K + 1
    end: Literal["fixed", "stored", "negative", "spurious", "cycle", "limit"]  # "fixed": unnamed
    steps: int
    W: Any  # (N, N); None for modern
    continuous: Any  # (K+1, N) for modern; None otherwise
    weights: Any  # (K+1, P) for modern; None otherwise


class Recall(Course):
    """A recall with its end and its `Options`, which a type checker does not see if inherited."""

    rule: str
    update: str
    seed: int
    beta: float
    max_steps: int
    zero_diagonal: bool

    match: int | None  # the index of the stored or negated pattern
    mixture: list[list[int]] | None  # [[index, sign], …] of a spurious end that mixes patterns
    overlaps: np.ndarray  # (P,), each in [-1, 1], of the last state


class Attention(TypedDict):
    """One modern update, part by part."""

    query: np.ndarray  # (N,)
    keys: np.ndarray  # (P, N)
    values: np.ndarray  # (P, N)
    scores: np.ndarray  # (P,), β K q
    weights: np.ndarray  # (P,), sum to 1
    output: np.ndarray  # (N,)
    hopfield: np.ndarray  # (N,), Xᵀ softmax(β X ξ)
    delta: float  # the largest |output − hopfield|


class NoiseMap(TypedDict):
    """Where recalls end that start from each of P patterns, under Q shares of noise."""

    flipped: np.ndarray  # (Q,), how many cells are flipped
    rank: np.ndarray  # (tries, N), which place a cell has in the order of flipping
    ends: dict[str, np.ndarray]  # basins.ENDS -> (P, Q), the share of the tries
    first: np.ndarray  # (P, Q, N) of ±1, where the first try ended
    kind: np.ndarray  # (P, Q), which of basins.ENDS that is


class Landscape(TypedDict):
    """The fixed points of a small net, the deepest first."""

    fixed: np.ndarray  # (F, N) of ±1
    energies: np.ndarray  # (F,)
    basins: np.ndarray  # (F,), how many of all states end there
    states: int  # 2^N


class CapacityPoint(TypedDict):
    """How many of P random patterns a net of N units recalls."""

    N: int
    P: int
    load: float  # P / N
    seed: int
    rate: float  # 0 to 1, the share recalled with overlap ≥ 0.97
    exact: float  # 0 to 1, the share with every cell right

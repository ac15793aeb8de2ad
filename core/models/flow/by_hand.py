"""One affine coupling, number by number: numpy float64.

    coupling      kept entries y = x; changed ones y = x e^s + t,  x = (y − t) e^(−s)
                  J is triangular with ones and e^s on its diagonal: log|det J| = Σ s
    of a line     s = s₁ x₁ + s₀ and t = t₁ x₁ + t₀ in the plane, x₁ kept: below the diagonal
                  ∂y₂/∂x₁ = x₂ e^s s₁ + t₁, which the determinant does not see

Papers: Dinh et al. 2015, arXiv 1410.8516 (NICE); 2017, 1605.08803 (RealNVP).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

import numpy as np
from typing_extensions import NotRequired

from core.inputs import InputError, array, number
from core.models.rounding import checked_rounder

MOST = 8  # entries of an x that is read by hand
LARGEST = 100.0  # magnitude of an entry of x or t
STEEPEST = 5.0  # magnitude of s


class Step(TypedDict):
    """The way forward of a coupling of n numbers, k of them changed."""

    exp_s: np.ndarray  # (k,), e^s
    scaled: np.ndarray  # (k,), x e^s
    y: np.ndarray  # (n,)
    log_det: float  # Σ s, in nats
    jacobian: np.ndarray  # (n, n), ∂y/∂x
    det: float  # of the Jacobian


class CouplingTrace(Step):
    """A coupling of n numbers, k of them changed, and its way back."""

    x: np.ndarray  # (n,)
    mask: np.ndarray  # (n,), 1 for a kept entry, 0 for a changed one
    kept: np.ndarray  # (n − k,), indices
    changed: np.ndarray  # (k,), indices
    s: np.ndarray  # (k,)
    t: np.ndarray  # (k,)
    exp_minus_s: np.ndarray  # (k,), e^(−s)
    shifted: np.ndarray  # (k,), y − t of the changed
    x_back: np.ndarray  # (n,)
    round_trip: float  # the largest |x − x_back|
    below: NotRequired[float]  # ∂y₂/∂x₁, where s and t are lines of x₁


def coupling(
    x: Any, s: Any, t: Any, mask: Any = None, decimals: int | None = None
) -> CouplingTrace:
    """Compute one affine coupling with its way back, every number on the way.

    Args:
        x: 2 to 8 numbers from −100 to 100.
        s: a number from −5 to 5 for all changed entries, or one for each of them.
        t: likewise, from −100 to 100.
        mask: 1 for an entry that is kept, 0 for one that is changed; the first half is kept where
            it is not given.
        decimals: round every result to so many places, 0 to 12, as by hand; None: not at all.

    Raises:
        InputError: an input that is not that.
    """
    r = checked_rounder(decimals, 0, 12)
    x = array("x", x, ((2, MOST),), LARGEST)
    mask = _mask(mask, len(x))
    kept, changed = np.flatnonzero(mask == 1), np.flatnonzero(mask == 0)
    s, t = (_each(n, v, len(changed), m) for n, v, m in (("s", s, STEEPEST), ("t", t, LARGEST)))
    way = _forward(x, s, t, changed, r)
    exp_minus_s, shifted = r(np.exp(-s)), r(way["y"][changed] - t)
    back = way["y"].copy()
    back[changed] = r(shifted * exp_minus_s)
    return {
        **way,
        "x": x,
        "mask": mask,
        "kept": kept,
        "changed": changed,
        "s": s,
        "t": t,
        "exp_minus_s": exp_minus_s,
        "shifted": shifted,
        "x_back": back,
        "round_trip": float(np.abs(x - back).max()),
    }


def _forward(
    x: np.ndarray, s: np.ndarray, t: np.ndarray, changed: np.ndarray, r: Callable[[Any], Any]
) -> Step:
    exp_s = r(np.exp(s))
    scaled = r(x[changed] * exp_s)
    y, diagonal = x.copy(), np.ones(len(x))
    y[changed], diagonal[changed] = r(scaled + t), exp_s
    return {
        "exp_s": exp_s,
        "scaled": scaled,
        "y": y,
        "log_det": float(r(s.sum())),
        "jacobian": np.diag(diagonal),
        "det": float(r(np.prod(exp_s))),
    }


def coupling_of_line(
    x: Any, s_line: Any, t_line: Any, decimals: int | None = None
) -> CouplingTrace:
    """Compute a coupling in the plane whose s and t are straight lines of x₁.

    Args:
        x: [x₁, x₂], from −100 to 100; x₁ is kept.
        s_line: [slope, constant] of s, from −5 to 5.
        t_line: [slope, constant] of t, from −100 to 100.
        decimals: as in `coupling`.

    Returns:
        what `coupling` returns, with the full Jacobian (2, 2), and `below`.

    Raises:
        InputError: an input that is not that; s too, where it comes out beyond ±5.
    """
    x = array("x", x, (2,), LARGEST)
    s1, s0 = array("s_line", s_line, (2,), STEEPEST)
    t1, t0 = array("t_line", t_line, (2,), LARGEST)
    r = checked_rounder(decimals, 0, 12)
    s, t = float(r(s1 * x[0] + s0)), float(r(t1 * x[0] + t0))
    trace = coupling(x, s, t, decimals=decimals)
    below = float(r(trace["scaled"][0] * s1 + t1))
    trace["jacobian"][1, 0] = below
    return {**trace, "below": below}


def image(points: np.ndarray, s_line: Any, t_line: Any) -> tuple[np.ndarray, np.ndarray]:
    """Carry points (n, 2) through a coupling whose s and t are straight lines of x₁.

    Args:
        points: (n, 2); the first coordinate is kept.
        s_line: [slope, constant] of s.
        t_line: [slope, constant] of t.

    Returns:
        their images (n, 2), and log|det ∂y/∂x| = s at each, (n,).
    """
    x1, x2 = points.T
    s, t = s_line[0] * x1 + s_line[1], t_line[0] * x1 + t_line[1]
    return np.stack([x1, x2 * np.exp(s) + t], 1), s


def _mask(mask: Any, n: int) -> np.ndarray:
    """Return 1 for kept and 0 for changed entries; at least one of each."""
    if mask is None:
        return (np.arange(n) < (n + 1) // 2).astype(int)
    found = array("mask", mask, (n,), 1)
    if not np.isin(found, (0, 1)).all() or not 0 < found.sum() < n:
        allowed = "0 and 1, each at least once"
        raise InputError("choice", field="mask", got=found.tolist(), allowed=allowed)
    return found.astype(int)


def _each(field: str, value: Any, n: int, bound: float) -> np.ndarray:
    """Return n numbers, from one number or from n."""
    if isinstance(value, (list, tuple, np.ndarray)):
        return array(field, value, (n,), bound)
    return np.full(n, number(field, value, -bound, bound))

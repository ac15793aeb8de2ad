"""A change of variables on the line and one affine coupling, number by number: numpy float64.

    on the line   y = f(x), f rising:  p_y(f(x)) = p_x(x) / f'(x),   x ~ N(0, 1)
                  an interval [l, r] goes to [f(l), f(r)]; the area above it stays
      "affine"    f(x) = a + b x                            b > 0
      "softplus"  f(x) = log(1 + e^(a x)) / a               a > 0, onto (0, ∞)
      "sinh-arcsinh"  f(x) = sinh(b arcsinh x + a)          b > 0: tails, a: skew  (Jones & Pewsey
                      2009; their map goes the other way)
      "cubic"     f(x) = a x + b x³                         a > 0, b ≥ 0
    coupling      kept entries y = x; changed ones y = x e^s + t,  x = (y − t) e^(−s)
                  J is triangular with ones and e^s on its diagonal: log|det J| = Σ s
    of a line     s = s₁ x₁ + s₀ and t = t₁ x₁ + t₀ in the plane, x₁ kept: below the diagonal
                  ∂y₂/∂x₁ = x₂ e^s s₁ + t₁, which the determinant does not see

Papers: Dinh et al. 2015, arXiv 1410.8516 (NICE); 2017, 1605.08803 (RealNVP).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from core.inputs import InputError, array, choice, integer, number
from core.models.rnn.cells import exact, rounder

FAMILIES = ("affine", "softplus", "sinh-arcsinh", "cubic")
MOST = 8  # entries of an x that is read by hand
LARGEST = 100.0  # magnitude of an entry of x or t
STEEPEST = 5.0  # magnitude of s
REACH = 4.0  # how far the curve is drawn
LIMITS: dict[str, dict[str, tuple[float, float]]] = {
    "affine": {"a": (-5, 5), "b": (0.05, 5)},
    "softplus": {"a": (0.1, 5), "b": (0, 0)},
    "sinh-arcsinh": {"a": (-2, 2), "b": (0.2, 3)},
    "cubic": {"a": (0.05, 5), "b": (0, 5)},
}

Map = Callable[[Any], Any]


# ---- on the line


def family(name: str, a: float, b: float) -> tuple[Map, Map, Map]:
    """Return f, its slope f' and its inverse, each for arrays of any shape.

    Raises:
        InputError: another name, or a or b is out of the family's range.
    """
    choice("family", name, FAMILIES)
    a, b = (number(k, v, *LIMITS[name][k]) for k, v in (("a", a), ("b", b)))
    if name == "affine":
        return lambda x: a + b * x, lambda x: b + 0 * x, lambda y: (y - a) / b
    if name == "softplus":
        return (
            lambda x: np.logaddexp(0, a * x) / a,
            lambda x: 1 / (1 + np.exp(-a * x)),
            lambda y: y + np.log(-np.expm1(-a * y)) / a,
        )
    if name == "sinh-arcsinh":
        return (
            lambda x: np.sinh(b * np.arcsinh(x) + a),
            lambda x: b * np.cosh(b * np.arcsinh(x) + a) / np.sqrt(1 + x**2),
            lambda y: np.sinh((np.arcsinh(y) - a) / b),
        )
    return lambda x: a * x + b * x**3, lambda x: a + 3 * b * x**2, lambda y: _root(a, b, y)


def _root(a: float, b: float, y: Any) -> Any:
    """Return the one real x with a x + b x³ = y, by its hyperbolic formula."""
    if b == 0:
        return y / a
    stretch = np.sqrt(a / (3 * b))
    x = 2 * stretch * np.sinh(np.arcsinh(1.5 * y / (a * stretch)) / 3)
    return x - (a * x + b * x**3 - y) / (a + 3 * b * x**2)  # Newton: for a tiny b it lost digits


def change(
    family_name: str = "sinh-arcsinh",
    a: float = 0.5,
    b: float = 1.0,
    at: float = 0.5,
    low: float = -0.5,
    high: float = 0.5,
    points: int = 161,
) -> dict[str, Any]:
    """Carry a standard normal x, one point of it and one interval through y = f(x).

    Args:
        family_name: one of FAMILIES.
        a: parameter of the family, in `LIMITS`.
        b: the other; the softplus has none, 0.
        at: the point x, −4 to 4.
        low: the interval's left end, −4 to 4.
        high: its right end, above `low`.
        points: of the curve from −4 to 4, 9 to 1001.

    Returns:
        curve: xs, ys = f(xs), slope, p_x, p_y = p_x / slope, lists of `points`;
        point: x, y, x_back = f⁻¹(y), slope, log_slope, p_x, p_y and log_p_x, log_p_y in nats;
        interval: x and y, [left, right], widths, stretch = the ratio of widths, mass_x from the
        normal distribution function, mass_y the integral of p_y over the image.

    Raises:
        InputError: an input that is out of its range.
    """
    f, slope, back = family(family_name, a, b)
    x = number("at", at, -REACH, REACH)
    ends = np.array([number("low", low, -REACH, REACH), number("high", high, -REACH, REACH)])
    if ends[0] >= ends[1]:
        raise InputError("number", field="high", got=ends[1], low=ends[0], high=REACH)
    xs = np.linspace(-REACH, REACH, integer("points", points, 9, 1001))
    steep, images = float(slope(x)), f(ends)
    log_p = float(_log_normal(x))
    return {
        "curve": {
            "xs": xs,
            "ys": f(xs),
            "slope": slope(xs),
            "p_x": np.exp(_log_normal(xs)),
            "p_y": np.exp(_log_normal(xs)) / slope(xs),
        },
        "point": {
            "x": x,
            "y": float(f(x)),
            "x_back": float(back(f(x))),
            "slope": steep,
            "log_slope": math.log(steep),
            "p_x": math.exp(log_p),
            "p_y": math.exp(log_p) / steep,
            "log_p_x": log_p,
            "log_p_y": log_p - math.log(steep),
        },
        "interval": {
            "x": ends,
            "y": images,
            "widths": [float(ends[1] - ends[0]), float(images[1] - images[0])],
            "stretch": float((images[1] - images[0]) / (ends[1] - ends[0])),
            "mass_x": float(_Phi(ends[1]) - _Phi(ends[0])),
            "mass_y": _integral(slope, back, images),
        },
    }


def _integral(slope: Map, back: Map, ends: np.ndarray, nodes: int = 200) -> float:
    """Return the integral of p_y over [ends], by Gauss-Legendre in y."""
    at, share = np.polynomial.legendre.leggauss(nodes)
    half = (ends[1] - ends[0]) / 2
    x = back(ends[0] + half * (at + 1))
    return float(half * (share * np.exp(_log_normal(x)) / slope(x)).sum())


def _log_normal(x: Any) -> Any:
    return -0.5 * (x**2 + math.log(2 * math.pi))


def _Phi(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))


# ---- a coupling


def coupling(
    x: Any, s: Any, t: Any, mask: Any = None, decimals: int | None = None
) -> dict[str, Any]:
    """Compute one affine coupling with its way back, every number on the way.

    Args:
        x: 2 to 8 numbers from −100 to 100.
        s: a number from −5 to 5 for all changed entries, or one for each of them.
        t: likewise, from −100 to 100.
        mask: 1 for an entry that is kept, 0 for one that is changed; the first half is kept where
            it is not given.
        decimals: round every result to so many places, 0 to 12, as by hand; None: not at all.

    Returns:
        x, mask, kept and changed (indices); s, t (changed,); exp_s = e^s, scaled = x e^s; y,
        log_det in nats; jacobian, the diagonal matrix for s and t as given; det; exp_minus_s,
        shifted = y − t, x_back and round_trip, the largest |x − x_back|. Arrays float64.

    Raises:
        InputError: an input that is not that.
    """
    r = rounder(None if decimals is None else integer("decimals", decimals, 0, 12))
    x = array("x", x, ((2, MOST),), LARGEST)
    mask = _mask(mask, len(x))
    kept, changed = np.flatnonzero(mask == 1), np.flatnonzero(mask == 0)
    s, t = (_each(n, v, len(changed), m) for n, v, m in (("s", s, STEEPEST), ("t", t, LARGEST)))
    now = _forward(x, s, t, changed, r)
    exp_minus_s, shifted = r(np.exp(-s)), r(now["y"][changed] - t)
    back = now["y"].copy()
    back[changed] = r(shifted * exp_minus_s)
    return {
        **{"x": x, "mask": mask, "kept": kept, "changed": changed, "s": s, "t": t},
        **now,
        **{"exp_minus_s": exp_minus_s, "shifted": shifted, "x_back": back},
        "round_trip": float(np.abs(x - back).max()),
    }


def _forward(x: np.ndarray, s: np.ndarray, t: np.ndarray, changed: np.ndarray, r: Any) -> dict:
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


def coupling_of_line(x: Any, s_line: Any, t_line: Any, decimals: int | None = None) -> dict:
    """Compute a coupling in the plane whose s and t are straight lines of x₁.

    Args:
        x: [x₁, x₂], from −100 to 100; x₁ is kept.
        s_line: [slope, constant] of s, from −5 to 5.
        t_line: [slope, constant] of t, from −100 to 100.
        decimals: as in `coupling`.

    Returns:
        what `coupling` returns, with the full jacobian (2, 2), and below, ∂y₂/∂x₁.

    Raises:
        InputError: an input that is not that; s too, where it comes out beyond ±5.
    """
    x = array("x", x, (2,), LARGEST)
    s1, s0 = array("s_line", s_line, (2,), STEEPEST)
    t1, t0 = array("t_line", t_line, (2,), LARGEST)
    r = rounder(decimals) if decimals is not None else exact
    s, t = float(r(s1 * x[0] + s0)), float(r(t1 * x[0] + t0))
    made = coupling(x, s, t, decimals=decimals)
    below = float(r(made["scaled"][0] * s1 + t1))
    made["jacobian"][1, 0] = below
    return {**made, "below": below}


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

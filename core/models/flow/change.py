"""A change of variables on the line, number by number: numpy float64.

y = f(x), f rising:  p_y(f(x)) = p_x(x) / f'(x),   x ~ N(0, 1)
an interval [l, r] goes to [f(l), f(r)]; the area above it stays

"affine"        f(x) = a + b x                        b > 0
"softplus"      f(x) = log(1 + e^(a x)) / a           a > 0, onto (0, ∞)
"sinh-arcsinh"  f(x) = sinh(b arcsinh x + a)          b > 0: tails, a: skew  (Jones & Pewsey
                2009; their map goes the other way)
"cubic"         f(x) = a x + b x³                     a > 0, b ≥ 0
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypedDict

import numpy as np

from core.inputs import InputError, choice, integer, number

FAMILIES = ("affine", "softplus", "sinh-arcsinh", "cubic")
REACH = 4.0  # how far the curve is drawn
LIMITS: dict[str, dict[str, tuple[float, float]]] = {
    "affine": {"a": (-5, 5), "b": (0.05, 5)},
    "softplus": {"a": (0.1, 5), "b": (0, 0)},
    "sinh-arcsinh": {"a": (-2, 2), "b": (0.2, 3)},
    "cubic": {"a": (0.05, 5), "b": (0, 5)},
}

Map = Callable[[Any], Any]


class Curve(TypedDict):
    """The map and both densities on a grid of n points."""

    xs: np.ndarray  # (n,)
    ys: np.ndarray  # (n,), f(xs)
    slope: np.ndarray  # (n,), f'(xs)
    p_x: np.ndarray  # (n,)
    p_y: np.ndarray  # (n,), p_x / slope


class Point(TypedDict):
    """One point and its image."""

    x: float
    y: float  # f(x)
    x_back: float  # f⁻¹(y)
    slope: float  # f'(x)
    log_slope: float
    p_x: float
    p_y: float
    log_p_x: float  # in nats
    log_p_y: float  # in nats


class Interval(TypedDict):
    """One interval and its image."""

    x: np.ndarray  # (2,), left and right
    y: np.ndarray  # (2,)
    widths: list[float]  # of both
    stretch: float  # the image's width over the interval's
    mass_x: float  # probability of the interval, from the normal distribution function
    mass_y: float  # of its image, p_y integrated over it in y


class ChangeTrace(TypedDict):
    """A standard normal x, one point of it and one interval, carried through y = f(x)."""

    curve: Curve
    point: Point
    interval: Interval


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
) -> ChangeTrace:
    """Carry a standard normal x, one point of it and one interval through y = f(x).

    Args:
        family_name: one of FAMILIES.
        a: parameter of the family, in `LIMITS`.
        b: the other; the softplus has none, 0.
        at: the point x, −4 to 4.
        low: the interval's left end, −4 to 4.
        high: its right end, above `low`.
        points: of the curve from −4 to 4, 9 to 1001.

    Raises:
        InputError: an input that is out of its range.
    """
    f, slope, back = family(family_name, a, b)
    x = number("at", at, -REACH, REACH)
    ends = np.array([number("low", low, -REACH, REACH), number("high", high, -REACH, REACH)])
    if ends[0] >= ends[1]:
        raise InputError("number", field="high", got=ends[1], low=ends[0], high=REACH)
    xs = np.linspace(-REACH, REACH, integer("points", points, 9, 1001))
    p_x, steep = np.exp(_log_normal(xs)), slope(xs)
    return {
        "curve": {"xs": xs, "ys": f(xs), "slope": steep, "p_x": p_x, "p_y": p_x / steep},
        "point": _point(x, float(f(x)), float(slope(x)), float(back(f(x)))),
        "interval": _interval(ends, f(ends), _integral(f, slope, back, ends)),
    }


def _point(x: float, y: float, slope: float, x_back: float) -> Point:
    log_p, log_slope = float(_log_normal(x)), math.log(slope)
    return {
        "x": x,
        "y": y,
        "x_back": x_back,
        "slope": slope,
        "log_slope": log_slope,
        "p_x": math.exp(log_p),
        "p_y": math.exp(log_p) / slope,
        "log_p_x": log_p,
        "log_p_y": log_p - log_slope,
    }


def _interval(ends: np.ndarray, images: np.ndarray, mass_y: float) -> Interval:
    (width,), (image,) = np.diff(ends), np.diff(images)
    return {
        "x": ends,
        "y": images,
        "widths": [float(width), float(image)],
        "stretch": float(image / width),
        "mass_x": _Phi(ends[1]) - _Phi(ends[0]),
        "mass_y": mass_y,
    }


def _integral(
    f: Map, slope: Map, back: Map, ends: np.ndarray, panels: int = 64, nodes: int = 16
) -> float:
    """Return the integral of p_y over [f(l), f(r)], by Gauss-Legendre in y on each of the panels.

    Where f is nearly level p_y is a spike: the panels are images of equal pieces of [l, r], so
    that they are as narrow there as it is.
    """
    at, share = np.polynomial.legendre.leggauss(nodes)
    edges = f(np.linspace(ends[0], ends[1], panels + 1))  # (panels + 1,), in y
    half = np.diff(edges)[:, None] / 2  # (panels, 1)
    y = edges[:-1, None] + half * (at + 1)  # (panels, nodes)
    x = back(y)
    return float((half * share * np.exp(_log_normal(x)) / slope(x)).sum())


def _log_normal(x: Any) -> Any:
    return -0.5 * (x**2 + math.log(2 * math.pi))


def _Phi(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))

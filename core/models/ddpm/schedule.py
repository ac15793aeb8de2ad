"""The schedules of a diffusion: how much signal is left at step t, all coefficients in float64.

    forward     q(x_t | x_(t−1)) = N(√α_t x_(t−1), β_t I),   α_t = 1 − β_t,   t = 1 … T
    in one go   q(x_t | x_0) = N(√ᾱ_t x_0, (1 − ᾱ_t) I),     ᾱ_t = Π_(s ≤ t) α_s,   ᾱ_0 = 1
    signal      SNR_t = ᾱ_t / (1 − ᾱ_t)
    posterior   q(x_s | x_t, x_0) = N(a x_0 + b x_t, β̃ I) for any s < t, with α = ᾱ_t / ᾱ_s:
                a = √ᾱ_s (1 − α) / (1 − ᾱ_t),  b = √α (1 − ᾱ_s) / (1 − ᾱ_t),
                β̃ = (1 − α)(1 − ᾱ_s) / (1 − ᾱ_t)
    linear      β from 1e-4 to 0.02 in equal steps, times 1000 / T             (Ho et al. 2020)
    cosine      ᾱ(u) = f(u) / f(0),  f(u) = cos²(π/2 · (u + 0.008) / 1.008)    (Nichol & Dhariwal)
    bent        ᾱ through points (u, ᾱ) that are given, by monotone cubics   (Fritsch & Butland)

Every β_t is at most 0.999, so ᾱ_T is small and not 0. Index t here is the papers' 1 … T, and entry
0 of every array is the clean image; diffusers counts from 0 where we count from 1.

Papers: Ho et al. 2020, arXiv 2006.11239; Nichol & Dhariwal 2021, 2102.09672.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from typing_extensions import TypedDict

from core.inputs import InputError, array, choice, integer, mapping

KINDS = ("linear", "cosine", "bent")
STEPS = 1000  # T where nothing else is said
MOST_STEPS = 4000
MOST_POINTS = 8
CAP = 0.999  # largest β
LEAST = 1e-4  # ᾱ at the end of a bent schedule


class Step(TypedDict):
    """The coefficients of one step t."""

    beta: float  # β_t
    alpha: float  # 1 − β_t
    alpha_bar: float  # ᾱ_t
    signal: float  # √ᾱ_t
    sigma: float  # √(1 − ᾱ_t)
    snr: float  # ᾱ_t / (1 − ᾱ_t), infinite at t = 0


class Posterior(TypedDict):
    """The coefficients of q(x_s | x_t, x_0) = N(a x_0 + b x_t, β̃ I)."""

    x0: float  # a
    x_t: float  # b
    variance: float  # β̃


class Curves(TypedDict):
    """A schedule at some t, lists of equal length."""

    t: list[int]
    beta: list[float]
    alpha_bar: list[float]
    signal: list[float]  # √ᾱ_t
    sigma: list[float]  # √(1 − ᾱ_t)
    log_snr: list[float]  # nats


@dataclass(frozen=True)
class Schedule:
    """A noise schedule; equal ones compare as equal.

    Attributes:
        kind: one of `KINDS`.
        steps: T, 2 to 4000.
        points: of "bent": up to 8 pairs (u, ᾱ), 0 < u < 1 rising, 1e-4 < ᾱ < 1 falling; (0, 1) and
            (1, 1e-4) are added. Elsewhere without meaning, and dropped.

    Raises:
        InputError: with the name of the field.
    """

    kind: str = "cosine"
    steps: int = STEPS
    points: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        choice("schedule", self.kind, KINDS)
        object.__setattr__(self, "steps", integer("steps", self.steps, 2, MOST_STEPS))
        points = _bends(self.points) if self.kind == "bent" else ()
        object.__setattr__(self, "points", points)

    @cached_property
    def beta(self) -> Tensor:
        """β_t, (T + 1,), entry 0 is 0."""
        T = self.steps
        if self.kind == "linear":
            scale = STEPS / T
            beta = torch.linspace(1e-4 * scale, 0.02 * scale, T, dtype=torch.float64)
        else:
            wanted = self._uncapped(torch.arange(T + 1, dtype=torch.float64) / T)
            beta = 1 - wanted[1:] / wanted[:-1]
        return torch.cat([beta.new_zeros(1), beta.clamp(max=CAP)])

    @cached_property
    def alpha_bar(self) -> Tensor:
        """ᾱ_t, (T + 1,), entry 0 is 1."""
        return (1 - self.beta).cumprod(0)

    @cached_property
    def snr(self) -> Tensor:
        """ᾱ_t / (1 − ᾱ_t), (T + 1,), entry 0 is infinite."""
        return self.alpha_bar / (1 - self.alpha_bar)

    def at(self, t: int) -> Step:
        """Return the coefficients of step t, 0 to T.

        Raises:
            InputError: t is not that.
        """
        t = integer("t", t, 0, self.steps)
        beta, alpha_bar = self.beta[t].item(), self.alpha_bar[t].item()
        return {
            "beta": beta,
            "alpha": 1 - beta,
            "alpha_bar": alpha_bar,
            "signal": math.sqrt(alpha_bar),
            "sigma": math.sqrt(1 - alpha_bar),
            "snr": self.snr[t].item(),
        }

    def _uncapped(self, u: Tensor) -> Tensor:
        """Return ᾱ as it is before β is capped, at u = t / T."""
        if self.kind == "cosine":
            return torch.cos((u + 0.008) / 1.008 * math.pi / 2) ** 2
        return monotone_cubic([(0.0, 1.0), *self.points, (1.0, LEAST)], u)


def schedule(value: Any, steps: int = STEPS) -> Schedule:
    """Return the schedule that an argument names.

    Args:
        value: a Schedule, one of "linear" and "cosine", or {"kind": …, "points": [[u, ᾱ], …]}.
        steps: T.

    Raises:
        InputError: the value names none.
    """
    if isinstance(value, Schedule):
        return value
    if isinstance(value, Mapping):
        given = mapping("schedule", dict(value), ("kind",), ("points",))
        points = given.get("points")
        return Schedule(given["kind"], steps, () if points is None else points)
    return Schedule(value, steps)


def posterior(alpha_bar_t: Tensor | float, alpha_bar_s: Tensor | float) -> Posterior:
    """Return the coefficients of q(x_s | x_t, x_0), ᾱ_t < ᾱ_s.

    Args:
        alpha_bar_t: ᾱ_t.
        alpha_bar_s: ᾱ_s; 1 for the clean image, where a = 1, b = 0 and β̃ = 0.
    """
    alpha_bar_t, alpha_bar_s = float(alpha_bar_t), float(alpha_bar_s)
    alpha, noise = alpha_bar_t / alpha_bar_s, 1 - alpha_bar_t
    return {
        "x0": math.sqrt(alpha_bar_s) * (1 - alpha) / noise,
        "x_t": math.sqrt(alpha) * (1 - alpha_bar_s) / noise,
        "variance": (1 - alpha) * (1 - alpha_bar_s) / noise,
    }


def respace(first: int, steps: int) -> list[int]:
    """Return the times that a sampler visits, from `first` down to 0: steps + 1 whole numbers.

    Equally far apart but for rounding; where `steps` exceeds `first` each time is visited once.

    Raises:
        InputError: `first` or `steps` is not from 1 to 4000.
    """
    first = integer("t_start", first, 1, MOST_STEPS)
    steps = min(integer("steps", steps, 1, MOST_STEPS), first)
    return [(2 * first * i + steps) // (2 * steps) for i in range(steps, -1, -1)]


def monotone_cubic(points: Sequence[tuple[float, float]], u: Tensor) -> Tensor:
    """Interpolate points (x, y), x rising, by a monotone cubic at places u (N,) between them.

    Slopes: the weighted harmonic mean of both sides' inside; at the ends the parabola's, no more
    than three times the side's and never of the other sign (Fritsch & Butland 1984).
    """
    x, y = torch.tensor(points, dtype=torch.float64).T
    h = x.diff()
    side = y.diff() / h  # (n − 1,)
    before, after = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    inside = (before + after) / (before / side[:-1] + after / side[1:])
    inside = torch.where(side[:-1] * side[1:] > 0, inside, 0.0)

    def end(a: Tensor, b: Tensor, near: Tensor, far: Tensor) -> Tensor:
        slope = ((2 * a + b) * near - a * far) / (a + b)
        slope = torch.where(slope * near > 0, slope, 0.0)
        return torch.where((near * far < 0) & (slope.abs() > 3 * near.abs()), 3 * near, slope)

    ends = end(h[0], h[1], side[0], side[1]), end(h[-1], h[-2], side[-1], side[-2])
    slope = torch.stack([ends[0], *inside, ends[1]])
    k = (torch.searchsorted(x.contiguous(), u, right=True) - 1).clamp(0, len(h) - 1)
    s = (u - x[k]) / h[k]
    start = (1 + 2 * s) * (1 - s) ** 2 * y[k] + s * (1 - s) ** 2 * h[k] * slope[k]
    return start + s**2 * (3 - 2 * s) * y[k + 1] + s**2 * (s - 1) * h[k] * slope[k + 1]


def curves(one: Schedule, most: int = 200) -> Curves:
    """Return a schedule as curves over t.

    Args:
        one: the schedule.
        most: about how many points, 2 to 4000; t = 1 and t = T are among them.

    Raises:
        InputError: most is not that.
    """
    count = min(integer("most", most, 2, MOST_STEPS), one.steps)
    t = torch.linspace(1, one.steps, count).round().long()
    alpha_bar = one.alpha_bar[t]
    return {
        "t": t.tolist(),
        "beta": one.beta[t].tolist(),
        "alpha_bar": alpha_bar.tolist(),
        "signal": alpha_bar.sqrt().tolist(),
        "sigma": (1 - alpha_bar).sqrt().tolist(),
        "log_snr": one.snr[t].log().tolist(),
    }


def _bends(points: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    """Check the points of a bent schedule: u rises, ᾱ falls."""
    found = array("schedule.points", points, ((1, MOST_POINTS), 2), 1.0).tolist()
    whole = [[0.0, 1.0], *found, [1.0, LEAST]]
    for i, ((u, alpha_bar), (next_u, next_alpha_bar)) in enumerate(zip(whole, whole[1:])):
        if not (u < next_u and alpha_bar > next_alpha_bar):
            got = f"({u:g}, {alpha_bar:g}), ({next_u:g}, {next_alpha_bar:g})"
            allowed = f"0 < u < 1 rising, 1 > ᾱ > {LEAST:g} falling"
            raise InputError("shape", field=f"schedule.points[{i}]", got=got, allowed=allowed)
    return tuple((u, alpha_bar) for u, alpha_bar in found)

"""How much signal is left at step t: the schedules of a diffusion, all coefficients in float64.

    forward     q(x_t | x_(t−1)) = N(√α_t x_(t−1), β_t I),   α_t = 1 − β_t,   t = 1 … T
    in one go   q(x_t | x_0) = N(√ᾱ_t x_0, (1 − ᾱ_t) I),     ᾱ_t = Π_(s ≤ t) α_s,   ᾱ_0 = 1
    signal      SNR_t = ᾱ_t / (1 − ᾱ_t)
    posterior   q(x_s | x_t, x_0) = N(a x_0 + b x_t, β̃ I) for any s < t, with α = ᾱ_t / ᾱ_s:
                a = √ᾱ_s (1 − α) / (1 − ᾱ_t),  b = √α (1 − ᾱ_s) / (1 − ᾱ_t),
                β̃ = (1 − α)(1 − ᾱ_s) / (1 − ᾱ_t)
    linear      β from 1e-4 to 0.02 in equal steps, times 1000 / T             (Ho et al. 2020)
    cosine      ᾱ(u) = f(u) / f(0),  f(u) = cos²(π/2 · (u + 0.008) / 1.008)    (Nichol & Dhariwal)
    bent        ᾱ through points (u, ᾱ) of a visitor's, by monotone cubics   (Fritsch & Butland)

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

from core.inputs import InputError, array, choice, integer, mapping

KINDS = ("linear", "cosine", "bent")
STEPS = 1000  # T where nothing else is said
MOST_STEPS = 4000
MOST_POINTS = 8
CAP = 0.999  # largest β
LEAST = 1e-4  # ᾱ at the end of a bent schedule


@dataclass(frozen=True)
class Schedule:
    """A schedule; equal ones are equal objects.

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
            wanted = self._wanted(torch.arange(T + 1, dtype=torch.float64) / T)
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

    def at(self, t: int) -> dict[str, float]:
        """Return beta, alpha, alpha_bar, signal √ᾱ_t, sigma √(1 − ᾱ_t) and snr of step t, 0 to T.

        At t = 0 snr is infinite.
        """
        t = integer("t", t, 0, self.steps)
        beta, kept = self.beta[t].item(), self.alpha_bar[t].item()
        signal, sigma = math.sqrt(kept), math.sqrt(1 - kept)
        ratio = self.snr[t].item()
        names = ("beta", "alpha", "alpha_bar", "signal", "sigma", "snr")
        return dict(zip(names, (beta, 1 - beta, kept, signal, sigma, ratio)))

    def _wanted(self, u: Tensor) -> Tensor:
        """Return ᾱ as it is before β is capped, at u = t / T."""
        if self.kind == "cosine":
            return torch.cos((u + 0.008) / 1.008 * math.pi / 2) ** 2
        return monotone([(0.0, 1.0), *self.points, (1.0, LEAST)], u)


def schedule(value: Any, steps: int = STEPS) -> Schedule:
    """Return the schedule that a page or a client names.

    Args:
        value: a Schedule, one of "linear" and "cosine", or {"kind": …, "points": [[u, ᾱ], …]}.
        steps: T.

    Raises:
        InputError: it is none.
    """
    if isinstance(value, Schedule):
        return value
    if isinstance(value, Mapping):
        given = mapping("schedule", dict(value), ("kind",), ("points",))
        points = given.get("points")
        return Schedule(given["kind"], steps, () if points is None else points)
    return Schedule(value, steps)


def posterior(kept_t: Tensor | float, kept_s: Tensor | float) -> dict[str, float]:
    """Return a ("x0"), b ("x_t") and β̃ ("variance") of q(x_s | x_t, x_0), ᾱ_t < ᾱ_s.

    Args:
        kept_t: ᾱ_t.
        kept_s: ᾱ_s; 1 for the clean image, where a = 1, b = 0 and β̃ = 0.
    """
    kept_t, kept_s = float(kept_t), float(kept_s)
    alpha, noise = kept_t / kept_s, 1 - kept_t
    return {
        "x0": math.sqrt(kept_s) * (1 - alpha) / noise,
        "x_t": math.sqrt(alpha) * (1 - kept_s) / noise,
        "variance": (1 - alpha) * (1 - kept_s) / noise,
    }


def respaced(first: int, steps: int) -> list[int]:
    """Return the times that a sampler visits, from `first` down to 0: steps + 1 whole numbers.

    Equally far apart but for rounding; where `steps` exceeds `first` each time is visited once.
    """
    first = integer("t_start", first, 1, MOST_STEPS)
    steps = min(integer("steps", steps, 1, MOST_STEPS), first)
    return [(2 * first * i + steps) // (2 * steps) for i in range(steps, -1, -1)]


def monotone(points: Sequence[tuple[float, float]], u: Tensor) -> Tensor:
    """Return the monotone cubic through points (x, y), x rising, at places u between them.

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


def curves(one: Schedule, most: int = 200) -> dict[str, list[float]]:
    """Return a schedule as curves: t, beta, alpha_bar, signal, sigma and log_snr (nats), lists.

    Args:
        one: the schedule.
        most: about how many points, 2 to 4000; t = 1 and t = T are among them.
    """
    count = min(integer("most", most, 2, MOST_STEPS), one.steps)
    t = torch.linspace(1, one.steps, count).round().long()
    kept = one.alpha_bar[t]
    found = {"t": t, "beta": one.beta[t], "alpha_bar": kept, "signal": kept.sqrt()}
    found |= {"sigma": (1 - kept).sqrt(), "log_snr": one.snr[t].log()}
    return {name: values.tolist() for name, values in found.items()}


def _bends(points: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    """Return a visitor's points, checked: u rises, ᾱ falls."""
    found = array("schedule.points", points, ((1, MOST_POINTS), 2), 1.0).tolist()
    whole = [[0.0, 1.0], *found, [1.0, LEAST]]
    for i, ((u, kept), (next_u, next_kept)) in enumerate(zip(whole, whole[1:])):
        if not (u < next_u and kept > next_kept):
            got = f"({u:g}, {kept:g}), ({next_u:g}, {next_kept:g})"
            allowed = f"0 < u < 1 rising, 1 > ᾱ > {LEAST:g} falling"
            raise InputError("shape", field=f"schedule.points[{i}]", got=got, allowed=allowed)
    return tuple((u, kept) for u, kept in found)

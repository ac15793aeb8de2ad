"""The way back from noise: one step, chains of steps, and the inversion of DDIM.

    a net says   ε̂ at x_t;   x̂_0 = (x_t − √(1 − ᾱ_t) ε̂) / √ᾱ_t
    a step       x_s = √ᾱ_s x̂_0 + √(1 − ᾱ_s − σ²) ε̂ + σ ξ,   ξ ~ N(0, I),   s < t
                 σ = η √β̃,   β̃ = (1 − ᾱ_s)/(1 − ᾱ_t) · (1 − ᾱ_t/ᾱ_s)
    η = 1        DDPM: its mean and variance are q(x_s | x_t, x̂_0), Ho et al.'s eq. 7
    η = 0        DDIM: no noise, so the first one decides the image
    inversion    x_t from x_s by the same step read backwards. At η = 0 a step turns by an angle:
                 x_s = cos Δ x_t − sin Δ v̂,  v̂ = √ᾱ_t ε̂ − √(1 − ᾱ_t) x̂_0,  Δ = φ_t − φ_s,
                 φ = arccos √ᾱ; so `refine` rounds of x ← (x_s + sin Δ v̂(x, t)) / cos Δ
    guidance     ε̂ = ε̂_∅ + w (ε̂_y − ε̂_∅);  w = 1 the conditional net, w = 0 without label
    hidden part  after every step what is known is put back, noised to s; with r > 1 repeats the
                 step is taken r times, noised again from s to t between them

`clip` cuts x̂_0 to [−1, 1] and takes ε̂ anew from it and x_t, so the two always fit together.
Papers: Ho et al. 2020, arXiv 2006.11239; Song et al. 2021, 2010.02502; guidance: Ho & Salimans
2022, 2207.12598; hidden part: Lugmayr et al. 2022, 2201.09865. Steps may be of any length (the
papers' "respacing"), with the coefficients of the two ᾱ that a step joins. We deviate in the
inversion, which takes several rounds a step where Song et al. take one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import TypedDict

from core.models.ddpm.schedule import posterior
from core.progress import report_steps

Predict = Callable[[Tensor, int], tuple[Tensor, Tensor]]  # x_t, t -> ε̂, x̂_0


class Moment(TypedDict):
    """A moment of a way between noise and image, in the process's units."""

    t: int
    x: Tensor  # x_t, (B, …)
    eps_hat: Tensor  # ε̂, (B, …)
    x0_hat: Tensor  # x̂_0, (B, …)


class Weights(TypedDict):
    """The factors of a step's three terms."""

    x0: float  # of x̂_0
    eps: float  # of ε̂
    sigma: float  # of ξ


@dataclass(frozen=True)
class Known:
    """The known part of an image that is to be completed.

    Attributes:
        x0: in the process's units, (B, …) or (1, …).
        mask: 1 where it is known, 0 where not; of x0's shape or one that spreads to it.
        repeats: r, how often each step is taken.
    """

    x0: Tensor
    mask: Tensor
    repeats: int = 1


def coefficients(alpha_bar_t: float, alpha_bar_s: float, eta: float = 0.0) -> Weights:
    """Return the factors of x̂_0, ε̂ and ξ in a step from ᾱ_t to ᾱ_s."""
    sigma = eta * math.sqrt(posterior(alpha_bar_t, alpha_bar_s)["variance"])
    rest = max(1 - alpha_bar_s - sigma**2, 0.0)  # a rounding below 0 at η = 1
    return {"x0": math.sqrt(alpha_bar_s), "eps": math.sqrt(rest), "sigma": sigma}


def step(
    eps_hat: Tensor,
    x0_hat: Tensor,
    alpha_bar_t: float,
    alpha_bar_s: float,
    eta: float,
    noise: Tensor | None,
) -> Tensor:
    """Return x_s of ε̂ and x̂_0 at x_t, all (B, …); `noise` is ξ and may be None at η = 0."""
    c = coefficients(alpha_bar_t, alpha_bar_s, eta)
    x = c["x0"] * x0_hat + c["eps"] * eps_hat
    return x + c["sigma"] * noise if noise is not None and c["sigma"] else x


def x0_of(x: Tensor, eps_hat: Tensor, alpha_bar: float) -> Tensor:
    """Return x̂_0 of x_t and ε̂."""
    return (x - math.sqrt(1 - alpha_bar) * eps_hat) / math.sqrt(alpha_bar)


def noise_of(x: Tensor, x0_hat: Tensor, alpha_bar: float) -> Tensor:
    """Return ε̂ of x_t and x̂_0."""
    return (x - math.sqrt(alpha_bar) * x0_hat) / math.sqrt(1 - alpha_bar)


def clip_x0(predict: Predict, alpha_bar: Tensor) -> Predict:
    """Return `predict` with x̂_0 cut to [−1, 1] and an ε̂ that fits it; ᾱ is (T + 1,)."""

    def cut(x: Tensor, t: int) -> tuple[Tensor, Tensor]:
        x0_hat = predict(x, t)[1].clamp(-1, 1)
        return noise_of(x, x0_hat, alpha_bar[t].item()), x0_hat

    return cut


def chain(
    predict: Predict,
    x: Tensor,
    times: Sequence[int],
    alpha_bar: Tensor,
    eta: float = 1.0,
    generator: torch.Generator | None = None,
    known: Known | None = None,
) -> Iterator[Moment]:
    """Yield len(times) moments of the way from x_t to x_0.

    Args:
        predict: (x_t, t) -> (ε̂, x̂_0).
        x: at times[0], (B, …).
        times: falling, the last one 0 (`schedule.respace`).
        alpha_bar: ᾱ of the schedule, (T + 1,).
        eta: η.
        generator: of ξ.
        known: what is given of the image, if anything.

    Yields:
        t, x (x_t), eps_hat and x0_hat there; at the last, t = 0, those that led to it.
    """
    eps_hat = x0_hat = x
    for t, s in report_steps(zip(times, times[1:]), len(times) - 1):
        alpha_bar_t, alpha_bar_s = alpha_bar[t].item(), alpha_bar[s].item()
        repeats = known.repeats if known and s else 1
        for again in range(repeats):
            eps_hat, x0_hat = predict(x, t)
            if not again:
                yield {"t": t, "x": x, "eps_hat": eps_hat, "x0_hat": x0_hat}
            xi = noise_like(x, generator) if eta else None
            after = step(eps_hat, x0_hat, alpha_bar_t, alpha_bar_s, eta, xi)
            if known:
                after = put_back(after, known, alpha_bar_s, generator)
            if again < repeats - 1:  # noised from s to t once more
                alpha = alpha_bar_t / alpha_bar_s
                x = math.sqrt(alpha) * after + math.sqrt(1 - alpha) * noise_like(x, generator)
        x = after  # pyright: ignore[reportPossiblyUnboundVariable] - repeats is at least 1
    yield {"t": times[-1], "x": x, "eps_hat": eps_hat, "x0_hat": x0_hat}


def inversion(
    predict: Predict, x: Tensor, times: Sequence[int], alpha_bar: Tensor, refine: int = 4
) -> Iterator[Moment]:
    """Yield len(times) moments of the way from an image to its noise: DDIM read backwards.

    Args:
        predict: as in `chain`, without clip.
        x: x_0, (B, …).
        times: rising from 0.
        alpha_bar: ᾱ of the schedule.
        refine: rounds of the fixed point a step, at least 1. With one round ε̂ is taken at x_s in
            place of x_t, Song et al.'s encoding; with more, `chain` leads back the nearer.

    Yields:
        t and x (x_t); from the second on eps_hat and x0_hat that led there, at the first both x.
    """
    yield {"t": times[0], "x": x, "eps_hat": x, "x0_hat": x}
    for s, t in zip(times, times[1:]):
        (signal_s, sigma_s), (signal, sigma) = (_parts(alpha_bar[i].item()) for i in (s, t))
        sin, cos = sigma * signal_s - signal * sigma_s, signal * signal_s + sigma * sigma_s
        guess, v = x, x
        for _ in range(refine):
            eps_hat, x0_hat = predict(guess, t)
            v = signal * eps_hat - sigma * x0_hat
            guess = (x + sin * v) / cos
        x = guess
        yield {"t": t, "x": x, "eps_hat": sigma * x + signal * v, "x0_hat": signal * x - sigma * v}


def without_graph(moments: Iterator[Moment]) -> Iterator[Moment]:
    """Yield the same moments, each computed without a graph; gradients elsewhere stay as they are.

    `torch.no_grad` around a generator holds only while it runs.
    """
    while True:
        with torch.no_grad():
            try:
                moment = next(moments)
            except StopIteration:
                return
        yield moment


def guide(with_label: Tensor, without: Tensor, guidance: float) -> Tensor:
    """Return ε̂_∅ + w (ε̂_y − ε̂_∅), of ε̂ or of anything that is linear in it."""
    return without + guidance * (with_label - without)


def _parts(alpha_bar: float) -> tuple[float, float]:
    """Return √ᾱ and √(1 − ᾱ)."""
    return math.sqrt(alpha_bar), math.sqrt(1 - alpha_bar)


def put_back(
    x: Tensor, known: Known, alpha_bar: float, generator: torch.Generator | None
) -> Tensor:
    """Return x_s with its known part replaced by the original, noised to s."""
    given = math.sqrt(alpha_bar) * known.x0
    if alpha_bar < 1:
        given = given + math.sqrt(1 - alpha_bar) * noise_like(x, generator)
    return known.mask * given + (1 - known.mask) * x


def noise_like(x: Tensor, generator: torch.Generator | None) -> Tensor:
    """Return ε ~ N(0, I) of x's shape and device, drawn where the generator is."""
    device = x.device if generator is None else generator.device
    noise = torch.randn(x.shape, generator=generator, dtype=x.dtype, device=device)
    return noise.to(x.device)

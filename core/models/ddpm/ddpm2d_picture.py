"""What a diffusion in the plane looks like: its noise, its score, its ways back. Pure functions.

    density    p_t(x) = Σ_k w_k N(x; √ᾱ_t c_k, (ᾱ_t σ² + 1 − ᾱ_t) I) for a mixture: exact
    score      ∇ log p_t(x) = Σ_k r_k (√ᾱ_t c_k − x) / (ᾱ_t σ² + 1 − ᾱ_t),  r the responsibilities
    error      E |√(1 − ᾱ_t) (s − ∇ log p_t)|² over x_t: what the loss of ε has above its least
    SDE        dx = −½ β x dt + √β dw; back dx = (−½ β x − β ∇ log p_t) dt + √β dw: η = 1
    ODE        back dx = (−½ β x − ½ β ∇ log p_t) dt, the same p_t at each t: η = 0

The two ways back are walked by ddpm_samplers.chain, whose steps are discretised SDE (Ho et al.) and
ODE (Song et al. 2021, arXiv 2010.02502 and 2011.13456). Targets that are no mixture (pinwheel,
checkerboard) have no exact score here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from core.data.densities import Box, Density, Mixture, grid
from core.inputs import InputError, integer, number
from core.measure.points import divergences, wasserstein
from core.models.ddpm.ddpm2d import Settings, predictor, target
from core.models.ddpm.forward import noised
from core.models.ddpm.samplers import Moment, Predict, chain, original, way_in
from core.models.ddpm.schedule import Schedule, respaced
from core.models.flat.runs import State, draws

REACH: Box = (-3.0, 3.0, -3.0, 3.0)  # of a picture that holds both data and noise
PAIRS = 256  # points that W₁ is taken of


def blurred(what: Density, kept: float) -> Mixture:
    """Return p_t of a mixture, itself one: with it sampling, log-density and score are exact.

    Raises:
        InputError: the target is no mixture.
    """
    if not isinstance(what, Mixture):
        raise InputError("choice", field="target", got=type(what).__name__, allowed="a mixture")
    sigma = math.sqrt(kept * what.sigma**2 + 1 - kept)
    return Mixture(math.sqrt(kept) * what.centres, what.weights, sigma, REACH)


def exact_score(what: Density, x: Tensor, kept: float) -> Tensor:
    """Return ∇ log p_t at points (B, 2), (B, 2) float64."""
    p = blurred(what, kept)
    far = torch.cdist(x.double(), p.centres, compute_mode="donot_use_mm_for_euclid_dist")
    share = (p.weights.log() - (far / p.sigma) ** 2 / 2).softmax(1)  # (B, K)
    return (share @ p.centres - x.double()) / p.sigma**2


def exact_predictor(what: Density, schedule: Schedule) -> Predict:
    """Return (x_t, t) -> (ε̂, x̂_0) of the best net there is: ε̂ = −√(1 − ᾱ_t) ∇ log p_t."""

    def predict(x: Tensor, t: int) -> tuple[Tensor, Tensor]:
        kept = schedule.alpha_bar[t].item()
        eps = -math.sqrt(1 - kept) * exact_score(what, x, kept).to(x.dtype)
        return eps, original(x, eps, kept)

    return predict


def shade(what: Density, kept: float, side: int = 48, bounds: Box = REACH) -> Tensor:
    """Return p_t at the middles of side² cells, (side, side), top row first; a mixture's."""
    cells = grid(bounds, integer("side", side, 2, 200))
    p = blurred(what, kept)
    log = torch.cat([p.log_prob(part) for part in cells.split(4096)])
    return log.exp().view(side, side)


def field(
    state: State, settings: Settings, t: int, side: int = 16, bounds: Box = REACH
) -> dict[str, Any]:
    """Return the score at side² places: "learned" and, of a mixture, "exact".

    Args:
        state: of plane_ddpm.
        settings: its own.
        t: 1 to T.
        side: 2 to 64.
        bounds: x0, x1, y0, y1.

    Returns:
        t, alpha_bar, at, learned (side², 2); exact (side², 2) or None; far: the mean length of
        their difference over p_t's points, times √(1 − ᾱ_t), or None.
    """
    plan, what = settings.plan(), target(settings)
    kept = plan.alpha_bar[integer("t", t, 1, plan.steps)].item()
    at = grid(bounds, integer("side", side, 2, 64)).float()
    learned = score(predictor(state, settings), plan, at, t)
    exact = exact_score(what, at, kept) if isinstance(what, Mixture) else None
    found = {"t": t, "alpha_bar": kept, "at": at, "learned": learned, "exact": exact}
    return found | {"far": score_error(state, settings, t)}


def score(predict: Predict, plan: Schedule, x: Tensor, t: int) -> Tensor:
    """Return −ε̂ / √(1 − ᾱ_t) at points (B, 2)."""
    return -predict(x, t)[0] / math.sqrt(1 - plan.alpha_bar[t].item())


def score_error(state: State, settings: Settings, t: int, n: int = 500) -> float | None:
    """Return the root of the mean |ε̂ − ε*|² over n points of p_t; None where no score is exact."""
    what = target(settings)
    if not isinstance(what, Mixture):
        return None
    kept = settings.plan().alpha_bar[t].item()
    x = blurred(what, kept).sample(n, draws(settings.seed, "error", t)).float()
    best = exact_predictor(what, settings.plan())(x, t)[0]
    return (predictor(state, settings)(x, t)[0] - best).square().sum(1).mean().sqrt().item()


def noising(settings: Settings, n: int, times: Sequence[int], seed: int | None = None) -> Tensor:
    """Return points of the target at several t, (len(times), n, 2): one ε a point for all t."""
    draw = draws(settings.seed if seed is None else seed, "noising")
    x0 = target(settings).sample(integer("n", n, 1, 5000), draw).float()
    noise, plan = torch.randn(n, 2, generator=draw), settings.plan()
    return torch.stack([noised(x0, plan.at(t)["alpha_bar"], noise) for t in times])


def reverse(
    predict: Predict,
    plan: Schedule,
    n: int,
    steps: int = 50,
    eta: float = 1.0,
    seed: int = 0,
    start: Tensor | None = None,
) -> Iterator[Moment]:
    """Yield the way of n points from N(0, I) to the data: t, x, eps_hat, x0_hat, (n, 2) each.

    Args:
        predict: `plane_ddpm.predictor` or `exact_predictor`.
        plan: the schedule.
        n: 1 to 5000.
        steps: 1 to T.
        eta: 1 is the reverse SDE, 0 the ODE, between them something of both.
        seed: of the first noise and of ξ; the first noise does not hang on eta.
        start: x_T to begin from, (n, 2); drawn without one.
    """
    draw, n = draws(seed, "reverse"), integer("n", n, 1, 5000)
    x = torch.randn(n, 2, generator=draw) if start is None else start
    times = respaced(plan.steps, steps)
    return chain(predict, x, times, plan.alpha_bar, number("eta", eta, 0, 1), draw)


def ode_in(predict: Predict, plan: Schedule, x: Tensor, steps: int = 50) -> Iterator[Moment]:
    """Yield the way of data points (n, 2) along the ODE to their noise."""
    return way_in(predict, x, respaced(plan.steps, steps)[::-1], plan.alpha_bar)


def quality(state: State, settings: Settings, n: int = 2000, steps: int = 50) -> dict[str, Any]:
    """Return how near samples come: {"sde": {kl, js, w1}, "ode": {…}, "own": {…}} and errors by t.

    "own" is what n points of the target itself get; kl and js are of histograms in nats
    (core.measure.points), w1 of 256 points; errors: {t: `score_error`} or None.
    """
    what, plan = target(settings), settings.plan()
    predict, found = predictor(state, settings), {}
    real = what.sample(PAIRS, draws(settings.seed, "real")).float()
    for name, eta in (("sde", 1.0), ("ode", 0.0)):
        *_, last = reverse(predict, plan, n, steps, eta, settings.seed)
        near = {"w1": wasserstein(last["x"][:PAIRS], real)}
        found[name] = divergences(last["x"], what) | near
    own = what.sample(n, draws(settings.seed, "own")).float()
    found["own"] = divergences(own, what) | {"w1": wasserstein(own[:PAIRS], real)}
    times = (50, 200, 500, 800)
    found["errors"] = {t: score_error(state, settings, t) for t in times}
    return found

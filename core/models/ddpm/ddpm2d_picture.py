"""Pictures of a diffusion in the plane: its noise, its score, its ways back. Pure functions.

    density    p_t(x) = Σ_k w_k N(x; √ᾱ_t c_k, (ᾱ_t σ² + 1 − ᾱ_t) I) for a mixture: exact
    score      ∇ log p_t(x) = Σ_k r_k (√ᾱ_t c_k − x) / (ᾱ_t σ² + 1 − ᾱ_t),  r the responsibilities
    error      E |√(1 − ᾱ_t) (s − ∇ log p_t)|² over x_t: by how much the loss of ε exceeds its least
    SDE        dx = −½ β x dt + √β dw; back dx = (−½ β x − β ∇ log p_t) dt + √β dw: η = 1
    ODE        back dx = (−½ β x − ½ β ∇ log p_t) dt, the same p_t at each t: η = 0

The two ways back are walked by samplers.chain, whose steps are discretised SDE (Ho et al.) and
ODE (Song et al. 2021, arXiv 2010.02502 and 2011.13456). Targets that are no mixture (pinwheel,
checkerboard) have no exact score here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor
from typing_extensions import TypedDict

from core.data.densities import Box, Density, Mixture, grid
from core.inputs import InputError, integer, number
from core.models.ddpm.ddpm2d import Settings, predictor
from core.models.ddpm.samplers import Moment, Predict, chain, x0_of
from core.models.ddpm.schedule import Schedule, respace
from core.models.flat.runs import State, draws
from core.models.flat.settings import target

REACH: Box = (-3.0, 3.0, -3.0, 3.0)  # of a picture that holds both data and noise


class ScoreField(TypedDict):
    """The score at side² places."""

    t: int
    alpha_bar: float  # ᾱ_t
    at: Tensor  # places, (side², 2)
    learned: Tensor  # −ε̂ / √(1 − ᾱ_t) there, (side², 2)
    exact: Tensor | None  # ∇ log p_t there, (side², 2); None where the target is no mixture
    far: float | None  # `score_error` at t


def noisy_target(what: Density, alpha_bar: float) -> Mixture:
    """Return p_t of a mixture, itself a mixture: its samples, log-density and score are exact.

    Raises:
        InputError: the target is no mixture.
    """
    if not isinstance(what, Mixture):
        raise InputError("choice", field="target", got=type(what).__name__, allowed="a mixture")
    sigma = math.sqrt(alpha_bar * what.sigma**2 + 1 - alpha_bar)
    return Mixture(math.sqrt(alpha_bar) * what.centres, what.weights, sigma, REACH)


def exact_score(what: Density, x: Tensor, alpha_bar: float) -> Tensor:
    """Return ∇ log p_t at points (B, 2), (B, 2) float64."""
    p = noisy_target(what, alpha_bar)
    far = torch.cdist(x.double(), p.centres, compute_mode="donot_use_mm_for_euclid_dist")
    share = (p.weights.log() - (far / p.sigma) ** 2 / 2).softmax(1)  # (B, K)
    return (share @ p.centres - x.double()) / p.sigma**2


def exact_predictor(what: Density, schedule: Schedule) -> Predict:
    """Return (x_t, t) -> (ε̂, x̂_0) of the best net there is: ε̂ = −√(1 − ᾱ_t) ∇ log p_t."""

    def predict(x: Tensor, t: int) -> tuple[Tensor, Tensor]:
        alpha_bar = schedule.alpha_bar[t].item()
        eps = -math.sqrt(1 - alpha_bar) * exact_score(what, x, alpha_bar).to(x.dtype)
        return eps, x0_of(x, eps, alpha_bar)

    return predict


def density_on_grid(what: Density, alpha_bar: float, side: int = 48, bounds: Box = REACH) -> Tensor:
    """Return p_t at the middles of side² cells, (side, side), top row first; a mixture's."""
    cells = grid(bounds, integer("side", side, 2, 200))
    p = noisy_target(what, alpha_bar)
    log = torch.cat([p.log_prob(part) for part in cells.split(4096)])
    return log.exp().view(side, side)


def field(
    state: State, settings: Settings, t: int, side: int = 16, bounds: Box = REACH
) -> ScoreField:
    """Return the score at side² places: the learned one and, of a mixture, the exact one.

    Args:
        state: of `ddpm2d.begin` or `ddpm2d.advance`.
        settings: its own.
        t: 1 to T.
        side: 2 to 64.
        bounds: x0, x1, y0, y1.

    Raises:
        InputError: t or side is not that.
    """
    plan, what = settings.plan(), target(settings)
    alpha_bar = plan.alpha_bar[integer("t", t, 1, plan.steps)].item()
    at = grid(bounds, integer("side", side, 2, 64)).float()
    learned = score(predictor(state, settings), plan, at, t)
    exact = exact_score(what, at, alpha_bar) if isinstance(what, Mixture) else None
    far = score_error(state, settings, t)
    return {
        "t": t,
        "alpha_bar": alpha_bar,
        "at": at,
        "learned": learned,
        "exact": exact,
        "far": far,
    }


def score(predict: Predict, plan: Schedule, x: Tensor, t: int) -> Tensor:
    """Return −ε̂ / √(1 − ᾱ_t) at points (B, 2)."""
    return -predict(x, t)[0] / math.sqrt(1 - plan.alpha_bar[t].item())


def score_error(state: State, settings: Settings, t: int, n: int = 500) -> float | None:
    """Return the root of the mean |ε̂ − ε*|² over n points of p_t; None where no score is exact."""
    what = target(settings)
    if not isinstance(what, Mixture):
        return None
    alpha_bar = settings.plan().alpha_bar[t].item()
    x = noisy_target(what, alpha_bar).sample(n, draws(settings.seed, "error", t)).float()
    best = exact_predictor(what, settings.plan())(x, t)[0]
    return (predictor(state, settings)(x, t)[0] - best).square().sum(1).mean().sqrt().item()


def reverse(
    predict: Predict,
    plan: Schedule,
    n: int,
    steps: int = 50,
    eta: float = 1.0,
    seed: int = 0,
    start: Tensor | None = None,
) -> Iterator[Moment]:
    """Yield the moments of n points on their way from N(0, I) to the data, (n, 2).

    Args:
        predict: `ddpm2d.predictor` or `exact_predictor`.
        plan: the schedule.
        n: 1 to 5000.
        steps: 1 to T.
        eta: 1 is the reverse SDE, 0 the ODE, between them something of both.
        seed: of the first noise and of ξ; the first noise does not hang on eta.
        start: x_T to begin from, (n, 2); drawn without one.

    Raises:
        InputError: n, steps or eta is not that.
    """
    draw, n = draws(seed, "reverse"), integer("n", n, 1, 5000)
    x = torch.randn(n, 2, generator=draw) if start is None else start
    times = respace(plan.steps, steps)
    return chain(predict, x, times, plan.alpha_bar, number("eta", eta, 0, 1), draw)

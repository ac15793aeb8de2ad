"""The diffusion's independent computations: sums of logarithms, Bayes' rule, torch's distributions,
autograd, scipy's cubic, the net in numpy. core.measure.deltas defines a delta.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.measure.deltas import Delta, delta_of, largest

if TYPE_CHECKING:
    from core.data.densities import Mixture
    from core.models.ddpm.diffusion import DDPM
    from core.models.ddpm.forward import LossByHand, Noised
    from core.models.ddpm.schedule import Schedule


def schedule_delta(schedule: Schedule) -> Delta:
    """Compare every ᾱ_t with exp Σ log(1 − β_s) in exactly rounded sums, β from its formula."""
    T, total, theirs = schedule.steps, [], [1.0]
    for beta in _betas(schedule):
        total.append(math.log1p(-beta))
        theirs.append(math.exp(math.fsum(total)))
    assert len(theirs) == T + 1
    return delta_of([largest(_tensor(theirs), schedule.alpha_bar)], "exp Σ log(1 − β), math.fsum")


def forward_delta(trace: Noised, schedule: Schedule) -> Delta:
    """Compare x_t of `forward.forward` with torch.distributions' Normal as a transform of ε.

    Its mean and standard deviation are taken anew, from Σ log(1 − β).
    """
    from torch.distributions.transforms import AffineTransform

    mean, sigma = _mean_and_sigma(trace["t"], schedule)
    x0, noise = _tensor(trace["x0"]), _tensor(trace["noise"])
    theirs = AffineTransform(mean * x0, sigma)(noise)
    deltas = [largest(theirs, trace["x_t"]), largest(mean * x0, trace["mean"])]
    return delta_of(deltas, "torch.distributions.AffineTransform")


def loss_delta(trace: LossByHand, schedule: Schedule) -> Delta:
    """Compare loss, gradient and x_t of `forward.loss_by_hand` with mse_loss and autograd."""
    import torch

    mean, sigma = _mean_and_sigma(trace["t"], schedule)
    guess = _tensor(trace["guess"]).requires_grad_()
    noise = _tensor(trace["noise"])
    value = torch.nn.functional.mse_loss(guess, noise)
    (grad,) = torch.autograd.grad(value, guess)
    x = mean * _tensor(trace["x0"]) + sigma * noise
    deltas = [largest(value, trace["loss"]), largest(grad, trace["grad"])]
    deltas.append(largest(x, trace["x_t"]))
    return delta_of(deltas, "torch.nn.functional.mse_loss, torch.autograd")


def chain_delta(
    moments: Sequence[Any], schedule: Schedule, eta: float, generator: Any = None
) -> Delta:
    """Compare every step of a chain with Bayes' rule and with DDIM's, in float64.

    η = 1: q(x_s | x_t, x̂_0) as the product of two Gaussians in x_s, q(x_t | x_s) and q(x_s | x̂_0),
    by their precisions. η = 0: the ε̂ and x̂_0 of x_t, put together for s. Between them the mean of
    the latter with variance η² of the former.

    Args:
        moments: of `samplers.chain` without `known`, x of float32 or float64.
        schedule: that it ran with.
        eta: that it ran with.
        generator: as it was before the first ξ was drawn; needed where η > 0.
    """
    import torch

    moments, deltas = list(moments), []
    for now, then in zip(moments, moments[1:]):
        mean, variance = bayes(now, now["t"], then["t"], schedule, eta)
        xi = 0.0
        if eta:
            x = now["x"]
            xi = torch.randn(x.shape, generator=generator, dtype=x.dtype).double()
        deltas.append(largest(mean + math.sqrt(variance) * xi, then["x"]))
    name = "DDIM's step" if not eta else "Bayes' rule" if eta == 1 else "both, mixed"
    return delta_of(deltas, f"{name}, float64")


def bayes(now: Any, t: int, s: int, schedule: Schedule, eta: float) -> tuple[Any, float]:
    """Return the mean and the variance of x_s of a step from t, as `chain_delta` takes them."""
    (mean_t, _), (mean_s, sigma_s) = (_mean_and_sigma(i, schedule) for i in (t, s))
    x0, eps, x = (_tensor(now[k]) for k in ("x0_hat", "eps_hat", "x"))
    if s == 0:
        return x0, 0.0
    alpha = (mean_t / mean_s) ** 2
    from_t, from_0 = alpha / (1 - alpha), 1 / sigma_s**2  # precisions of x_s
    variance = 1 / (from_t + from_0)
    if eta == 1:
        return variance * (from_t * x / math.sqrt(alpha) + from_0 * mean_s * x0), variance
    variance *= eta**2
    return mean_s * x0 + math.sqrt(max(sigma_s**2 - variance, 0.0)) * eps, variance


def net_delta(
    model: DDPM, x: Any, t: int, labels: Any, guidance: float, said: Any = None, clip: bool = False
) -> Delta:
    """Compare ε̂ and x̂_0 of the net with those that numpy computes from its weights in float64.

    Args:
        model: core.models.ddpm.diffusion.DDPM.
        x: x_t, (B, 1, 28, 28).
        t: 1 to T.
        labels: (B,) or None.
        guidance: w.
        said: (ε̂, x̂_0) that a chain had there, like x; None asks `DDPM.predict`.
        clip: whether x̂_0 was cut to [−1, 1] and ε̂ taken anew from it, as `samplers` has it.
    """
    import torch

    signal, sigma = _mean_and_sigma(t, model.schedule)
    if said is None:
        with torch.no_grad():
            said = model.predict(x, model.schedule.alpha_bar[t].item(), labels, guidance)
    wide = _tensor(x).numpy()
    v = _velocity(model, wide, math.atan2(sigma, signal), labels, guidance)
    eps, x0 = signal * v + sigma * wide, signal * wide - sigma * v
    if clip:
        x0 = np.clip(x0, -1, 1)
        eps = (wide - signal * x0) / sigma
    deltas = [largest(_tensor(theirs), ours) for theirs, ours in zip((eps, x0), said)]
    return delta_of(deltas, "the net from its weights, numpy, float64")


def _velocity(model: DDPM, x: np.ndarray, phi: float, labels: Any, guidance: float) -> np.ndarray:
    """Return v̂ of x_t with and without the label, joined by the guidance."""
    from core.models.ddpm.check_net import velocity

    c = model.config
    weights = {name: _tensor(one).numpy() for name, one in model.net.state_dict().items()}
    about = (weights, c.fold, len(c.channels), c.depth, x, phi)
    none = weights["told.classes.weight"].shape[0] - 1
    without = velocity(*about, none)
    if labels is None:
        return without
    parts = [velocity(*about[:4], one[None], phi, int(y))[0] for one, y in zip(x, labels)]
    return without + guidance * (np.stack(parts) - without)


def score_delta(target: Mixture, alpha_bar: float, x: Any, score: Any) -> Delta:
    """Compare ∇ log p_t of a mixture with autograd through torch.distributions.

    Args:
        target: a densities.Mixture.
        alpha_bar: ᾱ_t.
        x: (N, 2).
        score: (N, 2), what was found there.
    """
    import torch
    from torch import distributions as d

    at = _tensor(x).requires_grad_()
    width = math.sqrt(alpha_bar * target.sigma**2 + 1 - alpha_bar)
    parts = d.Independent(d.Normal(math.sqrt(alpha_bar) * target.centres, width), 1)
    value = d.MixtureSameFamily(d.Categorical(target.weights), parts).log_prob(at).sum()
    (theirs,) = torch.autograd.grad(value, at)
    return delta_of([largest(theirs, score)], "torch.distributions, torch.autograd")


def plane_net_delta(
    flat: Any,
    sizes: Sequence[int],
    waves: Sequence[float],
    turns: int,
    x: Any,
    alpha_bar: float,
    eps: Any,
) -> Delta:
    """Compare ε̂ of the plane's net with torch.nn's layers in float64.

    Args:
        flat: all weights, (P,), as `ddpm2d` keeps them.
        sizes: widths from input to output.
        waves: its k.
        turns: how many j.
        x: x_t, (N, 2).
        alpha_bar: ᾱ_t.
        eps: ε̂ that was found there, (N, 2).
    """
    import torch

    layers: list[Any] = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(a, b, device="meta"), torch.nn.SiLU()]
    net = torch.nn.Sequential(*layers[:-1]).to_empty(device="cpu").double()
    torch.nn.utils.vector_to_parameters(flat.double(), net.parameters())
    at, phi = _tensor(x), math.acos(math.sqrt(alpha_bar))
    seen = [at, *((k * at).sin() for k in waves), *((k * at).cos() for k in waves)]
    for wave in (math.sin, math.cos):
        row = _tensor([wave((j + 1) * phi) for j in range(turns)])
        seen.append(row.expand(len(at), turns))
    with torch.no_grad():
        theirs = math.sqrt(alpha_bar) * net(torch.cat(seen, 1)) + math.sqrt(1 - alpha_bar) * at
    return delta_of([largest(theirs, eps)], "torch.nn, float64")


def _betas(schedule: Schedule) -> list[float]:
    """Return β_1 … β_T from the formulas, in plain Python; a bent one's by scipy's cubic."""
    T = schedule.steps
    if schedule.kind == "linear":
        low, high = 1e-4 * 1000 / T, 0.02 * 1000 / T
        return [min(low + (high - low) * k / (T - 1), 0.999) for k in range(T)]
    if schedule.kind == "bent":
        from scipy.interpolate import PchipInterpolator

        places = np.array([(0.0, 1.0), *schedule.points, (1.0, 1e-4)])
        kept = PchipInterpolator(*places.T)(np.arange(T + 1) / T).tolist()
    else:
        angles = [(t / T + 0.008) / 1.008 * math.pi / 2 for t in range(T + 1)]
        kept = [math.cos(angle) ** 2 for angle in angles]
    return [min(1 - then / now, 0.999) for now, then in zip(kept, kept[1:])]


def _mean_and_sigma(t: int, schedule: Schedule) -> tuple[float, float]:
    """Return √ᾱ_t and √(1 − ᾱ_t) from Σ log(1 − β)."""
    total = math.fsum(math.log1p(-beta) for beta in _betas(schedule)[:t])
    return math.exp(total / 2), math.sqrt(-math.expm1(total))


def _tensor(value: Any) -> Any:
    import torch

    if isinstance(value, torch.Tensor):
        return value.detach().double()
    return torch.as_tensor(np.asarray(value, dtype=float))

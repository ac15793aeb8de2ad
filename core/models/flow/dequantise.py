"""Why grey levels are dequantised: a flow on one pixel, trained with the noise and without.

    levels    k = 0 … L − 1 with probability P_k
    data      without noise x = (k + ½)/L;  with it x = (k + u)/L,  u ~ U[0, 1)
    flow      y = Σ_j π_j σ((x − m_j)/s_j),  a rising map of the line onto (0, 1), y uniform: so
              p(x) = dy/dx = Σ_j π_j σ'((x − m_j)/s_j)/s_j            (Ho et al. 2019, Flow++)
    lowered   −E log p(x) in nats; by Adam on log s_j, on m_j in units of s_j, and on log π_j

A level is a point and a density may rise there without end: put m_j on a level, let s_j → 0 and
−log p falls below every bound, though nothing has been learned. With the noise there is a floor:

    −E log p(x) ≥ H(x) = −Σ P_k log P_k − log L,  reached where p = L P_k on each level's cell

and −E log p + log L bounds −Σ P_k log P(k) of the discrete model P(k) = ∫_cell p from above (Theis
et al. 2016, arXiv 1511.01844).

State: {"w": (3J,) log s, m, logits of π; "m", "v": Adam's moments; "counts": int64 (1,): steps
done}, float64: spikes soon are narrower than float32 resolves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from core.inputs import array, boolean, integer, number
from core.models.flat.optimizers import update
from core.models.flat.runs import State, draws

MOST_STEPS = 2000  # of one call
TALLEST = 25.0  # log density at which a run stops: beyond, float64 has no digits for x − m
LEVELS = (0.5, 0.1, 0.05, 0.05, 0.1, 0.05, 0.05, 0.1)  # black, white, and little between them


@dataclass(frozen=True)
class Settings:
    """All that a run depends on; every field is checked.

    Attributes:
        levels: P_k, 2 to 16 numbers above 0 that sum to 1.
        noise: whether the data are dequantised.
        parts: J, how many steps the flow's map has, 1 to 32.
        batch: points a step, 16 to 1024; without noise there are no draws, all levels weigh P_k.
        rate: learning rate, 0 to 0.2.
        seed: of every draw.

    Raises:
        InputError: with the name of the field.
    """

    levels: tuple[float, ...] = LEVELS
    noise: bool = False
    parts: int = 8
    batch: int = 256
    rate: float = 0.02
    seed: int = 0

    def __post_init__(self) -> None:
        P = array("levels", self.levels, ((2, 16),), 1)
        for k, p in enumerate(P):
            number(f"levels[{k}]", float(p), 1e-6, 1)
        number("levels' sum", float(P.sum()), 1 - 1e-6, 1 + 1e-6)
        object.__setattr__(self, "levels", tuple(float(p) for p in P / P.sum()))
        boolean("noise", self.noise)
        for name, most in (("parts", (1, 32)), ("batch", (16, 1024)), ("seed", (0, 2**31 - 1))):
            object.__setattr__(self, name, integer(name, getattr(self, name), *most))
        object.__setattr__(self, "rate", number("rate", self.rate, 0, 0.2))


def floor(settings: Settings) -> float:
    """Return H(x) of the dequantised data in nats: no model's −E log p(x) on them is below it."""
    P = torch.tensor(settings.levels, dtype=torch.float64)
    return -(P * P.log()).sum().item() - math.log(len(P))


def begin(settings: Settings) -> State:
    """Return the state before the first step: parts of the same height, evenly over [0, 1)."""
    J, noise = settings.parts, draws(settings.seed, "parts")
    where = (torch.arange(J) + torch.rand(J, generator=noise)) / J
    w = torch.cat([torch.full((J,), -math.log(2 * J)), where, torch.zeros(J)]).double()
    zeros = torch.zeros_like(w)
    return {"w": w, "m": zeros, "v": zeros, "counts": torch.zeros(1, dtype=torch.int64)}


def log_prob(state: State, x: Tensor) -> Tensor:
    """Return log p in nats (B,) of numbers (B,), float64."""
    log_s, m, logits = state["w"].chunk(3)
    return _log_prob(log_s, m, logits, x)


def forward(state: State, x: Tensor) -> Tensor:
    """Return y = f(x) in (0, 1), (B,), of numbers (B,)."""
    log_s, m, logits = state["w"].chunk(3)
    return (logits.softmax(0) * torch.sigmoid((x[:, None] - m) * (-log_s).exp())).sum(1)


def nll(state: State, settings: Settings) -> float:
    """Return −E log p(x) in nats of the data as the settings make them, without drawing.

    With noise the integral over each cell by Gauss-Legendre, 64 nodes a cell.
    """
    x, share = _data(settings)
    return -(share * log_prob(state, x)).sum().item()


def _data(settings: Settings, nodes: int = 64) -> tuple[Tensor, Tensor]:
    """Return points and their shares, for an expectation over the data."""
    import numpy as np

    P = torch.tensor(settings.levels, dtype=torch.float64)
    k = torch.arange(len(P), dtype=torch.float64)
    if not settings.noise:
        return (k + 0.5) / len(P), P
    at, weight = (torch.from_numpy(v) for v in np.polynomial.legendre.leggauss(nodes))
    x = (k[:, None] + (at + 1) / 2) / len(P)
    return x.flatten(), (P[:, None] * weight / 2).flatten()


def advance(
    state: State, settings: Settings, steps: int = 1
) -> tuple[State, list[dict[str, float]]]:
    """Train the map for some steps; the given state stays as it is.

    Args:
        state: from `begin` or `advance`.
        settings: those it was begun with, noise and rate apart.
        steps: 1 to 2000.

    Returns:
        The new state, and for every step what was measured on its batch before the update: step
        (1 for the first), nll in nats, tallest = the largest log p of a point. Where that passes
        25 the run stops, and the list is shorter than `steps`.

    Raises:
        InputError: steps are not that.
    """
    seen = []
    for _ in range(integer("steps", steps, 1, MOST_STEPS)):
        done = int(state["counts"][0])
        x, share = _batch(settings, done + 1)
        log_s, m, logits = (part.detach() for part in state["w"].chunk(3))
        # m moves in units of s: a spike's place then gets finer as fast as its width does
        local = torch.cat([log_s, torch.zeros_like(m), logits]).requires_grad_()
        a, b, c = local.chunk(3)
        log_p = _log_prob(a, m + b * log_s.exp(), c, x)
        value, top = -(share * log_p).sum(), log_p.max().item()
        if not math.isfinite(value.item()) or top > TALLEST:
            break
        (grad,) = torch.autograd.grad(value, local)
        moments = {"m": state["m"], "v": state["v"]}
        new, moments = update("adam", local.detach(), grad, moments, done + 1, settings.rate, 0.9)
        a, b, c = new.chunk(3)
        w = torch.cat([a, m + b * log_s.exp(), c])
        state = {"w": w, **moments, "counts": torch.tensor([done + 1])}
        seen.append({"step": done + 1, "nll": value.item(), "tallest": top})
    return dict(state), seen


def _batch(settings: Settings, step: int) -> tuple[Tensor, Tensor]:
    """Return a step's points (B,) and their shares (B,)."""
    if not settings.noise:
        return _data(settings)
    P, n = torch.tensor(settings.levels, dtype=torch.float64), settings.batch
    generator = draws(settings.seed, step)
    k = torch.multinomial(P, n, replacement=True, generator=generator)
    u = torch.rand(n, generator=generator, dtype=torch.float64)
    return (k + u) / len(P), torch.full((n,), 1 / n, dtype=torch.float64)


def _log_prob(log_s: Tensor, m: Tensor, logits: Tensor, x: Tensor) -> Tensor:
    z = (x[:, None] - m) * (-log_s).exp()  # (B, J)
    logistic = -z - 2 * F.softplus(-z) - log_s  # log of σ'(z)/s
    return torch.logsumexp(logits.log_softmax(0) + logistic, 1)

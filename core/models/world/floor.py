"""Say what can be known of the next code at best: V's codes of every frame that may come.

    p*(z_{t+1} | alive) = Σ_k Σ_r P(k | alive) P(r) N(z; μ(frame_{k,r}), σ²(frame_{k,r}))

    k   the wind: its chance from the exact filter (core.data.gap_filter), given that the player,
        who moved by a, passed the lowest row
    r   the new top row: empty with 0.8, each of six walls with 0.2 / 6
    μ, σ   of V's posterior of the frame that this wind and this row give

No forecast has a smaller mean −log p than the true density, p*, has (Gibbs): its mean is the floor
of M's. Another belief about the wind gives another forecast, so the same function says what a
memory without the dust, or none at all, would be worth.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.data import gap, gap_filter
from core.models.world.memory import Forecast
from core.models.world.vision import Vision

TOPS = 7


@dataclass(frozen=True)
class Ahead:
    """V's codes of the 21 frames that may come, the wind the slower index, for N games."""

    mu: Tensor  # (N, 21, Z)
    log_sigma: Tensor  # (N, 21, Z)
    alive: Tensor  # (N, 3) float64: whether the player lives under each wind


def look_ahead(vision: Vision, state: gap.State, action: Tensor) -> Ahead:
    """Encode every frame that may come after the actions (N,) of -1, 0, 1."""
    n, mu, log_sigma, lives = len(state), [], [], []
    for k in gap.WINDS:
        for top in range(-1, TOPS - 1):
            chance = gap.Chance(torch.full((n,), k), torch.full((n,), top))
            after, alive = gap.move(state, action, chance)
            m, logvar = vision.encode(gap.frames(after))  # (N, Z) each
            mu.append(m)
            log_sigma.append(0.5 * logvar)
        lives.append(alive)
    return Ahead(torch.stack(mu, 1), torch.stack(log_sigma, 1), torch.stack(lives, 1).double())


def weigh(ahead: Ahead, belief: Tensor) -> Forecast:
    """Return p* under a belief over the last wind (N, 3), and the chance of death."""
    winds = gap_filter.forecast(belief)  # (N, 3)
    tops = torch.tensor([1 - gap.WALL, *[gap.WALL / 6] * 6], dtype=torch.float64)  # (7,)
    share = (winds * ahead.alive)[:, :, None] * tops  # (N, 3, 7)
    share = share.flatten(1) / share.sum((1, 2))[:, None].clamp_min(1e-300)  # (N, 21)
    death = torch.logit((winds * (1 - ahead.alive)).sum(1))  # ±∞ where it is certain
    return Forecast(share.log().float(), ahead.mu, ahead.log_sigma, death)


def exact_forecast(vision: Vision, belief: Tensor, state: gap.State, action: Tensor) -> Forecast:
    """Return p* as a mixture of 21 components, and the chance of death.

    Args:
        vision: V.
        belief: over the last wind, (N, 3) float64.
        state: what the last frame shows; its wind is not read.
        action: (N,) of -1, 0, 1.
    """
    return weigh(look_ahead(vision, state, action), belief)


def belief_along(states: list[gap.State], dust: bool = True) -> list[Tensor]:
    """Return the exact belief over the last wind, (N, 3), after each of the frames of N games."""
    found = [gap_filter.first_belief(len(states[0]))]
    for before, after in zip(states, states[1:]):
        found.append(gap_filter.update(found[-1], before, after, dust))
    return found

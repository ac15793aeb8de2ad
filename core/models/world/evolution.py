"""Evolve C by CMA-ES: no gradient, only scores.

    generation  λ candidates θ_i ~ N(m, s² C);  f_i = mean score of θ_i over E games;  m, s and C
                move towards the better half
    answer      m, the mean of the last generation

CMA-ES: Hansen 2016, arXiv 1604.00772, by his package `cma`; Ha & Schmidhuber 2018 used it with 64
candidates and 16 games each. Every draw comes from the seed: numpy's global one is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.data import gap
from core.models.world.controller import Controller
from core.models.world.memory import Memory
from core.models.world.sizes import ACTIONS
from core.models.world.survival import Scores, Seat


@dataclass(frozen=True)
class Generation:
    """One generation of candidates."""

    number: int  # from 0
    scores: Tensor  # (λ,) float64, each candidate's mean over its games
    mean: Tensor  # m after the generation, (numbers of W and b,) float64
    sigma: float  # s after the generation


def evolve(
    start: Tensor,
    judge: Callable[[Tensor, int], Tensor],
    candidates: int,
    generations: int,
    seed: int,
    sigma: float = 0.5,
) -> Iterator[Generation]:
    """Yield generation after generation.

    Args:
        start: m at first, (P,).
        judge: (genes (λ, P), generation) -> mean scores (λ,).
        candidates: λ, 4 or more.
        generations: how many.
        seed: of the candidates.
        sigma: s at first.
    """
    import cma

    draw = np.random.default_rng(seed)
    options = {"popsize": candidates, "verbose": -9, "seed": np.nan, "CMA_mirrors": 0}
    options["randn"] = lambda n, d: draw.standard_normal((n, d))
    search = cma.CMAEvolutionStrategy(start.double().numpy(), sigma, options)
    for number in range(generations):
        asked = search.ask()
        scores = judge(torch.from_numpy(np.stack(asked)), number)
        search.tell(asked, (-scores).tolist())  # cma lowers a cost
        mean = torch.from_numpy(np.array(search.mean))
        yield Generation(number, scores, mean, float(search.sigma))


def many(
    base: Controller,
    genes: Tensor,
    memory: Memory | None,
    see: Callable[[gap.State], Tensor],
    games: int,
) -> Seat:
    """Return λ candidates that play at once, `games` games each, in the order of the candidates.

    Args:
        base: what the candidates have in common: settings and the hidden layers.
        genes: (λ, numbers of W and b).
        memory: M; None for controllers on z.
        see: states -> V's codes (n, Z).
        games: games of a candidate.
    """
    weights = genes.view(len(genes), ACTIONS, -1).float()  # (λ, 3, … + 1)

    def act(state: gap.State, z: Tensor, h: Tensor, which: Tensor) -> Tensor:
        seen = base.features(z, h)  # (n, inputs of the last layer)
        mine = weights[which // games]  # (n, 3, inputs + 1)
        values = (mine[:, :, :-1] @ seen[:, :, None])[:, :, 0] + mine[:, :, -1]
        return values.argmax(1) - 1

    has = memory if base.config.sees == "z+h" else None
    return Seat(act, vision=see, memory=has)


def by_candidate(scores: Scores, candidates: int) -> Tensor:
    """Return each candidate's mean score, (λ,)."""
    return scores.score.view(candidates, -1).mean(1)

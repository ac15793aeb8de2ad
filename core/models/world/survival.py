"""Let players survive in the game *gap*, or in M's dream of it, and count their steps.

    score   Σ_t γ^t over the steps survived, γ = 0.99; a game is cut at MOST steps, where γ^t has
            fallen under 1e-4
    codes   z_t = the mean μ of V's posterior (in the dream: what M draws), so that a player acts
            the same on the same frame

A player is a function of the N games that still run. The exact players know the state; C knows only
V's code of the frame, and M's memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from core.data import gap, gap_values
from core.models.world.controller import Controller
from core.models.world.memory import Memory
from core.models.world.vision import Vision

MOST = 1000


@dataclass(frozen=True)
class Scores:
    """How long N games went."""

    score: Tensor  # (N,) float64, discounted steps survived
    length: Tensor  # (N,) int64, steps survived

    @property
    def mean(self) -> float:
        """Return the mean score."""
        return self.score.mean().item()

    @property
    def error(self) -> float:
        """Return the standard error of the mean score."""
        return self.score.std().item() / len(self.score) ** 0.5


@dataclass
class Seat:
    """Who plays the N games: the memory that goes along, and how the next action is found.

    Attributes:
        act: (states, codes, memories, which games) -> actions.
        vision: V, where the player looks through it.
        memory: M, where the player has it.
    """

    act: Callable[[gap.State, Tensor, Tensor, Tensor], Tensor]
    vision: Callable[[gap.State], Tensor] | None = None
    memory: Memory | None = None
    foresees: bool = field(default=False)  # the oracle: it sees the wind that is about to blow


@torch.no_grad()
def play(seat: Seat, n: int, generator: torch.Generator | None = None, most: int = MOST) -> Scores:
    """Play n games to their end, or to `most` steps; return their scores."""
    state, games = gap.start(n, generator), torch.arange(n)
    h = seat.memory.begin(n) if seat.memory else torch.zeros(n, 0)
    before: Tensor | None = None
    length = torch.zeros(n, dtype=torch.long)
    for _ in range(most):
        z = seat.vision(state) if seat.vision else torch.zeros(len(state), 0)
        if seat.memory:
            h = seat.memory.remember(z, before, h)
        chance = gap.draw(state, generator)
        seen = state
        if seat.foresees:
            seen = gap.State(state.rows, state.x, chance.wind, state.dust)
        action = seat.act(seen, z, h, games)
        state, alive = gap.move(state, action, chance)
        length[games] += alive
        if not alive.any():
            break
        state, games, h, before = state[alive], games[alive], h[alive], action[alive]
    return Scores(discount(length), length)


@torch.no_grad()
def dream(
    seat: Seat,
    first: Tensor,
    temperature: float,
    generator: torch.Generator | None = None,
    most: int = MOST,
) -> Scores:
    """Play games inside M's dream: M draws the next code and who dies.

    Args:
        seat: a player that has M, and acts on codes and memories alone.
        first: the codes that the games start from, (n, Z).
        temperature: of the dream, above 0.
        generator: of the dream.
        most: steps at most.
    """
    assert seat.memory
    z, games, h = first, torch.arange(len(first)), seat.memory.begin(len(first))
    before: Tensor | None = None
    length = torch.zeros(len(first), dtype=torch.long)
    nothing = gap.start(0)  # a dream has no state
    for _ in range(most):
        h = seat.memory.remember(z, before, h)
        action = seat.act(nothing, z, h, games)
        z, dies = seat.memory.forecast(h, action).draw(temperature, generator)
        length[games] += ~dies
        if dies.all():
            break
        games, z, h, before = games[~dies], z[~dies], h[~dies], action[~dies]
    return Scores(discount(length), length)


def discount(length: Tensor) -> Tensor:
    """Return Σ_{t < length} γ^t, float64."""
    return (1 - gap_values.GAMMA ** length.double()) / (1 - gap_values.GAMMA)


# ---- players


def exact(player: str, generator: torch.Generator | None = None) -> Seat:
    """Return one of `gap_values.PLAYERS`, who know the state."""
    if player == "random":
        return Seat(
            lambda state, z, h, games: torch.randint(3, (len(state),), generator=generator) - 1
        )
    table = torch.from_numpy(np.ascontiguousarray(gap_values.plan(player))).long()

    def act(state: gap.State, z: Tensor, h: Tensor, games: Tensor) -> Tensor:
        at = (gap.rows_number(state.rows), state.x)
        return table[at if player == "memoryless" else (*at, state.wind + 1)] - 1

    return Seat(act, foresees=player == "oracle")


def learned_player(controller: Controller, vision: Vision, memory: Memory | None) -> Seat:
    """Return C, looking through V, with M's memory if it acts on z and h."""
    return Seat(
        lambda state, z, h, games: controller(z, h),
        vision=lambda state: vision.encode(gap.frames(state))[0],
        memory=memory if controller.config.sees == "z+h" else None,
    )

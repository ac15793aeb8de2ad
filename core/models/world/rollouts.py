"""Simulate what each action may lead to, in M's dream and in the game itself.

    now     h_t after the real frames so far; the state that the last one shows, and the exact
            belief over its wind
    dream   z', dies ~ M(h, a),   h' = GRU([z', a], h),   a' = C(z', h')
    game    the wind is drawn from the belief, then the game's own steps; M and C look on
    alive   share of the futures in which the player lives after k steps, by the first action
    worth   Σ_{k=1..K} γ^{k−1} alive(k): the steps that are survived within K, later ones less

This is the use of a world model in reinforcement learning: states and actions are tried before one
is taken ("planning"), or a controller learns from the tries (Ha & Schmidhuber 2018, section 4).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from core.data import gap, gap_values
from core.models.world.controller import Controller
from core.models.world.memory import Memory
from core.models.world.vision import Vision

Move = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]  # h, a -> z' (B, Z), who lives (B,) bool


@dataclass(frozen=True)
class Futures:
    """N futures of K steps for each first action, −1, 0 and 1."""

    alive: Tensor  # (3, K + 1) float64: the share that lives after k steps
    codes: Tensor  # (K, 3, Z): of the first future of each
    lives: Tensor  # (K, 3) bool: whether the player still lives in it

    @property
    def worth(self) -> Tensor:
        """Return the discounted steps that are survived within K, (3,)."""
        steps = torch.arange(self.alive.shape[1] - 1)
        return (self.alive[:, 1:] * gap_values.GAMMA**steps).sum(1)


@dataclass(frozen=True)
class Now:
    """One moment of one game, as who plays it knows it."""

    state: gap.State  # what the last frame shows; its wind is not read
    belief: Tensor  # exact, over its wind, (1, 3)
    h: Tensor  # M's memory after that frame, (1, H)


@torch.no_grad()
def dream_futures(
    memory: Memory, player: Controller, now: Now, n: int, steps: int, draw: torch.Generator
) -> Futures:
    """Return futures that M dreams, n for each first action."""

    def move(h: Tensor, action: Tensor) -> tuple[Tensor, Tensor]:
        z, dies = memory.forecast(h, action).draw(1.0, draw)
        return z, ~dies

    return simulate(memory, player, now.h, n, steps, move)


@torch.no_grad()
def play_futures(
    vision: Vision,
    memory: Memory,
    player: Controller,
    now: Now,
    n: int,
    steps: int,
    draw: torch.Generator,
) -> Futures:
    """Return futures of the game itself, n for each first action."""
    wind = torch.multinomial(now.belief[0], 3 * n, replacement=True, generator=draw) - 1
    shown = now.state[torch.zeros(3 * n, dtype=torch.long)]
    states = [gap.State(shown.rows, shown.x, wind, shown.dust)]

    def move(h: Tensor, action: Tensor) -> tuple[Tensor, Tensor]:
        after, lives = gap.step(states.pop(), action, draw)
        states.append(after)  # who died goes on, and is counted no more
        return vision.encode(gap.frames(after))[0], lives

    return simulate(memory, player, now.h, n, steps, move)


def simulate(
    memory: Memory, player: Controller, h: Tensor, n: int, steps: int, move: Move
) -> Futures:
    """Follow n futures for each first action; the later actions are the player's.

    Args:
        memory: M.
        player: C.
        h: M's memory now, (1, H).
        n: futures.
        steps: K.
        move: what comes of actions.
    """
    action = torch.tensor(gap.ACTIONS).repeat_interleave(n)  # (3 n,)
    h, alive = h.repeat(3 * n, 1), torch.ones(3 * n, dtype=torch.bool)
    shares, codes, lives = [alive], [], []
    for _ in range(steps):
        z, lived = move(h, action)
        alive = alive & lived
        h = memory.remember(z, action, h)
        action = player(z, h)
        shares.append(alive)
        codes.append(z[::n])
        lives.append(alive[::n])
    share = torch.stack([one.view(3, n).double().mean(1) for one in shares], 1)  # (3, K + 1)
    return Futures(share, torch.stack(codes), torch.stack(lives))

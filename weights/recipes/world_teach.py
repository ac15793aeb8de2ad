"""Teach a controller by the exact planner's values, on the games that the controller plays itself.

    round     play GAMES games by the controller, every EPSILON-th action at random; keep what it
              saw, s, and the planner's values of the three actions there, Q(s, a)
    loss      Σ_a softmax(C(s))_a (max Q(s, ·) − Q(s, a)): what its choice costs, in steps survived
    next      learn from all rounds so far, play again

Ross et al. 2011, "DAgger": what is learned from the planner's own games alone fails where a worse
player ends up. The first round is played by the planner itself.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.data import gap, gap_values
from core.models.world.controller import Controller
from core.models.world.memory import Memory
from core.models.world.survival import Seat, play

GAMES, CUT, EPSILON = 800, 120, 0.1
STEPS, BATCH, RATE = 3_000, 1024, 3e-3


def teach(model: Controller, memory: Memory | None, table: Tensor, rounds: int, seed: int) -> None:
    """Set the controller's weights, in place.

    Args:
        model: C.
        memory: M; None for a C on z.
        table: V's code of every frame, by `gap.number_of`.
        rounds: how often it plays and learns.
        seed: of the games and the batches.
    """
    draw = torch.Generator().manual_seed(seed)
    Q = gap_values.expected_values(gap_values.action_values(gap_values.values("optimum")))
    costs = torch.from_numpy(Q.max(2, keepdims=True) - Q).float()  # (16807, 6, 3 a, 3 w)
    seen: list[tuple[Tensor, Tensor, Tensor]] = []
    for number in range(rounds):
        seen += watch(model, memory, table, costs, draw, planner=number == 0)
        z, h, cost = (torch.cat(part) for part in zip(*seen))
        learn(model, z, h, cost, draw)


def watch(
    model: Controller,
    memory: Memory | None,
    table: Tensor,
    costs: Tensor,
    draw: torch.Generator,
    planner: bool,
) -> list[tuple[Tensor, Tensor, Tensor]]:
    """Return codes, memories and the three actions' costs of every step of GAMES games."""
    out = []

    def act(state: gap.State, z: Tensor, h: Tensor, games: Tensor) -> Tensor:
        cost = costs[gap.rows_number(state.rows), state.x, :, state.wind + 1]  # (n, 3)
        out.append((z, h, cost))
        best = cost.argmin(1) - 1 if planner else model(z, h)
        wild = torch.rand(len(best), generator=draw) < EPSILON
        return torch.where(wild, torch.randint(3, (len(best),), generator=draw) - 1, best)

    play(Seat(act, lambda state: table[gap.number_of(state)], memory), GAMES, draw, CUT)
    return out


def learn(model: Controller, z: Tensor, h: Tensor, cost: Tensor, draw: torch.Generator) -> None:
    """Lower the expected cost of the controller's choice, by Adam."""
    model.requires_grad_(True)
    optimiser = torch.optim.Adam(model.parameters(), RATE)
    for step in range(STEPS):
        for group in optimiser.param_groups:
            group["lr"] = RATE * (1 - step / STEPS)
        at = torch.randint(len(z), (BATCH,), generator=draw)
        share = torch.softmax(model.layer(model.features(z[at], h[at])), 1)
        loss = (share * cost[at]).sum(1).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    model.requires_grad_(False)

"""Find where a dream lets the player through a wall, and how often it still builds walls.

    doomed   the frame that a dreamed code is read as, and the action, in which the player is hit
             under every wind: row 0, shifted by each of −1, 0, 1, does not let column x + a through
    cheat    a doomed moment after which M's draw says that the player lives
    walls    share of the new top rows that are walls, in the frames that dreamed codes are read
             as; 0.2 in the game

Ha & Schmidhuber 2018 saw both in their dreams: monsters that never shoot at a low temperature, and
a player who lives on such faults.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.data import gap
from core.models.world.dreaming import dream_on
from core.models.world.memory import Memory
from core.models.world.vision import Vision


@dataclass(frozen=True)
class Cheats:
    """What N dreams of T steps did at one temperature."""

    codes: Tensor  # (T + 1, N, Z)
    actions: Tensor  # (T, N)
    doomed: Tensor  # (T, N) bool: alive so far, and hit under every wind
    cheated: Tensor  # (T, N) bool: doomed, and alive all the same
    walls: float  # share of new top rows that are walls

    @property
    def share(self) -> float:
        """Return which share of the doomed moments the dream lets through; NaN if there is none."""
        return (self.cheated.sum() / self.doomed.sum()).item()


def is_doomed(state: gap.State, action: Tensor) -> Tensor:
    """Return whether the player is hit under every wind, (N,) bool."""
    x = (state.x + action).clamp(0, gap.COLUMNS - 1)
    winds = [gap.passes(gap.shift(state.rows[:, 0], torch.tensor(k)), x) for k in gap.WINDS]
    return ~torch.stack(winds).any(0)


@torch.no_grad()
def watch_cheats(
    vision: Vision,
    memory: Memory,
    n: int,
    steps: int,
    temperature: float,
    generator: torch.Generator,
) -> Cheats:
    """Dream n games from their start at random actions, and look for cheats."""
    first = vision.encode(gap.frames(gap.start(n, generator)))[0]
    actions = [torch.randint(3, (n,), generator=generator) - 1 for _ in range(steps)]
    moments = dream_on(memory, [first], actions, temperature, generator)
    found, through, walls = [], [], []
    for now, after, action in zip(moments, moments[1:], actions):
        seen = gap.read(vision.decode(now.z))
        found.append(is_doomed(seen, action) & now.alive)
        through.append(found[-1] & after.alive)
        top = gap.read(vision.decode(after.z)).rows[after.alive, -1]
        walls.append((top != gap.EMPTY).float())
    return Cheats(
        torch.stack([one.z for one in moments]),
        torch.stack(actions),
        torch.stack(found),
        torch.stack(through),
        torch.cat(walls).mean().item(),
    )

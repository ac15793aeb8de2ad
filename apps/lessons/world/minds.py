"""The trained V, M and C, games that are recorded, and pictures of what is seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.shared import nets
from apps.stage import board as b

if TYPE_CHECKING:
    from torch import Tensor

    from core.data.gap import State
    from core.models.world.controller import Controller
    from core.models.world.memory import Memory
    from core.models.world.vision import Vision

V, M = "world-v", "world-m"
CONTROLLERS = {"z": "world-c-z", "z+h": "world-c-zh"}
GAMES = 200  # that are played at most to find one that lasts
ARROWS = {-1: "←", 0: "·", 1: "→"}


def vision() -> Vision:
    """Return the trained V.

    Raises:
        WeightError: it is not here.
    """
    return nets.model(V)


def memory() -> Memory:
    """Return the trained M.

    Raises:
        WeightError: it is not here.
    """
    return nets.model(M)


def controller(player: str) -> Controller:
    """Return the trained C of a player, "z" or "z+h".

    Raises:
        WeightError: it is not here.
    """
    return nets.model(CONTROLLERS[player])


@dataclass(frozen=True)
class Game:
    """One game as it was played."""

    states: list[State]  # T + 1 of one game each
    actions: list[int]  # T
    alive: list[bool]  # T: whether the player lives after each action
    number: int  # which of the seed's games it is, from 1


@lru_cache(maxsize=64)
def record(player: str, seed: int, steps: int) -> Game:
    """Return the first game of at most `steps` steps that a player lives through, from a seed on.

    Args:
        player: "random", "memoryless", "optimum", "z" or "z+h".
        seed: of the games; where none of GAMES lasts so long, the longest.
        steps: how long it is to last.
    """
    import torch

    from core.data import gap

    draw, best = torch.Generator().manual_seed(seed), None
    for number in range(1, GAMES + 1):
        act, state = actor(player, draw), gap.start(1, draw)
        states, actions, alive = [state], [], []
        for _ in range(steps):
            action = act(state)
            state, lives = gap.step(state, torch.tensor([action]), draw)
            states, actions, alive = [*states, state], [*actions, action], [*alive, bool(lives)]
            if not lives:
                break
        if best is None or len(actions) > len(best.actions):
            best = Game(states, actions, alive, number)
        if len(actions) == steps and all(alive):
            break
    assert best
    return best


def memory_after(game: Game, at: int) -> Tensor:
    """Return M's memory after the frames 0 to `at` of a game, (1, H)."""
    import torch

    from core.data import gap

    h, before = memory().begin(1), None
    with torch.no_grad():
        for state, action in zip(game.states[: at + 1], [*game.actions, 0]):
            h = memory().remember(vision().encode(gap.frames(state))[0], before, h)
            before = torch.tensor([action])
    return h


def actor(player: str, draw: Any) -> Any:
    """Return state -> action of one game's player, which keeps its own memory."""
    import torch

    from core.models.world.survival import exact, learned_player

    if player in CONTROLLERS:
        seat = learned_player(controller(player), vision(), memory())
    else:
        seat = exact(player, draw)
    kept: dict[str, Any] = {"h": seat.memory.begin(1) if seat.memory else None, "before": None}

    @torch.no_grad()
    def act(state: State) -> int:
        z = seat.vision(state) if seat.vision else torch.zeros(1, 0)
        if seat.memory:
            kept["h"] = seat.memory.remember(z, kept["before"], kept["h"])
        found = seat.act(state, z, kept["h"], torch.zeros(1, dtype=torch.long))
        kept["before"] = found
        return int(found)

    return act


def frame_of(state: State) -> np.ndarray:
    """Return the frame of one game, (16, 16)."""
    from core.data import gap

    return gap.frames(state)[0, 0].numpy()


def decode(z: Tensor) -> np.ndarray:
    """Return V's picture of one code (1, Z), (16, 16)."""
    import torch

    with torch.no_grad():
        return vision().decode(z)[0, 0].numpy()


def screen(label: b.Label, image: np.ndarray, role: str, size: int = 190) -> b.Widget:
    """Return a picture of the game as the page draws it."""
    return b.grey(label, image, size=size, role=role)

"""Follow the wind of *gap* by Bayes' rule, exactly: what a perfect memory knows.

    b_t(w)      P(last wind = w | all frames and actions up to t),  (N, 3);  b_0 = ⅓ each
    b_{t+1}(k) ∝ Σ_w b_t(w) P(k|w) L(k)
    L(k)        1 if wind k turns frame t into frame t + 1, else 0: the dust drifted by k, each wall
                by k, and the player, who is alive, passed the lowest row as k shifted it
    forecast    P(next wind = k | …) = Σ_w b_t(w) P(k|w)
    death       P(dies | a, …) = Σ_k forecast(k) [row 0, shifted by k, hits column x + a]

With the dust two frames show the wind for certain. Without it (for a picture that has lost it) the
walls alone have to show it, and where there are none b drifts back towards ⅓ each. The chance of a
new top row is the same under each wind, so it drops out of L.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.data.gap import ACTIONS, COLUMNS, STAY, WINDS, State, passes, shift

EVEN = 1 / len(WINDS)
TURN = torch.full((3, 3), (1 - STAY) / 2, dtype=torch.float64).fill_diagonal_(STAY)  # P(k|w)


def first_belief(n: int) -> Tensor:
    """Return b_0 of n games, (n, 3) float64."""
    return torch.full((n, 3), EVEN, dtype=torch.float64)


def forecast(belief: Tensor) -> Tensor:
    """Return the chance of each next wind, (N, 3), from b_t (N, 3)."""
    return belief @ TURN


def update(belief: Tensor, before: State, after: State, dust: bool = True) -> Tensor:
    """Return b_{t+1} (N, 3) of games that are still alive.

    Args:
        belief: b_t, (N, 3).
        before: what frame t shows; its wind is not read.
        after: what frame t + 1 shows; its wind is not read.
        dust: whether the dust is seen.

    Raises:
        ValueError: no wind leads from one frame to the other.
    """
    after_k = [_fits(before, after, k, dust) for k in WINDS]
    joint = forecast(belief) * torch.stack(after_k, 1)  # (N, 3)
    total = joint.sum(1, keepdim=True)
    if (total == 0).any():
        raise ValueError("no wind leads from frame t to frame t + 1")
    return joint / total


def death_chance(belief: Tensor, state: State) -> Tensor:
    """Return the chance of dying in the next step for each action -1, 0, 1, (N, 3)."""
    ahead = forecast(belief)  # (N, 3)
    lowest = state.rows[:, 0]
    chances = []
    for action in ACTIONS:
        x = (state.x + action).clamp(0, COLUMNS - 1)
        hit = [~passes(shift(lowest, torch.tensor(k)), x) for k in WINDS]
        chances.append((ahead * torch.stack(hit, 1)).sum(1))
    return torch.stack(chances, 1)


def _fits(before: State, after: State, k: int, dust: bool) -> Tensor:
    """Return L(k) of each game, (N,) float64."""
    moved = shift(before.rows, torch.tensor(k))  # (N, 5)
    fits = (moved[:, 1:] == after.rows[:, :-1]).all(1)
    fits &= passes(moved[:, 0], after.x)
    if dust:
        fits &= (before.dust + k) % COLUMNS == after.dust
    return fits.double()

"""Solve *gap* exactly: what four players survive, and how the best of each kind plays.

    V(s)    = E[Σ_t γ^t r_t | start in s]: steps survived, later ones counted less
    Q(R, x, k) = alive(R_k, x) (1 + γ E_top[V(fall(R_k), x, k)])    the player stands in x, the wind
                 k blows: R_k are the rows after the shift
    random      V(R, x, w) = ⅓ Σ_a Σ_k P(k|w) Q(R, x + a, k)
    memoryless  plans with P(k) = ⅓ for each wind, whatever blew before; the plan is then judged
                under the real winds. Of actions that its plan finds equally good it takes the first
                (left): 14.50. Staying put instead gives 13.48, drawing one of them 14.20, keeping
                to the walls of the strip 15.36
    optimum     V(R, x, w) = max_a Σ_k P(k|w) Q(R, x + a, k)        remembers w, which two frames
                show
    oracle      V(R, x, w) = Σ_k P(k|w) max_a Q(R, x + a, k)        sees the wind before it moves

16,807 rows x 6 columns x 3 winds = 302,526 states; value iteration (Bellman 1957) until no entry
moves by more than TOLERANCE.
"""

from __future__ import annotations

import itertools
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from core.data.gap import ACTIONS, COLUMNS, EMPTY, GAP, ROWS, STAY, WALL, WINDS

if TYPE_CHECKING:
    from collections.abc import Callable

GAMMA = 0.99
PLAYERS = ("random", "memoryless", "optimum", "oracle")
TOLERANCE = 1e-7
SAME = 1e-5  # two actions whose values differ by less count as equally good
TURN = np.where(np.eye(3, dtype=bool), STAY, (1 - STAY) / 2)  # P(k|w), (w, k)
TARGET = np.clip(np.arange(COLUMNS)[:, None] + np.array(ACTIONS), 0, COLUMNS - 1)  # (x, a): x + a
NUMBERS = 7**ROWS  # of rows
KEPT = 7 ** (ROWS - 1)  # what is left of them when the lowest is gone


@cache
def rows_after_wind() -> np.ndarray:
    """Return the number of each rows after each wind, (16807, 3)."""
    digits = np.arange(NUMBERS)[:, None] // 7 ** np.arange(ROWS) % 7  # (16807, 5): 0, or g + 1
    moved = [np.where(digits == 0, 0, (digits - 1 + k) % COLUMNS + 1) for k in WINDS]
    return np.stack([(m * 7 ** np.arange(ROWS)).sum(1) for m in moved], 1)


@cache
def alive() -> np.ndarray:
    """Return whether a player in column x survives the lowest row after wind k, (7, 6, 3): by that
    row's digit, 0 or g + 1.
    """
    g, x, k = np.arange(-1, 6)[:, None, None], np.arange(6)[:, None], np.array(WINDS)
    return (g == EMPTY) | ((x - g - k) % COLUMNS < GAP)


def action_values(V: np.ndarray) -> np.ndarray:
    """Return Q (16807, 6, 3) by rows, column and the wind that blows, from V (16807, 6, 3)."""
    tops = V.reshape(7, KEPT, 6, 3)  # by the top row
    fallen = (1 - WALL) * tops[0] + WALL / 6 * tops[1:].sum(0)  # (2401, 6, 3): E over the new top
    after = np.stack(
        [fallen[rows_after_wind()[:, k] // 7, :, k] for k in range(3)], -1
    )  # (16807, 6, 3)
    lives = alive()[np.arange(NUMBERS) % 7]  # (16807, 6, 3)
    return lives * (1 + GAMMA * after)


def expected_values(Q: np.ndarray, turn: np.ndarray = TURN) -> np.ndarray:
    """Return Σ_k P(k|w) Q(R, x + a, k) of each action, (16807, 6, 3 a, 3 w)."""
    return (Q @ turn.T)[:, TARGET]


def iterate(backup: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return the fixed point V (16807, 6, 3) of a backup, to TOLERANCE.

    After a few backups all entries still rise together, by a fixed share of the last rise: every
    eighth time the whole rest of that geometric series is added at once. What is returned is held
    to the same tolerance as without.
    """
    V, rise = np.zeros((NUMBERS, COLUMNS, 3)), np.ones(())
    for n in itertools.count():
        new = backup(V)
        last, rise = rise, new - V
        if np.abs(rise).max() < TOLERANCE:
            return new
        if n % 8 == 7:
            share = min(float((rise * last).sum() / (last * last).sum()), GAMMA)
            new += rise * share / (1 - share)
        V = new
    raise AssertionError("a count has no end")


@cache
def plan(player: str) -> np.ndarray:
    """Return the action, as an index of `ACTIONS`, of a planning player in each state.

    Args:
        player: "memoryless": (16807, 6); "optimum": (16807, 6, 3) by the last wind; "oracle":
            (16807, 6, 3) by the wind that is about to blow.
    """
    if player == "memoryless":
        even = np.full((3, 3), 1 / 3)
        V = iterate(lambda V: expected_values(action_values(V), even).max(2))
        return first_best(expected_values(action_values(V), even))[:, :, 0]
    Q = action_values(values("oracle" if player == "oracle" else "optimum"))
    if player == "oracle":
        return first_best(Q[:, TARGET])
    return first_best(expected_values(Q))


def first_best(values: np.ndarray) -> np.ndarray:
    """Return the first action, as an index, that is best up to SAME; actions on axis 2."""
    return (values >= values.max(2, keepdims=True) - SAME).argmax(2).astype(np.int8)


@cache
def values(player: str) -> np.ndarray:
    """Return V (16807, 6, 3) of one of `PLAYERS`, by rows, column and last wind."""
    if player == "random":
        return iterate(lambda V: expected_values(action_values(V)).mean(2))
    if player == "optimum":
        return iterate(lambda V: expected_values(action_values(V)).max(2))
    if player == "oracle":
        return iterate(lambda V: action_values(V)[:, TARGET].max(2) @ TURN.T)
    chosen = plan("memoryless")[:, :, None, None].repeat(3, 3)  # whatever the wind
    return iterate(
        lambda V: np.take_along_axis(expected_values(action_values(V)), chosen, 2)[:, :, 0]
    )


def start_value(player: str) -> float:
    """Return the value of one of `PLAYERS` at the start: empty rows, x and w uniform."""
    return float(values(player)[0].mean())

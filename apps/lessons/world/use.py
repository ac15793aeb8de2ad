"""View "use": futures of a moment, simulated by M and C, for each first action; and what for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.world import minds
from apps.lessons.world.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Turn

if TYPE_CHECKING:
    from torch import Tensor

    from core.data.gap import State
    from core.models.world.rollouts import Futures, Now

FUTURES, STEPS = 300, 10  # of each first action
SEEN, LAST = 4, 16  # frames that have been seen at least, and the game's length
STATES = ("code", "memory", "death", "action")


@dataclass(frozen=True)
class Tried:
    """One moment, its futures, and what is exact of it."""

    now: Now
    dream: Futures
    game: Futures
    values: np.ndarray  # (3,): exact value of each first action, if the optimum plays on
    death: np.ndarray  # (3,): exact chance of dying in the first step


def use(inputs: Inputs) -> Board:
    """Show futures step by step, the share that lives, and which state is simulated for what."""
    tried = compute(inputs.seed)
    frames = []
    for k in range(STEPS + 1):
        view = b.column(
            b.row(
                minds.screen(b.word("now"), minds.frame_of(tried.now.state), "real", 150),
                *(future(tried, k, a) for a in range(3)),
                gap="mid",
            ),
            b.row(alive_bars(tried, k), states_table(), gap="mid"),
            gap="mid",
        )
        frames.append(b.frame(view, b.word("t_n", n=k)))
    dream, game = (minds.ARROWS[int(f.worth.argmax()) - 1] for f in (tried.dream, tried.game))
    best = [minds.ARROWS[a - 1] for a in range(3) if tried.values[a] > tried.values.max() - 0.05]
    return {
        "frames": frames,
        "facts": [
            b.fact(b.word("picked_dream"), dream),
            b.fact(b.word("picked_game"), game),
            b.fact(b.word("picked_exact"), " ".join(best)),
        ],
        "checks": [first_step_law(tried)],
        "turn": turn(tried),
        "tables": {
            "alive": [
                ["step", *(f"{where} {a}" for where in ("dream", "game") for a in (-1, 0, 1))],
                *([k, *tried.dream.alive[:, k].tolist(), *tried.game.alive[:, k].tolist()]
                  for k in range(STEPS + 1)),
            ],
            "exact values": tried.values,
        },
    }  # fmt: skip


@lru_cache(maxsize=32)
def compute(seed: int) -> Tried:
    """Return the moment of a seed's game at which the actions differ most, and its futures."""
    import torch

    from core.data import gap_filter
    from core.models.world.floor import belief_along
    from core.models.world.rollouts import Now, dream_futures, play_futures

    game, memory = minds.record("optimum", seed, LAST), minds.memory()
    player = minds.controller("z+h")
    beliefs = belief_along(game.states)
    values = [exact_values(s, p) for s, p in zip(game.states, beliefs)]
    spread = [np.ptp(v) if t >= SEEN else -1.0 for t, v in enumerate(values)]
    at = int(np.argmax(spread))
    state, belief = game.states[at], beliefs[at]
    now = Now(state, belief, minds.memory_after(game, at))
    draw = torch.Generator().manual_seed(seed)
    dream = dream_futures(memory, player, now, FUTURES, STEPS, draw)
    real = play_futures(minds.vision(), memory, player, now, FUTURES, STEPS, draw)
    death = gap_filter.death_chance(belief, state)[0].numpy()
    return Tried(now, dream, real, values[at], death)


@lru_cache(maxsize=1)
def action_values() -> np.ndarray:
    """Return the optimum's value of each action in each state, (16807, 6, 3 a, 3 w)."""
    from core.data import gap_values

    return gap_values.expected_values(gap_values.action_values(gap_values.values("optimum")))


def exact_values(state: State, belief: Tensor) -> np.ndarray:
    """Return the value of each action under a belief over the last wind, if the optimum goes on."""
    from core.data import gap

    return action_values()[int(gap.rows_number(state.rows)), int(state.x)] @ belief[0].numpy()


def future(tried: Tried, k: int, a: int) -> b.Widget:
    """Return what M dreams k steps after a first action, in one of its futures."""
    lives = k == 0 or bool(tried.dream.lives[k - 1, a])
    arrow = b.word("first_action", a=minds.ARROWS[a - 1])
    if k == 0:
        picture = minds.screen(arrow, np.zeros((16, 16)), "made", 150)
    else:
        picture = minds.screen(arrow, minds.decode(tried.dream.codes[k - 1, a][None]), "made", 150)
    told = b.text(b.word("alive" if lives else "dead_in_dream"), "ink" if lives else "grad", "note")
    return b.column(picture, told, gap="tight")


def alive_bars(tried: Tried, k: int) -> b.Widget:
    """Return the share of the futures in which the player lives after k steps."""
    items = [
        {"label": b.word(f"alive_{where}", a=minds.ARROWS[a - 1]), "v": v, "role": role}
        for a in range(3)
        for where, found, role in (("dream", tried.dream, "made"), ("game", tried.game, "real"))
        for v in [float(found.alive[a, k])]
    ]
    return b.bars(b.word("alive_bars", n=FUTURES), items, 0.0, 1.0)


def states_table() -> b.Widget:
    """Return which state is simulated, by what, and what it serves."""
    parts = ("state", "for")
    heads = [b.head(b.word(f"head_{part}")) for part in parts]
    rows = [[b.cell(b.word(f"{part}_{state}")) for part in parts] for state in STATES]
    return b.table(b.word("states_table"), heads, rows)


def first_step_law(tried: Tried) -> Any:
    """Return the law that the game's shares after a step are draws of the exact chances."""
    from core.models.world.check import binomial_fits

    lived = [round(FUTURES * float(tried.game.alive[a, 1])) for a in range(3)]
    holds = sum(binomial_fits(n, FUTURES, 1 - p) for n, p in zip(lived, tried.death))
    return b.law(b.word("law_first"), holds, 3)


def turn(tried: Tried) -> Turn:
    """Return the exercise: the worth of the first three steps from the shares."""
    share = [round(float(v), 2) for v in tried.dream.alive[2, 1:4]]
    worth = share[0] + 0.99 * share[1] + 0.99**2 * share[2]
    written = ", ".join(f"{v:.2f}" for v in share)
    ask = b.word("turn_use", a=minds.ARROWS[1], s=written)
    return {"ask": ask, "frame": 0, "blanks": [b.blank("Σ γᵏ⁻¹", [worth], "made", "")]}

"""The world model tab: a game that is solved exactly, V, M and C, dreams, and a game to play."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from apps.lessons.shared import nets
from apps.lessons.world import minds, play
from apps.lessons.world.cheat import cheat
from apps.lessons.world.dream import dream
from apps.lessons.world.evolve import evolve
from apps.lessons.world.forecast import forecast
from apps.lessons.world.hand import hand
from apps.lessons.world.heat import heat
from apps.lessons.world.inputs import PLAYERS, Inputs
from apps.lessons.world.remember import remember
from apps.lessons.world.seen import seen
from apps.lessons.world.use import use
from apps.stage import Tab, View
from apps.stage.contract import Check, Functions, Law
from apps.stage.declare import LARGEST_SEED
from apps.stage.server import alone
from core.inputs import InputError, choice, integer, number

MOST_EPISODES, MOST_STEPS = 2000, 100


# ---- the API


def world_values() -> dict:
    """Return what four players survive in the game gap, computed exactly by value iteration.

    Returns:
        "random", "memoryless", "optimum" and "oracle": the expected sum of 0.99^t over the steps
        survived, from the game's start.
    """
    from core.data import gap_values

    return {player: gap_values.start_value(player) for player in gap_values.PLAYERS}


def world_step(state: dict, action: int, seed: int = 0) -> dict:
    """Do one step of the game gap.

    Args:
        state: {"rows": five entries, the lowest first, null for empty or the gap's left edge 0 to
            5, "x": the player's column 0 to 5, "wind": the last wind -1, 0 or 1, "dust": 0 to 5;
            0 where it is missing}.
        action: -1 left, 0 stay, 1 right.
        seed: of the wind and of the new row; the same gives the same step.

    Returns:
        "state" after the step, "alive", the "wind" that blew, and the new "frame", 16 rows of 16
        numbers 0 or 1.

    Raises:
        InputError: an input that is refused, in one sentence that names it.
    """
    import torch

    from core.data import gap

    now = gap.validate(state)
    move = integer("action", action, -1, 1)
    draw = torch.Generator().manual_seed(integer("seed", seed, 0, LARGEST_SEED))
    after, alive = gap.step(now, torch.tensor([move]), draw)
    frame = gap.frames(after)[0, 0].int().tolist()
    told = {"state": gap.plain(after), "alive": bool(alive)}
    return {**told, "wind": int(after.wind[0]), "frame": frame}


def world_play(player: str, episodes: int = 100, seed: int = 0) -> dict:
    """Let a player survive in the real game.

    Args:
        player: "random", "memoryless", "optimum", "oracle", or a trained one, "z" or "z+h".
        episodes: how many games, 2 to 2000.
        seed: of the games; the same gives the same.

    Returns:
        "score", the mean sum of 0.99^t over the steps survived, its "standard_error", and the
        "lengths" of the games, in steps survived.

    Raises:
        InputError: an input that is refused, also where the trained player is not here.
    """
    import torch

    from core.models.world import survival

    who = choice("player", player, PLAYERS)
    n = integer("episodes", episodes, 2, MOST_EPISODES)
    draw = torch.Generator().manual_seed(integer("seed", seed, 0, LARGEST_SEED))
    if who in minds.CONTROLLERS:
        seat = survival.learned_player(minds.controller(who), minds.vision(), minds.memory())
    else:
        seat = survival.exact(who, draw)
    scores = survival.play(seat, n, draw)
    told = {"score": scores.mean, "standard_error": scores.error}
    return {**told, "lengths": scores.length.tolist()}


def world_dream(
    seed: int = 0, steps: int = 20, temperature: float = 1.0, actions: list | None = None
) -> dict:
    """Dream: M goes on by itself from one real frame, an empty field.

    Args:
        seed: of the first frame and of the dream.
        steps: of the dream, 1 to 100.
        temperature: of the dream, 0.05 to 2.
        actions: as many of -1, 0, 1 as there are steps; null for staying.

    Returns:
        "frames" (steps + 1 x 16 x 16), pixel probabilities; "alive" (steps + 1), whether the dream
        has let the player live so far; "mixture" (steps), each {"weights" (K), "means" (K x 8),
        "deviations" (K x 8), "death"} that the next code was drawn from.

    Raises:
        InputError: an input that is refused, in one sentence that names it.
    """
    import torch

    from core.data import gap
    from core.models.world.dreaming import dream_on

    draw = torch.Generator().manual_seed(integer("seed", seed, 0, LARGEST_SEED))
    n = integer("steps", steps, 1, MOST_STEPS)
    heat = number("temperature", temperature, 0.05, 2)
    moves = [0] * n if actions is None else actions
    if not isinstance(moves, (list, tuple)) or len(moves) != n:
        raise InputError("list", field="actions", got=moves, allowed=f"{n} × (-1, 0, 1)")
    moves = [torch.tensor([integer(f"actions[{i}]", a, -1, 1)]) for i, a in enumerate(moves)]
    with torch.no_grad():
        first = minds.vision().encode(gap.frames(gap.start(1, draw)))[0]
        found = dream_on(minds.memory(), [first], moves, heat, draw)
        frames = minds.vision().decode(torch.cat([one.z for one in found]))[:, 0]
    mixture = [
        {
            "weights": one.log_pi[0].exp().tolist(),
            "means": one.mu[0].tolist(),
            "deviations": one.log_sigma[0].exp().tolist(),
            "death": float(one.death.sigmoid()),
        }
        for one in (moment.forecast for moment in found)
        if one
    ]
    alive = [bool(one.alive) for one in found]
    return {"frames": frames.tolist(), "alive": alive, "mixture": mixture}


# ---- the tab


def sources(inputs: Inputs) -> dict[str, Functions]:
    """Return the functions of each view's code drawer, imported on opening: torch takes seconds."""
    from core.data import gap, gap_filter, gap_values
    from core.models.world import (
        by_hand,
        cheating,
        dreaming,
        evolution,
        floor,
        rollouts,
        survival,
        vision,
    )
    from core.models.world.controller import Controller
    from core.models.world.memory import Forecast, Memory

    return {
        "hand": (by_hand.memory_step, Memory.forecast, Forecast.log_density),
        "seen": (vision.Vision.encode, vision.vision_loss, gap.frames),
        "forecast": (gap_filter.update, gap_filter.forecast, floor.exact_forecast, Memory.forward),
        "dream": (dreaming.dream_on, Forecast.draw, dreaming.horizon),
        "heat": (Forecast.draw, survival.dream),
        "evolve": (evolution.evolve, evolution.many, Controller.fill),
        "cheat": (cheating.is_doomed, cheating.watch_cheats, Forecast.draw),
        "remember": (Controller.forward, survival.play, gap_values.action_values),
        "use": (rollouts.dream_futures, rollouts.simulate, Controller.forward),
        "play": (gap.move, gap.draw, Forecast.draw, Memory.remember),
    }


def hand_checks() -> Sequence[Check | Law]:
    """Return the checks of a step by hand, which hold where there is no net."""
    return hand(Inputs()).get("checks", ())


trained = partial(nets.view, needs=(minds.V, minds.M), checks=hand_checks)


TAB = Tab(
    name="world",
    inputs=Inputs,
    views={
        "hand": View(hand),
        "seen": trained(seen),
        "forecast": trained(forecast),
        "dream": trained(dream),
        "heat": trained(heat),
        "evolve": trained(evolve),
        "cheat": trained(cheat),
        "remember": trained(remember),
        "use": trained(use),
        "play": View(trained(play.board).board, live=play.live),
    },
    endpoints=(world_values, world_step, world_play, world_dream),
    sources=sources,
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)

"""View "dream": reality and M's dream side by side, under the same actions."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from apps.lessons.world import minds
from apps.lessons.world.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Turn

if TYPE_CHECKING:
    from core.models.world.dreaming import Horizon, Moment

STEPS = 20  # of the dream
GAMES = 200  # that the curves are means of


def dream(inputs: Inputs) -> Board:
    """Show the real game and the dream moment by moment, and the error by horizon."""
    game, moments = run(inputs.seed, inputs.warm, inputs.temperature)
    curves = measure_horizon(inputs.warm, inputs.temperature)
    frames = []
    for t, moment in enumerate(moments):
        told = t < inputs.warm
        label = b.word("told") if told else b.word("dreamed")
        picture = minds.decode(moment.z)
        action = game.actions[t] if t < len(game.actions) else 0
        view = b.column(
            b.row(
                minds.screen(b.word("real"), minds.frame_of(game.states[t]), "real", 220),
                minds.screen(label, picture, "hidden" if told else "made", 220),
                b.column(
                    b.text(b.word("acts", a=minds.ARROWS[action]), "real", "note"),
                    b.text(b.word("alive" if bool(moment.alive) else "dead_in_dream"),
                           "ink" if bool(moment.alive) else "grad", "note"),
                ),
                gap="mid",
            ),
            horizon_chart(curves, t - inputs.warm + 1),
            gap="mid",
        )  # fmt: skip
        frames.append(b.frame(view, b.word("t_n", n=t)))
    last = min(STEPS, len(curves.dream) - 1)
    return {
        "frames": frames,
        "facts": [
            b.fact(b.word("blur_at", n=last), f"{curves.blur[last]:.1f}"),
            b.fact(b.word("apart_at", n=last), f"{curves.dream[last]:.1f}"),
            b.fact(b.word("other_at", n=last), f"{curves.other[last]:.1f}"),
        ],
        "checks": [density_check(moments, inputs)],
        "turn": turn(),
        "tables": {"horizon": [["step", "dream", "other", "blur"], *(
            [n, *row] for n, row in enumerate(zip(curves.dream, curves.other, curves.blur)))]},
    }  # fmt: skip


@lru_cache(maxsize=32)
def run(seed: int, warm: int, temperature: float) -> tuple[minds.Game, list[Moment]]:
    """Return a game of the exact planner and the dream that follows its actions."""
    import torch

    from core.data import gap
    from core.models.world.dreaming import dream_on

    game = minds.record("optimum", seed, warm - 1 + STEPS)
    with torch.no_grad():
        codes = [minds.vision().encode(gap.frames(one))[0] for one in game.states[:warm]]
    actions = [torch.tensor([a]) for a in game.actions]
    draw = torch.Generator().manual_seed(seed)
    return game, dream_on(minds.memory(), codes, actions, temperature, draw)


@lru_cache(maxsize=32)
def measure_horizon(warm: int, temperature: float) -> Horizon:
    """Return how far dreams come from reality, step by step, of 200 games."""
    import torch

    from core.models.world.dreaming import horizon

    draw = torch.Generator().manual_seed(0)
    return horizon(minds.vision(), minds.memory(), GAMES, warm, STEPS, temperature, draw)


def horizon_chart(found: Horizon, now: int) -> b.Widget:
    """Return the three curves over the steps since the last real frame."""
    return b.chart(
        b.word("horizon_chart", n=GAMES),
        [
            b.series(b.word("curve_dream"), found.dream, "made"),
            b.series(b.word("curve_other"), found.other, "real", dash=True),
            b.series(b.word("curve_blur"), found.blur, "grad"),
        ],
        x=b.word("since"),
        cursor=float(now) if now >= 0 else None,
        low=0,
        width=640,
        height=210,
    )


def density_check(moments: list[Moment], inputs: Inputs) -> Any:
    """Return the check of the first dreamed code's density."""
    from core.models.world.check import density_delta

    first = moments[inputs.warm]
    assert first.forecast
    return b.delta_check(
        density_delta(first.forecast, first.z, first.forecast.log_density(first.z)), 1e-4
    )


def turn() -> Turn:
    """Return the exercise: the wind after many steps nobody saw."""
    choices = [b.word("turn_dream_same"), b.word("turn_dream_third"), b.word("turn_dream_none")]
    return {"ask": b.word("turn_dream"), "frame": 0, "choices": choices, "answer": 1}

"""View "cheat": the frame in which a dream lets the player through a wall, and how often."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from apps.lessons.world import minds
from apps.lessons.world.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Turn

if TYPE_CHECKING:
    from core.models.world.cheating import Cheats

DREAMS, STEPS = 200, 30
HEATS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.15, 1.3)
AROUND = 2  # moments shown before and after


def cheat(inputs: Inputs) -> Board:
    """Show the moments around a cheat, and the shares of cheats and of walls by temperature."""
    found = watch(inputs.temperature, inputs.seed)
    where = first_cheat(found)
    frames = []
    times = [] if where is None else range(max(0, where[0] - AROUND), where[0] + AROUND)
    for t in times:
        assert where is not None
        z, after = found.codes[t, where[1]][None], found.codes[t + 1, where[1]][None]
        here = t == where[0]
        arrow = minds.ARROWS[int(found.actions[t, where[1]])]
        view = b.column(
            b.row(
                minds.screen(b.word("dream_now"), minds.decode(z), "made", 200),
                b.text(arrow, "real", "big"),
                minds.screen(b.word("dream_next"), minds.decode(after), "made", 200),
                gap="mid",
            ),
            b.text(
                b.word("cheat_here" if here else "cheat_around"), "grad" if here else "ink", "wide"
            ),
            heat_chart(inputs),
            gap="mid",
        )
        frames.append(b.frame(view, b.word("t_n", n=t)))
    if not frames:
        frames = [b.frame(b.column(b.text(b.word("no_cheat"), "ink", "wide"), heat_chart(inputs)))]
    return {
        "frames": frames,
        "facts": [
            b.fact(b.word("cheats"), f"{int(found.cheated.sum())} / {int(found.doomed.sum())}"),
            b.fact(b.word("walls_dreamed"), f"{100 * found.walls:.1f} %"),
        ],
        "checks": [doomed_law(found)],
        "turn": turn(),
        "tables": {"by temperature": [["temperature", "through", "walls"], *rows(inputs.seed)]},
    }


@lru_cache(maxsize=32)
def watch(temperature: float, seed: int) -> Cheats:
    """Return what 200 dreams did at a temperature."""
    import torch

    from core.models.world.cheating import watch_cheats

    draw = torch.Generator().manual_seed(seed)
    return watch_cheats(minds.vision(), minds.memory(), DREAMS, STEPS, temperature, draw)


def first_cheat(found: Cheats) -> tuple[int, int] | None:
    """Return time and dream of the first cheat that has moments around it, None without one."""
    at = found.cheated.nonzero().tolist()
    later = [(t, n) for t, n in at if AROUND <= t < STEPS - AROUND]
    return later[0] if later else None


def rows(seed: int) -> list[list[float]]:
    """Return temperature, share of doomed moments let through, share of walls, of each heat."""
    return [[heat, watch(heat, seed).share, watch(heat, seed).walls] for heat in HEATS]


def heat_chart(inputs: Inputs) -> b.Widget:
    """Return both shares over the temperature; the walls' true share is a line."""
    heats, through, walls = zip(*rows(inputs.seed))
    return b.chart(
        b.word("heat_chart"),
        [
            b.series(b.word("curve_through"), through, "grad", x=heats),
            b.series(b.word("curve_walls"), walls, "made", x=heats),
        ],
        x=b.word("temperature"),
        rules=[{"y": 0.2, "label": b.word("walls_true")}],
        cursor=inputs.temperature,
        low=0,
        width=640,
        height=210,
    )


def doomed_law(found: Cheats) -> Any:
    """Return the law that the game itself never lets a doomed player through, each wind tried."""
    import torch

    from core.data import gap

    where = found.doomed.nonzero()[:200]
    holds = 0
    for t, n in where.tolist():
        state = gap.read(minds.vision().decode(found.codes[t, n][None]))
        tried = [
            gap.move(
                state, found.actions[t, n][None], gap.Chance(torch.tensor([k]), torch.tensor([-1]))
            )
            for k in gap.WINDS
        ]
        holds += not any(bool(alive) for _, alive in tried)
    return b.law(b.word("law_doomed"), holds, len(where))


def turn() -> Turn:
    """Return the exercise: why a cold dream is easy."""
    choices = [b.word(f"turn_cold_{name}") for name in ("fast", "empty", "blind")]
    return {"ask": b.word("turn_cold"), "frame": 0, "choices": choices, "answer": 1}

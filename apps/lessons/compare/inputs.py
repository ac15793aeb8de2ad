"""The inputs of the comparison."""

from __future__ import annotations

from dataclasses import dataclass

from apps.stage.declare import button, choice, numeric, slider, switch, typed
from core.measure.comparison import BY_NAME, COUNT, FAMILIES, MOST_SEED, SEED

TITLES = {family.card: family.title for family in FAMILIES}
LABELS = tuple(TITLES[name] for name in BY_NAME)
SORTS = ("family", "parameters", "ms", "frechet", "coverage", "classes")
COSTS = ("ms", "parameters")
MOST_AGAIN = 999


def one_family(default: str) -> str:
    """Declare one of the families."""
    return choice(default, tuple(BY_NAME), labels=LABELS, list=True)


@dataclass(frozen=True)
class Inputs:
    """The lesson's inputs."""

    seed: int = typed(SEED, 0, MOST_SEED, resets=("drawn",))
    pick: int = slider(1, 1, COUNT)
    covered: bool = switch(False)
    sort: str = choice("family", SORTS, list=True)
    again: int = button(0, MOST_AGAIN, resets=("timed",))
    cost: str = choice("ms", COSTS)
    family: str = one_family(FAMILIES[0].card)
    digit: int = slider(42, 0, 99)
    first: str = one_family("vae-mnist")
    second: str = one_family("wgan-gp-mnist")
    order: int = typed(1, 0, MOST_SEED)
    drawn: int = numeric(0, 0, COUNT * len(FAMILIES))  # pieces of new images that are drawn
    timed: int = numeric(0, 0, len(FAMILIES))  # slow families whose time is measured here

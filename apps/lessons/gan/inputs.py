"""The inputs of the GAN lesson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.lessons.gan.nets import DCGAN, NAMES, NETS, SHEET
from apps.lessons.shared import pictures, runs
from apps.stage.declare import (
    LARGEST_SEED,
    Look,
    action,
    choice,
    given,
    numeric,
    seed,
    slider,
    switch,
    typed,
)
from core.inputs import choice as one_of
from core.models.gan import by_hand

LABELS = ("real", "fake")
JUDGES = ("slide", "sure")  # the slide's discriminator, or one that sees through G
D_TYPED = ("x", "w1", "w2")
G_TYPED = ("u", "v1", "v2", "w1", "w2")  # what another discriminator replaces

RATES = (0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
WIDTHS = (4, 8, 16, 32, 64)
DEPTHS = (1, 2, 3, 4)
LOSSES = ("minimax", "non-saturating", "least-squares", "wasserstein", "wgan-gp", "hinge")
TARGETS = ("ring", "grid", "moons", "line", "spiral", "clusters", "drawn")
PRIORS = ("normal", "uniform")
OPTIMIZERS = ("sgd", "momentum", "rmsprop", "adam")
CHARTS = ("losses", "distance", "wasserstein", "gradients", "modes")
MOST_CHARTS = 4
PLAIN = {"g_rate": 0.01, "d_rate": 0.01, "momentum": 0, "d_steps": 1, "pack": 1}
CURES: dict[str, dict[str, Any]] = {  # what each changes of the scene where a mode is lost
    "none": {**PLAIN, "loss": "non-saturating"},
    "pack": {**PLAIN, "loss": "non-saturating", "pack": 4},
    "wgan-gp": {**PLAIN, "loss": "wgan-gp", "d_steps": 3},
    "calm": {**PLAIN, "loss": "non-saturating", "g_rate": 0.002, "d_rate": 0.002},
}

SHOWS = ("directions", "walk", "scores", "classes", "blend", "augment")
REACH = 4.0  # how far a code is moved along a direction
LIST: Look = {"list": True, "half": True}


def charts(field: str, names: Any) -> tuple[str, ...]:
    """Read which curves of a run are shown, one name or several, at most four of them."""
    several = names if isinstance(names, (list, tuple)) else (names,)
    return tuple(one_of(field, name, CHARTS) for name in several)[:MOST_CHARTS]


@dataclass(frozen=True)
class Inputs:
    """The lesson's inputs. `given` ones are typed into a matrix, drawn, or set by a scene."""

    # one step by hand
    label: str = choice("real", LABELS)
    g_loss: str = choice("non-saturating", by_hand.LOSSES)
    judge: str = choice(
        "slide",
        JUDGES,
        resets=G_TYPED,
        brings={"slide": {"rate": 1}, "sure": {"rate": 0.1}},
    )
    rate: float = slider(1.0, 0.1, 5.0, 0.1)
    decimals: int = slider(4, 2, 8, local=True, unless="rounded")
    rounded: bool = switch(False)
    x: Any = given()
    w1: Any = given()
    w2: Any = given()
    u: Any = given()
    v1: Any = given()
    v2: Any = given()

    # two densities on the line
    spread: float = slider(0.5, 0.2, 1.5, 0.1)

    # a run in the plane
    target: str = choice("ring", TARGETS, list=True)
    loss: str = choice("non-saturating", LOSSES, list=True)
    batch: int = choice(128, (8, 32, 64, 128, 256, 512), **LIST)
    latent: int = choice(2, (1, 2), **LIST)
    prior: str = choice("normal", PRIORS, **LIST)
    g_width: int = choice(32, WIDTHS, **LIST)
    g_depth: int = choice(2, DEPTHS, **LIST)
    d_width: int = choice(32, WIDTHS, **LIST)
    d_depth: int = choice(2, DEPTHS, **LIST)
    optimizer: str = choice("adam", OPTIMIZERS, **LIST)
    momentum: float = choice(0.5, (0, 0.5, 0.9), **LIST)
    g_rate: float = choice(0.002, RATES, **LIST)
    d_rate: float = choice(0.002, RATES, **LIST)
    d_steps: int = slider(1, 1, 10)
    clip: float = choice(0.1, (0.01, 0.03, 0.1, 0.3), **LIST)
    penalty: float = choice(1, (0.1, 1, 10), **LIST)
    pack: int = choice(1, (1, 2, 4), **LIST)
    noise: float = slider(0.0, 0.0, 0.5, 0.05)
    sigma: float = numeric(0.08, 0.01, 1.0)
    cure: str = choice(
        "none",
        tuple(CURES),
        list=True,
        brings={name: {**changes, "opening": [0]} for name, changes in CURES.items()},
        restarts=True,
    )
    erase: bool = action(brings={True: {"drawn": [], "target": "ring"}})
    speed: int = choice(20, runs.SPEEDS, list=True)
    seed: int = seed(restarts=True)
    show_surface: bool = switch(True, half=True)
    show_warp: bool = switch(True, half=True)
    show_arrows: bool = switch(True, half=True)
    opening: tuple[int, ...] = given((0,), runs.opening)
    charts: tuple[str, ...] = given(CHARTS[:2], charts)
    drawn: str | runs.Points | None = given((), runs.drawing)

    # trained nets
    model: str = choice(DCGAN, NETS, labels=[NAMES[name] for name in NETS])
    show: str = choice("directions", SHOWS)
    pick: int = slider(1, 1, SHEET)
    other_seed: int = typed(2, 0, LARGEST_SEED)
    way_1: float = slider(0.0, -REACH, REACH, 0.5, half=True)
    way_2: float = slider(0.0, -REACH, REACH, 0.5, half=True)
    way_3: float = slider(0.0, -REACH, REACH, 0.5, half=True)
    way_4: float = slider(0.0, -REACH, REACH, 0.5, half=True)
    digit: int = slider(42, 0, pictures.COUNT - 1, resets=("drawn",))
    clear: bool = action(brings={True: {"drawn": pictures.EMPTY}})
    class_a: int = typed(3, 0, 9, half=True)
    class_b: int = typed(8, 0, 9, half=True)

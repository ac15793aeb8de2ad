"""The inputs of the diffusion lesson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from apps.lessons.shared import pictures, runs
from apps.lessons.shared.chains import MOST_POINTS
from apps.stage import board as b
from apps.stage.declare import action, choice, given, numeric, seed, slider, switch

DIGITS = tuple(map(str, range(10)))
LABELS = (*DIGITS, "any")
KINDS = ("cosine", "linear", "bent")
MIXTURES = ("moons", "ring", "spiral", "rings", "grid", "clusters")  # their score is exact
TARGETS = (*MIXTURES, "pinwheel", "checkerboard", "drawn")
HIDDEN = ("bottom", "top", "left", "right")
COUNTS = ("50", "250", "1000")
PIECES = ("points",)  # what begins a chain anew
EMPTY = {"drawn": pictures.EMPTY, "letter": "none"}


@dataclass(frozen=True)
class Inputs:
    """The inputs that can be set; `drawn` is a picture or points of the plane, by scene."""

    digit: int = slider(25, 0, pictures.COUNT - 1, resets=("drawn", *PIECES), half=True)
    letter: str = choice("none", pictures.LETTERS, resets=("drawn", *PIECES))
    drawn: Any = given(None, runs.drawing)
    clear: bool = action(resets=PIECES, brings={True: EMPTY})
    erase: bool = action(brings={True: {"drawn": [], "target": "drawn"}})
    kind: str = choice("cosine", KINDS)
    half: float = slider(0.3, 0.1, 0.9, 0.05)
    sudden: float = slider(0.5, 0.0, 0.95, 0.05)
    row: int = slider(14, 0, pictures.SIDE - 1, half=True)
    column: int = slider(14, 0, pictures.SIDE - 1, half=True)
    t: int = slider(300, 1, 1000)
    seed: int = seed(restarts=True, resets=PIECES, half=True)
    label: str = choice(
        "any",
        LABELS,
        labels=(*DIGITS, b.word("option.any")),
        list=True,
        resets=PIECES,
        half=True,
        was="class",
    )
    guidance: float = slider(2.0, 0.0, 8.0, 0.5, resets=PIECES)
    steps: int = choice(50, (10, 20, 50, 250, 1000), list=True, resets=PIECES, half=True)
    eta: float = slider(1.0, 0.0, 1.0, 0.1, resets=PIECES)
    points: int = numeric(0, 0, MOST_POINTS)
    most: str = choice("50", COUNTS, labels=COUNTS, list=True, resets=PIECES, half=True)
    hidden: str = choice("bottom", HIDDEN, resets=PIECES)
    fill_steps: int = choice(25, (10, 25, 50, 100), list=True, resets=PIECES, half=True)
    repeats: int = choice(1, (1, 3, 5), list=True, resets=PIECES, half=True)
    landscape: str = choice("moons", MIXTURES, list=True)
    cuts: int = choice(50, (10, 20, 50, 100), list=True, half=True)
    target: str = choice("moons", TARGETS, list=True)
    way: str = choice("ode", ("ode", "sde"))
    show_exact: bool = switch(True)
    opening: tuple[int, ...] = given((0,), runs.opening)
    speed: int = choice(20, runs.SPEEDS, list=True, half=True)
    schedule: str = choice("cosine", KINDS[:2])
    batch: int = choice(256, (64, 128, 256, 512), list=True, half=True)
    width: int = choice(64, (16, 32, 64, 96), list=True, restarts=True, half=True)
    depth: int = choice(3, (1, 2, 3, 4), list=True, restarts=True, half=True)
    rate: float = choice(0.003, (0.0005, 0.001, 0.003, 0.01, 0.03), list=True, half=True)
    sigma: float = slider(0.15, 0.05, 0.4, 0.05, half=True)
    decimals: int = slider(3, 2, 8, local=True)

    @property
    def asked_class(self) -> int | None:
        """The requested class, None for any."""
        return None if self.label == "any" else int(self.label)

    @property
    def picture(self) -> np.ndarray:
        """The scene's picture, (28, 28) in [0, 1]: a drawing, else a letter, else a digit."""
        drawn = pictures.drawing("drawn", self.drawn)
        return pictures.select(drawn, self.digit, self.letter)

    @property
    def dots(self) -> runs.Points:
        """The points that were put into the plane, if they are the target."""
        if self.target != "drawn" or self.drawn is None:
            return ()
        return runs.points("drawn", self.drawn)

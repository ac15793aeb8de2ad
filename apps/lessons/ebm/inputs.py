"""The inputs of the energy-based model lesson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.lessons.shared import pictures, runs
from apps.stage.declare import action, choice, given, numeric, seed, slider, switch
from core.inputs import array

LANDSCAPES = ("clusters", "ring", "grid", "moons", "rings", "pinwheel")
MIXTURES = LANDSCAPES[:3]  # whose curvature is at most 1 / σ²: the limit of a step is 4 σ²
# About a tenth of 4 σ² where there is a σ: what comes to an end that is nearly exp(−E).
FITTING = {"clusters": 0.02, "ring": 0.004, "grid": 0.002, "moons": 0.002, "rings": 0.002,
           "pinwheel": 0.01}  # fmt: skip
TARGETS = ("moons", "ring", "clusters", "spiral", "pinwheel", "checkerboard", "drawn")
STARTS = ("noise", "digit", "drawing")
HEATS = (0.0001, 0.001, 0.01, 1.0)  # temperatures of Langevin's own chains of digits
CROWDS = ("noise", "clothes", "upside-down", "mirrored")  # as core.measure.anomaly has them
MOST_STEPS = 500  # of a chain of digits
LARGEST = 100.0  # magnitude of a typed number
AGAIN = ("points",)  # a chain starts again


def read_pair(name: str, value: Any) -> tuple[float, float]:
    """Read two numbers that are typed into the step by hand."""
    first, second = array(name, value, (2,), LARGEST).tolist()
    return first, second


@dataclass(frozen=True)
class Inputs:
    """What can be set; x, ks and xi are typed, `drawn` is drawn."""

    step_hand: float = slider(0.25, 0.05, 2.0, 0.05)
    decimals: int = slider(3, 2, 8, local=True)
    landscape: str = choice(
        "clusters", LANDSCAPES, list=True, brings={k: {"step": v} for k, v in FITTING.items()}
    )
    mixture: str = choice("clusters", MIXTURES)
    step: float = slider(0.02, 0.002, 0.3, 0.002)
    temperature: float = slider(1.0, 0.25, 4.0, 0.25)
    noise: float = slider(1.0, 0.0, 2.0, 0.1)
    metropolis: bool = switch(False)
    share: float = slider(0.2, 0.05, 0.95, 0.05)
    large: float = slider(1.2, 1.05, 2.0, 0.05)
    wide: float = slider(0.5, 0.05, 1.5, 0.05)
    target: str = choice("ring", TARGETS, list=True)
    batch: int = choice(128, (32, 64, 128, 256), list=True, restarts=True, half=True)
    width: int = choice(48, (8, 16, 32, 48, 64), list=True, restarts=True, half=True)
    depth: int = choice(2, (1, 2, 3, 4), list=True, restarts=True, half=True)
    chain: int = choice(10, (1, 2, 5, 10, 20), list=True)
    step_size: float = choice(0.01, (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2), list=True)
    restart: float = choice(0.05, (0, 0.05, 0.2, 1), list=True, half=True)
    rate: float = choice(0.005, (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02), list=True, half=True)
    alpha: float = choice(0.1, (0, 0.01, 0.1, 1), list=True, half=True)
    speed: int = choice(20, runs.SPEEDS, list=True, half=True)
    seed: int = seed(restarts=True, resets=AGAIN)
    steps: int = slider(300, 50, MOST_STEPS, 50, resets=AGAIN)
    eta: float = slider(2.5, 0.0, 10.0, 0.25, resets=AGAIN)
    sigma: float = slider(0.0025, 0.0, 0.05, 0.0025, resets=AGAIN)
    start: str = choice("noise", STARTS, resets=AGAIN)
    heat: float = choice(1.0, HEATS, labels=["10⁻⁴", "10⁻³", "10⁻²", "1"], resets=AGAIN)
    digit: int = slider(42, 0, pictures.COUNT - 1, resets=("drawn", "points"))
    clear: bool = action(brings={True: {"drawn": pictures.EMPTY, "letter": "none"}}, resets=AGAIN)
    crowd: str = choice("upside-down", CROWDS)
    letter: str = choice("none", pictures.LETTERS, resets=("drawn",))
    opening: tuple[int, ...] = given((0,), runs.opening)
    points: int = numeric(0, 0, 20_000)  # moments of a scene's chains that are computed
    x: tuple[float, float] = given((1.2, -0.8), read_pair)
    ks: tuple[float, float] = given((2.0, 1.0), read_pair)
    xi: tuple[float, float] = given((0.4, -1.2), read_pair)
    drawn: str | runs.Points | None = given(None, runs.drawing)
